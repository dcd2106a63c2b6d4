"""Load the config and the campaigns: from files to what is in force, or to every problem in them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import FileText, read_file, read_folder, shown_path
from runner.adapters.config_source import NAME, SYSTEM, VARIABLE, find_config
from runner.adapters.event_files import event_days
from runner.adapters.holiday_days import public_holidays
from runner.adapters.secrets import Secrets
from runner.adapters.yaml_documents import read_document
from runner.app.collection import without_collection
from runner.app.loaded import Loaded, LoadedConfig
from runner.core.check import check_campaign, check_config, clashing_names
from runner.errors import FilesRejected, Problem, Severity
from runner.model.day_fields import HOLIDAYS
from runner.model.document import MOST_BYTES, spot_of
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from runner.model.campaign import Campaign
    from runner.model.document import Spot
    from runner.model.settings import Config


def load(
    config_path: Path | None,
    *,
    environ: Mapping[str, str],
    working_folder: Path,
    files: Sequence[Path] | None = None,
) -> Loaded:
    """Load the config, and the campaigns of its folder; where `files` are given, those instead.

    Raises FilesRejected where the config does not check: without it no campaign can be read.
    """
    loaded = load_config(config_path, environ=environ, working_folder=working_folder)
    return load_campaigns(loaded, working_folder=working_folder, files=files)


def load_config(
    config_path: Path | None, *, environ: Mapping[str, str], working_folder: Path
) -> LoadedConfig:
    """Load the config that is named, or found in the documented order; raises FilesRejected."""
    path = find_config(config_path, environ=environ, working_folder=working_folder)
    if path is None:
        message = f"no config; looked for --config, ${VARIABLE}, ./{NAME} and {SYSTEM}"
        raise FilesRejected(
            [_whole(NAME, f"{message}; `campaign-runner init` writes one", Rule.CONFIG_MISSING)]
        )
    file = shown_path(path, working_folder=working_folder)
    read = read_file(path, most_bytes=MOST_BYTES)
    if read.unread is not None:
        raise FilesRejected([_whole(file, read.unread, read.rule)])
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


def load_campaigns(
    loaded: LoadedConfig, *, working_folder: Path, files: Sequence[Path] | None = None
) -> Loaded:
    """Load the campaigns of the config's folder, or `files` instead."""
    settings = loaded.config.settings
    texts: tuple[FileText, ...] = ()
    unread: list[Problem] = []
    if files is not None:
        texts = tuple(read_file(working_folder / path, most_bytes=MOST_BYTES) for path in files)
    else:
        try:
            texts = read_folder(settings.campaigns, most_bytes=MOST_BYTES)
        except OSError as error:
            folder = shown_path(settings.campaigns, working_folder=working_folder)
            unread.append(
                _whole(folder, f"the folder cannot be read: {error.strerror or error}", Rule.FILE_UNREAD)
            )
    checked = load_texts(
        {shown_path(text.path, working_folder=working_folder): text for text in texts},
        config=loaded.config,
        secret=loaded.secrets.look_up,
    )
    problems = (*loaded.problems, *unread, *checked.problems)
    return Loaded(settings, checked.campaigns, problems, checked.rejected, complete=not unread)


def load_texts(texts: Mapping[str, FileText], *, config: Config, secret: Callable[[str], str]) -> Loaded:
    """Check campaign files that have been read, by the names under which problems show them."""
    with without_collection():
        return _checked(texts, config=config, secret=secret)


def _checked(texts: Mapping[str, FileText], *, config: Config, secret: Callable[[str], str]) -> Loaded:
    problems: dict[str, tuple[Problem, ...]] = {}
    good: list[tuple[Campaign, Spot]] = []
    fingerprint = config.fingerprint()
    for file, text in texts.items():
        if text.unread is not None:
            problems[file] = (_whole(file, text.unread, text.rule),)
            continue
        document = read_document(text.content, file=file)
        version = sha256(f"{text.digest}\n{fingerprint}".encode()).hexdigest()
        campaign, problems[file] = check_campaign(
            document,
            stem=text.path.stem,
            config=config,
            secret=secret,
            version=version,
            holidays=public_holidays,
        )
        if campaign is not None:
            good.append((_with_holidays(campaign), spot_of(document.place, ("name",))))
    for clash in clashing_names(good):
        problems[clash.file] = (*problems[clash.file], clash)
    rejected = _rejected(problems)
    campaigns = tuple(campaign for campaign, _ in good if campaign.file not in rejected)
    every = tuple(problem for found in problems.values() for problem in found)
    return Loaded(config.settings, campaigns, every, tuple(rejected))


def _with_holidays(campaign: Campaign) -> Campaign:
    """Return a campaign whose version is another one where a new release knows other holidays."""
    codes = [
        days.label.removeprefix(HOLIDAYS) for days in campaign.excluded if days.label.startswith(HOLIDAYS)
    ]
    if not codes:
        return campaign
    known = "\n".join((campaign.version, *map(_digest_of_holidays, codes)))
    return replace(campaign, version=sha256(known.encode()).hexdigest())


@cache
def _digest_of_holidays(code: str) -> str:
    return sha256(repr(public_holidays(code).days).encode()).hexdigest()


def _rejected(problems: Mapping[str, Iterable[Problem]]) -> dict[str, None]:
    return {
        file: None
        for file, found in problems.items()
        if any(problem.severity is Severity.ERROR for problem in found)
    }


def _whole(file: str, message: str, rule: Rule) -> Problem:
    return Problem(file, 1, 1, Severity.ERROR, message, rule)
