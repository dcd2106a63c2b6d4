"""Read the config and the campaigns for a command: from --config, the environment and the working folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from runner.app.load_config import load_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.app.loaded import Loaded, LoadedConfig
    from runner.model.settings import Settings


def settings_of(config: Path | None) -> Settings:
    """Return the settings of the config that is in use; raises FilesRejected."""
    return config_of(config).config.settings


def config_of(config: Path | None) -> LoadedConfig:
    """Return the config that is in use; raises FilesRejected."""
    return load_config(config, environ=os.environ, working_folder=Path.cwd())


def loaded_of(config: Path | None, *, files: Sequence[Path] | None = None) -> Loaded:
    """Return the config and its campaigns, or `files` instead of those; raises FilesRejected."""
    from runner.app.load import load  # noqa: PLC0415 - most commands that read the store check no campaign

    return load(config, environ=os.environ, working_folder=Path.cwd(), files=files)
