"""Read one mapping of a document as a model of its keys; what is wrong in it hides nothing else of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from runner.model.document import is_null
from runner.model.fields import Identifier
from runner.model.misfit import Misfit, rule_of
from runner.model.reader import FileModel
from runner.model.suggest import did_you_mean
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.core.check.findings import Findings
    from runner.model.document import Path

Model = TypeVar("Model", bound=FileModel)

_NAME = Identifier()
_NO_LIST = Misfit("write a list, e.g. [one, two]", rule=Rule.WRONG_TYPE)


def read_model(model: type[Model], value: object, *, path: Path, findings: Findings) -> Model:
    """Return the mapping at `path` as `model`, without the keys that do not check."""
    fields = read_mapping(value, path=path, findings=findings)
    if fields is None:
        return model()
    known = model.known_keys()
    for key in fields:
        if key not in known:
            message = f"there is no such key{did_you_mean(key, known)}"
            findings.error((*path, key), message, rule=Rule.UNKNOWN_KEY, at_key=True)
    return read_known(model, {k: v for k, v in fields.items() if k in known}, path=path, findings=findings)


def read_known(model: type[Model], fields: Mapping[str, object], *, path: Path, findings: Findings) -> Model:
    """Return fields that are all known to `model`, without those that do not check."""
    for key in model.REQUIRED:
        if key not in fields:
            findings.error(path, f"`{key}` is missing; add it", rule=Rule.MISSING_KEY, at_key=True)
    written: dict[str, object] = {}
    for key, part in fields.items():
        if is_null(part):
            message = "has no value; write one, or delete the key (text that begins with # needs quotes)"
            findings.error((*path, key), message, rule=Rule.NO_VALUE, at_key=True)
        else:
            written[key] = part
    try:
        return model.model_validate(written)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    for detail in details:
        # What is not ours is `list_type`: every other field reads for itself and raises ValueError.
        fault = detail.get("ctx", {}).get("error") or _NO_LIST
        findings.error((*path, *detail["loc"]), str(fault), rule=rule_of(fault))
    wrong = {detail["loc"][0] for detail in details}
    return model.model_validate({key: part for key, part in written.items() if key not in wrong})


def read_mapping(value: object, *, path: Path, findings: Findings) -> dict[str, Any] | None:
    """Return the mapping at `path`; None, and a finding, where something else stands there."""
    if isinstance(value, dict):
        return value
    findings.error(path, "write keys with values here, e.g. `name: value`", rule=Rule.WRONG_TYPE)
    return None


def read_named(value: object, *, path: Path, findings: Findings) -> dict[str, Any]:
    """Return the things that a mapping at `path` names; a name that is none is a finding."""
    named = {} if value is None else read_mapping(value, path=path, findings=findings) or {}
    for name in named:
        try:
            _NAME.read(name)
        except ValueError as error:
            findings.error((*path, name), f"`{name[:40]}`: {error}", rule=rule_of(error), at_key=True)
    return named


def read_list(value: object, *, path: Path, findings: Findings) -> list[Any]:
    """Return the list at `path`; an empty one, and a finding, where something else stands there."""
    if isinstance(value, list):
        return value
    if value is not None:
        findings.error(path, "write a list: each item on a line that begins with `- `", rule=Rule.WRONG_TYPE)
    return []
