"""Check what a script is given against the parameters that the TikMatrix API documents for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.core.check.reading import read_known, read_mapping
from runner.core.placeholders import placeholders
from runner.errors import SecretMissing
from runner.model.fields import untyped
from runner.model.script_targets import targets_of
from runner.model.scripts import ANNOUNCED, NESTED, SCRIPTS, ScriptConfig
from runner.model.suggest import did_you_mean, nearest
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from collections.abc import Set as AbstractSet

    from runner.core.check.findings import Findings
    from runner.model.campaign import TargetKind
    from runner.model.document import Path


def check_script_name(name: str, *, extra_scripts: AbstractSet[str], path: Path, findings: Findings) -> bool:
    """Tell whether hosts may be given a script of this name; the findings say why not."""
    if name in SCRIPTS:
        return True
    if name in extra_scripts:
        findings.warning(
            path,
            f"`{name}` is let through unchecked, by the config's `extra_scripts`",
            rule=Rule.EXTRA_SCRIPT,
        )
        return True
    if name in ANNOUNCED:
        message = f"the vendor has only announced `{name}`; use one of {', '.join(SCRIPTS)}"
        message += ", or name it in the config's `extra_scripts` once a host takes it"
        findings.error(path, message, rule=Rule.SCRIPT_ANNOUNCED)
    else:
        findings.error(
            path, f"there is no script `{name}`{did_you_mean(name, SCRIPTS)}", rule=Rule.SCRIPT_UNKNOWN
        )
    return False


def check_script_config(value: object, *, script_name: str, path: Path, findings: Findings) -> dict[str, Any]:
    """Return a script's parameters with their types, exactly those that were written."""
    model = SCRIPTS.get(script_name)
    written = read_mapping(value, path=path, findings=findings)
    if written is None:
        return {}
    if model is None:
        unchecked: dict[str, Any] = untyped(written)
        return unchecked
    return _parameters(model, written, path=path, findings=findings)


def expected_tasks(script_name: str, script_config: dict[str, Any], *, multi_account: bool) -> int | None:
    """Return how many tasks a host makes of one submission; None where only the host knows.

    One per target for follow, unfollow and comment, one otherwise (TikMatrix API, "POST /task").
    """
    model = SCRIPTS.get(script_name)
    if model is None or multi_account:
        return None
    if model.TARGETS is None:
        return 1
    targets = targets_of(model.TARGETS, script_config)
    if any(found.is_secret or found.is_row for target in targets for found in placeholders(target)):
        return None
    return len(targets)


def check_placeholders(
    script_config: dict[str, Any],
    *,
    kinds: AbstractSet[TargetKind],
    secret: Callable[[str], str],
    columns: Collection[str] | None,
    path: Path,
    findings: Findings,
) -> None:
    """Check every `${...}` of a script's parameters; a secret that is missing here is a warning.

    `columns` are those of the entry's content file; None: it has none.
    """
    for where, text in _texts(script_config, path):
        for found in dict.fromkeys(placeholders(text)):
            fault = found.fault(columns=columns)
            if fault is not None:
                findings.error(where, fault, rule=Rule.PLACEHOLDER)
            elif found.is_secret:
                try:
                    secret(str(found.name))
                except SecretMissing as missing:
                    findings.warning(
                        where, f"{missing}; it must be there when the campaign runs", rule=Rule.SECRET_MISSING
                    )
            elif found.name in {"serial", "username"} and any(kind != found.name for kind in kinds):
                other = "a username" if found.name == "serial" else "a serial"
                message = f"`${{{found.name}}}` has no value for a target that is {other}; use another name"
                findings.error(where, message, rule=Rule.PLACEHOLDER_WITHOUT_VALUE)


def _parameters(
    model: type[ScriptConfig], written: dict[str, Any], *, path: Path, findings: Findings
) -> dict[str, Any]:
    known = model.known_keys()
    for key in [key for key in written if key not in known]:
        match = nearest(key, known)
        if match is not None:
            message = f"there is no such parameter; did you mean `{match}`?"
            findings.error((*path, key), message, rule=Rule.PARAMETER_UNKNOWN, at_key=True)
        else:
            message = "not a documented parameter; passed on unchecked, in case the host knows it"
            findings.warning((*path, key), message, rule=Rule.PARAMETER_UNDOCUMENTED, at_key=True)
    fields = {key: value for key, value in written.items() if key in known}
    read = read_known(model, fields, path=path, findings=findings)
    for at, message in read.faults():
        findings.error((*path, at), message, rule=Rule.PARAMETERS_DISAGREE)
    typed: dict[str, Any] = {}
    for key, value in written.items():
        if key in NESTED:
            nested = read_mapping(value, path=(*path, key), findings=findings)
            if nested is not None:
                typed[key] = _parameters(NESTED[key], nested, path=(*path, key), findings=findings)
        elif key not in known:
            typed[key] = untyped(value)
        elif key in read.model_fields_set:
            typed[key] = getattr(read, key)
    _check_secrets(typed, path=path, findings=findings)
    if model.TARGETS is not None:
        _check_targets(model.TARGETS, written, typed, path=path, findings=findings)
    return typed


def _check_secrets(typed: dict[str, Any], *, path: Path, findings: Findings) -> None:
    key = typed.get("api_key")
    if isinstance(key, str) and not any(found.is_secret for found in placeholders(key)):
        message = "a secret in a file that others may read; write ${env:NAME} or ${file:PATH}"
        findings.warning((*path, "api_key"), message, rule=Rule.SECRET_IN_FILE)


def _check_targets(
    keys: tuple[str, str],
    written: dict[str, Any],
    typed: dict[str, Any],
    *,
    path: Path,
    findings: Findings,
) -> None:
    many, one = keys
    if many not in written and one not in written:
        findings.error(
            path, f"`{many}` is missing; write a list: {many}: [...]", rule=Rule.MISSING_KEY, at_key=True
        )
    elif not targets_of(keys, typed) and (many in typed or one in typed):
        key = many if many in typed else one
        findings.error((*path, key), "names no target; write at least one", rule=Rule.NO_TARGET)
    seen: set[str] = set()
    told: set[tuple[str, Path]] = set()
    for position, target in enumerate(targets_of(keys, typed)):
        at: Path = (*path, many, position) if many in typed else (*path, one)
        if target in seen and (target, at) not in told:
            told.add((target, at))
            findings.error(at, f"`{target}` is given twice; keep one", rule=Rule.GIVEN_TWICE)
        seen.add(target)


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, (*path, key))
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _texts(part, (*path, position))
