"""Whether a task that a host shows can be one that we asked for: its arguments against what was sent."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from runner.model.script_targets import TARGET_KEYS, targets_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.tikmatrix import Task


class Likeness(Enum):
    """How a task's arguments compare with those that were sent."""

    SAME = auto()
    """All that was sent is there; a host may add to it."""
    DIFFERENT = auto()
    UNTOLD = auto()
    """The host does not show arguments."""


def likeness(sent: Mapping[str, Any], shown: Task) -> Likeness:
    """Compare a task with the body of a create; `sent` holds the names of secrets in their place.

    A host may trim text, show numbers as text, fill in what was left out, and cut a list of targets down to
    the task's own. It may not lack or change anything else of what was sent.
    """
    if shown.script_args is None:
        return Likeness.UNTOLD
    config, args = sent["script_config"], shown.script_args
    keys = TARGET_KEYS.get(sent["script_name"])
    plain = {key: value for key, value in config.items() if keys is None or key not in keys}
    if not _contains(args, plain):
        return Likeness.DIFFERENT
    if keys is not None and not _names_some(targets_of(keys, args), of=targets_of(keys, config)):
        return Likeness.DIFFERENT
    usernames = sent.get("usernames")
    if usernames and shown.username is not None and shown.username not in usernames:
        return Likeness.DIFFERENT
    return Likeness.SAME


def own_target(sent: Mapping[str, Any], shown: Task) -> str | None:
    """Return the one target that a task shows as its own; None where it shows none or several."""
    keys = TARGET_KEYS.get(sent["script_name"])
    if keys is None or shown.script_args is None:
        return None
    targets = targets_of(keys, shown.script_args)
    return targets[0].strip() if len(targets) == 1 else None


def sent_targets(sent: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the targets that a create's body names; none where its script has no targets."""
    keys = TARGET_KEYS.get(sent["script_name"])
    return () if keys is None else tuple(each.strip() for each in targets_of(keys, sent["script_config"]))


def _names_some(shown: tuple[str, ...], *, of: tuple[str, ...]) -> bool:
    wanted = {target.strip() for target in of}
    # Of a target that is a secret only the name is known here.
    return bool(shown) and (any(map(_is_secret, wanted)) or {target.strip() for target in shown} <= wanted)


def _contains(shown: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    return all(key in shown and _alike(shown[key], value) for key, value in sent.items())


def _alike(shown: Any, sent: Any) -> bool:
    match sent:
        case dict():
            return isinstance(shown, dict) and _contains(shown, sent)
        case list():
            return (
                isinstance(shown, list)
                and len(shown) == len(sent)
                and all(_alike(*pair) for pair in zip(shown, sent, strict=True))
            )
        case _:
            return _is_secret(sent) or _text(shown) == _text(sent)


def _is_secret(value: Any) -> bool:
    return isinstance(value, str) and ("${env:" in value or "${file:" in value)


def _text(value: Any) -> str:
    """Return a scalar as text, so that 1, 1.0 and "1" are the same."""
    match value:
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case None:
            return ""
        case _:
            return str(value).strip()
