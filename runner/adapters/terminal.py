"""Say whether a stream is a terminal, and whether it is to get colours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO


def wants_colours(stream: TextIO) -> bool:
    """Return whether a stream is a terminal whose owner has not asked for plain text (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
