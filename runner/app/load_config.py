"""Load the config: from a file to what is in force, or to every problem in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import read_file, shown_path
from runner.adapters.config_source import NAME, SYSTEM, VARIABLE, find_config
from runner.adapters.event_files import event_days
from runner.adapters.holiday_days import public_holidays
from runner.adapters.secrets import Secrets
from runner.adapters.yaml_documents import read_document
from runner.app.loaded import LoadedConfig
from runner.core.check.config import check_config
from runner.errors import FilesRejected, Problem, Severity
from runner.model.document import MOST_BYTES
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path


def load_config(
    config_path: Path | None, *, environ: Mapping[str, str], working_folder: Path
) -> LoadedConfig:
    """Load the config that is named, or found in the documented order; raises FilesRejected."""
    path = find_config(config_path, environ=environ, working_folder=working_folder)
    if path is None:
        message = f"no config; looked for --config, ${VARIABLE}, ./{NAME} and {SYSTEM}"
        raise FilesRejected(
            [of_whole_file(NAME, f"{message}; `campaign-runner init` writes one", Rule.CONFIG_MISSING)]
        )
    file = shown_path(path, working_folder=working_folder)
    read = read_file(path, most_bytes=MOST_BYTES)
    if read.unread is not None:
        raise FilesRejected([of_whole_file(file, read.unread, read.rule)])
    folder = path.resolve().parent
    calendar_files: list[Path] = []

    def events(name: str, timezone: str) -> dict[date, str]:
        calendar_files.append(folder / name)
        return event_days(folder / name, timezone)

    config, problems = check_config(
        read_document(read.content, file=file), folder=folder, holidays=public_holidays, events=events
    )
    if config is None:
        raise FilesRejected(problems, calendar_files=calendar_files)
    secrets = Secrets(environ=environ, folder=folder)
    return LoadedConfig(config, problems, secrets, folder, tuple(calendar_files))


def of_whole_file(file: str, message: str, rule: Rule) -> Problem:
    """Return an error that is at no place of a file."""
    return Problem(file, 1, 1, Severity.ERROR, message, rule)
