"""Give the entries of a campaign file what its `defaults` say; a mistake there is told once, at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.core.check.reading import read_mapping, read_model
from runner.model.campaign_file import ENTRY_S_OWN, DefaultsFile
from runner.model.document import is_null
from runner.model.scripts import SCRIPTS
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.core.check.findings import Findings
    from runner.model.document import Path

MOST_VALUES = 200_000
"""Values of `defaults`, counted once for each entry, as a file's are that repeats them by aliases."""

_AT: Path = ("defaults",)
_CONFIG = "script_config"


def with_defaults(value: object, entries: Sequence[Any], *, findings: Findings) -> list[Any]:
    """Return the entries of a file as if each had said itself what `defaults` says and it does not.

    `script_config` is joined parameter by parameter. `value` is what stands under `defaults`, if anything.
    From here on the findings tell what is wrong in such a part at its place in `defaults`.
    """
    written = None if value is None else read_mapping(value, path=_AT, findings=findings)
    if written is None:
        return list(entries)
    if not written:
        message = "holds no key; write one, e.g. `start_time`, or delete it"
        findings.error(_AT, message, rule=Rule.EMPTY_LIST, at_key=True)
    for key in [key for key in written if key in ENTRY_S_OWN]:
        message = "is an entry's own; write it into each entry"
        findings.error((*_AT, key), message, rule=Rule.UNKNOWN_KEY, at_key=True)
    written = {key: part for key, part in written.items() if key not in ENTRY_S_OWN}
    read_model(DefaultsFile, written, path=_AT, findings=findings)
    if not is_null(written.get(_CONFIG, {})):
        read_mapping(written.get(_CONFIG, {}), path=(*_AT, _CONFIG), findings=findings)
    if _size(written) * len(entries) > MOST_VALUES:
        message = f"too much for {len(entries)} entries, more than {MOST_VALUES} values; split the file"
        findings.error(_AT, message, rule=Rule.TOO_MANY_VALUES, at_key=True)
        return []
    known = DefaultsFile.known_keys()
    taken: set[Path] = set()
    usable = {key: part for key, part in written.items() if key in known}
    filled = [
        _filled(entry, usable, path=("scripts", at), taken=taken, findings=findings)
        for at, entry in enumerate(entries)
    ]
    _warn_of_unused(usable, taken, findings)
    return filled


def _filled(
    entry: object, defaults: Mapping[str, Any], *, path: Path, taken: set[Path], findings: Findings
) -> object:
    if not isinstance(entry, dict):
        return entry
    filled = dict(entry)
    for key, part in defaults.items():
        if key == _CONFIG and isinstance(part, dict):
            _join_config(filled, part, path=path, taken=taken, findings=findings)
        elif key not in entry:
            filled[key] = part
            taken.add((*_AT, key))
            findings.inherit((*path, key), (*_AT, key))
    return filled


def _join_config(
    entry: dict[str, Any], defaults: Mapping[str, Any], *, path: Path, taken: set[Path], findings: Findings
) -> None:
    own = entry.get(_CONFIG, {})
    if not isinstance(own, dict):
        return
    joined = {key: part for key, part in defaults.items() if key not in own and _takes(entry, key)}
    for key in joined:
        taken.add((*_AT, _CONFIG, key))
        findings.inherit((*path, _CONFIG, key), (*_AT, _CONFIG, key))
    taken.add((*_AT, _CONFIG))
    entry[_CONFIG] = {**joined, **own}


def _takes(entry: Mapping[str, Any], parameter: str) -> bool:
    """Tell whether a parameter is for an entry's script: one that only other scripts have is not."""
    model = SCRIPTS.get(str(entry.get("script_name")))
    if model is None or parameter in model.known_keys():
        return True
    return not any(parameter in other.known_keys() for other in SCRIPTS.values())


def _warn_of_unused(defaults: Mapping[str, Any], taken: set[Path], findings: Findings) -> None:
    paths: list[Path] = [(*_AT, key) for key in defaults]
    config = defaults.get(_CONFIG)
    if isinstance(config, dict):
        paths += [(*_AT, _CONFIG, parameter) for parameter in config]
    for path in paths:
        if path not in taken and not findings.has_under(path):
            message = "no entry of the file takes it; delete it"
            findings.warning(path, message, rule=Rule.DEFAULT_UNUSED, at_key=True)


def _size(value: object) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(_size, value))
    return 1
