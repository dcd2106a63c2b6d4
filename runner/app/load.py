"""Load the campaigns, after the config: from files to what is in force, or to every problem in them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import FileText, read_file, read_folder, shown_path
from runner.adapters.content_files import ContentFiles
from runner.adapters.holiday_days import public_holidays
from runner.adapters.yaml_documents import read_document
from runner.app.collection import without_collection
from runner.app.load_config import load_config, of_whole_file
from runner.app.loaded import CheckedFile, Loaded, LoadedConfig, together
from runner.model.day_fields import HOLIDAYS
from runner.model.document import MOST_BYTES, spot_of
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from runner.errors import Problem
    from runner.model.campaign import Campaign
    from runner.model.settings import Config

_NONE: Mapping[str, str | None] = MappingProxyType({})


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
            why = f"the folder cannot be read: {error.strerror or error}"
            unread.append(of_whole_file(folder, why, Rule.FILE_UNREAD))
    checked = load_texts(
        {shown_path(text.path, working_folder=working_folder): text for text in texts},
        config=loaded.config,
        secret=loaded.secrets.look_up,
        working_folder=working_folder,
    )
    problems = (*loaded.problems, *unread, *checked.problems)
    return Loaded(
        settings, checked.campaigns, problems, checked.rejected, checked.contents, complete=not unread
    )


def load_texts(
    texts: Mapping[str, FileText],
    *,
    config: Config,
    secret: Callable[[str], str],
    working_folder: Path | None = None,
) -> Loaded:
    """Check campaign files that have been read, by the names under which problems show them.

    Content files are read here, from beside them. `working_folder` is that from which their paths are shown.
    """
    checked = check_texts(texts, config=config, secret=secret, working_folder=working_folder)
    return together(checked, settings=config.settings)


def check_texts(
    texts: Mapping[str, FileText],
    *,
    config: Config,
    secret: Callable[[str], str],
    working_folder: Path | None = None,
) -> tuple[CheckedFile, ...]:
    """Check files each for itself; see `load_texts`."""
    fingerprint = config.fingerprint()
    folder = working_folder or Path.cwd()
    with without_collection():
        return tuple(
            _checked(file, text, config=config, fingerprint=fingerprint, secret=secret, working_folder=folder)
            for file, text in texts.items()
        )


def _checked(
    file: str,
    text: FileText,
    *,
    config: Config,
    fingerprint: str,
    secret: Callable[[str], str],
    working_folder: Path,
) -> CheckedFile:
    if text.unread is not None:
        return CheckedFile(file, text.path, problems=(of_whole_file(file, text.unread, text.rule),))
    from runner.core.check.campaign import check_campaign  # noqa: PLC0415 - there may be no file

    document = read_document(text.content, file=file)
    beside = ContentFiles(text, working_folder=working_folder)
    campaign, problems = check_campaign(
        document,
        stem=text.path.stem,
        config=config,
        secret=secret,
        sheet=beside.sheet,
        version=_version(text.digest, fingerprint),
        holidays=public_holidays,
    )
    if campaign is not None:
        version = _version(text.digest, fingerprint, {one.name: one.text for one in beside.read})
        campaign = _with_holidays(replace(campaign, version=version))
    return CheckedFile(
        file,
        text.path,
        campaign,
        spot_of(document.place, ("name",)),
        problems,
        contents=tuple(beside.read),
        is_list=isinstance(document.value, list),
    )


def version_of(digest: str, *, config: Config, contents: Mapping[str, str] | None = None) -> str:
    """Return the version of a campaign whose file has these bytes, under a config.

    `contents` are the texts of its content files, by the names that it gives them.
    """
    return _version(digest, config.fingerprint(), contents or {})


def _version(digest: str, fingerprint: str, contents: Mapping[str, str | None] = _NONE) -> str:
    parts = [digest, fingerprint]
    parts += [
        f"{name}:{sha256((text or '').encode()).hexdigest()}" for name, text in sorted(contents.items())
    ]
    return sha256("\n".join(parts).encode()).hexdigest()


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
