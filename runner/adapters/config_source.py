"""Find the config file in the documented order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "CAMPAIGN_RUNNER_CONFIG"
NAME = "config.yaml"
SYSTEM = Path("/etc/campaign-runner/config.yaml")


def find_config(named: Path | None, *, environ: Mapping[str, str], working_folder: Path) -> Path | None:
    """Return the absolute path of the config file; None where none was named and none is found.

    A file that a person or the environment named is returned even if it does not exist: another one must not
    silently take its place.
    """
    chosen = named or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    if chosen is not None:
        return working_folder / chosen
    candidates = (working_folder / NAME, SYSTEM)
    return next((candidate for candidate in candidates if candidate.is_file()), None)
