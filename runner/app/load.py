"""Load the config and the campaigns: from files to what is in force, or to every problem in them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import FileText, read_file, read_folder
from runner.adapters.config_source import NAME, SYSTEM, VARIABLE, find_config
from runner.adapters.secrets import Secrets
from runner.adapters.yaml_documents import MOST_BYTES, read_document
from runner.core.check import Config, check_campaign, check_config, clashing_names
from runner.errors import FilesRejected
from runner.model.document import one_line
from runner.model.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from runner.model.campaign import Campaign
    from runner.model.document import Document
    from runner.model.settings import Settings


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the files say. Each campaign file stands for itself: a broken one keeps no other out."""

    settings: Settings
    campaigns: tuple[Campaign, ...]
    problems: tuple[Problem, ...]
    """Errors and warnings of all files, in their order."""
    rejected: tuple[str, ...] = ()
    """The files that are there but do not check, as problems call them."""
    complete: bool = True
    """Was the folder read? If not, a campaign that is missing here has not been deleted."""

    @property
    def broken(self) -> bool:
        """Is any problem an error?"""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A config that checks, its warnings, and the secrets that are looked up from its folder."""

    config: Config
    problems: tuple[Problem, ...]
    secrets: Secrets
    folder: Path


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
        raise FilesRejected([_whole(NAME, f"{message}; `campaign-runner init` writes one")])
    file = shown_path(path, working_folder=working_folder)
    read = read_file(path, most_bytes=MOST_BYTES)
    if read.unread is not None:
        raise FilesRejected([_whole(file, read.unread)])
    folder = path.resolve().parent
    config, problems = check_config(read_document(read.content, file=file), folder=folder)
    if config is None:
        raise FilesRejected(problems)
    return LoadedConfig(config, problems, Secrets(environ=environ, folder=folder), folder)


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
            unread.append(_whole(folder, f"the folder cannot be read: {error.strerror or error}"))
    checked = load_texts(
        {shown_path(text.path, working_folder=working_folder): text for text in texts},
        config=loaded.config,
        secret=loaded.secrets.look_up,
    )
    problems = (*loaded.problems, *unread, *checked.problems)
    return Loaded(settings, checked.campaigns, problems, checked.rejected, complete=not unread)


def load_texts(texts: Mapping[str, FileText], *, config: Config, secret: Callable[[str], str]) -> Loaded:
    """Check campaign files that have been read, by the names under which problems show them."""
    problems: dict[str, tuple[Problem, ...]] = {}
    good: list[tuple[Campaign, Document]] = []
    fingerprint = config.fingerprint()
    for file, text in texts.items():
        if text.unread is not None:
            problems[file] = (_whole(file, text.unread),)
            continue
        document = read_document(text.content, file=file)
        version = sha256(f"{text.digest}\n{fingerprint}".encode()).hexdigest()
        campaign, problems[file] = check_campaign(
            document, stem=text.path.stem, config=config, secret=secret, version=version
        )
        if campaign is not None:
            good.append((campaign, document))
    for clash in clashing_names(good):
        problems[clash.file] = (*problems[clash.file], clash)
    rejected = _rejected(problems)
    campaigns = tuple(campaign for campaign, _ in good if campaign.file not in rejected)
    every = tuple(problem for found in problems.values() for problem in found)
    return Loaded(config.settings, campaigns, every, tuple(rejected))


def shown_path(path: Path, *, working_folder: Path) -> str:
    """Return a path as people see it: relative to the working folder where it lies below it."""
    whole = path if path.is_absolute() else working_folder / path
    shown = whole.relative_to(working_folder) if whole.is_relative_to(working_folder) else whole
    # A name on disk may be no valid text; what cannot be shown becomes a replacement character.
    return one_line(shown.as_posix().encode(errors="surrogateescape").decode(errors="replace"))


def _rejected(problems: Mapping[str, Iterable[Problem]]) -> dict[str, None]:
    return {
        file: None
        for file, found in problems.items()
        if any(problem.severity is Severity.ERROR for problem in found)
    }


def _whole(file: str, message: str) -> Problem:
    return Problem(file, 1, 1, Severity.ERROR, message)
