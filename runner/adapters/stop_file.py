"""The file by which work is stopped when nothing else answers: where it is, and what stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.adapters.ledger.dialect import database_url, sqlite_file
from runner.model.halt import Depth

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES = 64


def stop_file_path(store: str, *, config_folder: Path) -> Path:
    """Return where the file is: beside a SQLite store, else in `state` beside the config.

    Raises LedgerUnavailable where the config's store is none that we can work with.
    """
    file = sqlite_file(database_url(store))
    return (config_folder / "state" if file is None else file.parent) / "STOP"


def read_stop_file(path: Path) -> Depth | None:
    """Return the depth that the file stands for, None where there is no file.

    One that cannot be read, or holds anything but `withdraw` or `stop`, stands for no new submissions.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return Depth.SUBMIT
    # PowerShell writes UTF-16 with a byte order mark.
    word = content.replace(b"\0", b"").decode("ascii", "ignore").strip().lower()
    return next((depth for depth in Depth if depth.value == word), Depth.SUBMIT)
