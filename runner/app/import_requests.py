"""Make a campaign file of request bodies that people send to hosts with curl or scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from runner.adapters.campaign_folder import FileText
from runner.app.load import load_texts
from runner.core.campaign_text import campaign_text
from runner.core.placeholders import render
from runner.core.requests import Draft, campaign_of, draft
from runner.errors import RunnerError, Severity
from runner.model.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.app.loaded import Loaded, LoadedConfig

_FILE = "imported.yaml"


@dataclass(frozen=True, slots=True)
class Imported:
    """A campaign file that checks, and what is not in it."""

    text: str
    remarks: tuple[str, ...]
    carried: int
    left_out: int


def import_requests(
    read: FileText, *, config: LoadedConfig, start_time: str | None, host: str | None
) -> Imported:
    """Return a campaign file that does what some requests did.

    The file holds one request body, a list of them, or one in each line. `start_time` is for bodies that name
    none; `host` may be left out where the config has one.

    Raises:
        RunnerError: the file cannot be read, no host is meant, or nothing of it can be carried over.
    """
    if read.unread is not None:
        raise RunnerError(f"{read.path}: {read.unread}")
    placed = _placed_on(host, config=config)
    remarks: list[str] = []
    drafts: list[Draft] = []
    bodies = list(_bodies(read))
    for name, body in bodies:
        found = draft(body, start_time=start_time)
        why = found if isinstance(found, str) else _problem(found, config=config, host=placed)
        if isinstance(found, str) or why is not None:
            remarks.append(f"{name} is left out: {why}")
        elif found in drafts:
            remarks.append(f"{name} is left out: it is the same as one before it")
        else:
            drafts.append(found)
            remarks += [f"{name}: {remark}" for remark in (*found.remarks, *_retyped(found, config, placed))]
    if not drafts:
        raise RunnerError("\n".join(["nothing can be carried over", *remarks]))
    text = _text(drafts, host=placed, title=f"Made of {read.path.name} by `campaign-runner import`.")
    for problem in _checked(text, config=config).problems:
        if problem.severity is Severity.ERROR:
            raise RunnerError(f"together they make no campaign: {problem.message}; import fewer at a time")
    return Imported(text, tuple(remarks), len(drafts), len(bodies) - len(drafts))


def _placed_on(host: str | None, *, config: LoadedConfig) -> str | None:
    known = list(config.config.settings.hosts)
    if host is not None and host not in known:
        raise RunnerError(f"there is no host `{host}`{did_you_mean(host, known)}")
    if host is None and len(known) > 1:
        raise RunnerError(f"say with --host which host they are for: {', '.join(known)}")
    return host if len(known) > 1 else None


def _bodies(read: FileText) -> Iterator[tuple[str, Any]]:
    try:
        text = read.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RunnerError(f"{read.path}: this is not UTF-8, from byte {error.start} on") from None
    try:
        whole = _json(text)
    except ValueError as error:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2:  # noqa: PLR2004 - one line cannot be a list of lines
            raise RunnerError(f"{read.path}: this is no JSON: {error}") from None
        yield from _lines(lines, read=read)
        return
    if isinstance(whole, list):
        yield from ((f"request {number}", body) for number, body in enumerate(whole, 1))
    else:
        yield "the request", whole


def _lines(lines: Sequence[tuple[int, str]], *, read: FileText) -> Iterator[tuple[str, Any]]:
    for number, line in lines:
        try:
            yield f"line {number}", _json(line)
        except ValueError as error:
            raise RunnerError(f"{read.path}:{number}: this is no JSON: {error}") from None


def _json(text: str) -> Any:
    def refuse(name: str) -> NoReturn:
        raise ValueError(f"{name} is no number")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _problem(one: Draft, *, config: LoadedConfig, host: str | None) -> str | None:
    """Return why a request cannot be an entry, as the check of campaign files says it."""
    try:
        found = _checked(_text([one], host=host, title=""), config=config)
    except UnicodeEncodeError:
        return "it holds half a character; write it as UTF-8"
    for problem in found.problems:
        if problem.severity is Severity.ERROR:
            return problem.message
    return None


def _retyped(one: Draft, config: LoadedConfig, host: str | None) -> Iterator[str]:
    """Yield the parameters that will go as another type than the request gave them."""
    (campaign,) = _checked(_text([one], host=host, title=""), config=config).campaigns
    (entry,) = campaign.entries
    sent = render(entry.script_config, names={}, secret="${{{}}}".format)
    meant = render(one.entry["script_config"], names={}, secret="${{{}}}".format)
    for name, value in meant.items():
        if json.dumps(sent.get(name)) != json.dumps(value):
            yield f"`{name}` goes as {json.dumps(sent.get(name))}, not as {json.dumps(value)}"


def _text(drafts: Sequence[Draft], *, host: str | None, title: str) -> str:
    return campaign_text(campaign_of(drafts, host=host), title=title)


def _checked(text: str, *, config: LoadedConfig) -> Loaded:
    read = FileText(Path(_FILE), text.encode(), contents={})
    return load_texts({_FILE: read}, config=config.config, secret=str)
