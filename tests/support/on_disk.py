"""What `plan --diff` says of an engine's files at this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.edits import edits
from runner.app.load_config import load_config

if TYPE_CHECKING:
    from support.engine import Engine

    from runner.app.edits import Edits


def difference_on_disk(engine: Engine, *, days: int = 3) -> Edits:
    config = load_config(engine.folder / "config.yaml", environ={}, working_folder=engine.folder)
    return edits(
        config, working_folder=engine.folder, first=engine.today(), days=days, now=engine.clock.now()
    )
