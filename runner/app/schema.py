"""Write the JSON Schema of campaign and config files, for editors, from the models that check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from runner.model.campaign_file import CampaignFile, EntryFile, GroupFile, LimitsFile, RetryFile
from runner.model.config_file import ConfigFile, HostFile, HttpFile, LogFile, WebFile
from runner.model.fields import Identifier, WindowText
from runner.model.scripts import NESTED, SCRIPTS

if TYPE_CHECKING:
    from runner.model.fields import FileModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_PARTS: dict[str, type[FileModel]] = {
    "entry": EntryFile,
    "group": GroupFile,
    "limits": LimitsFile,
    "retry": RetryFile,
    "host": HostFile,
    "http": HttpFile,
    "log": LogFile,
    "web": WebFile,
    **NESTED,
}


def json_schema(kind: Literal["campaign", "config"]) -> dict[str, Any]:
    """Return the JSON Schema of one kind of file."""
    root = _object(CampaignFile if kind == "campaign" else ConfigFile)
    definitions: dict[str, Any] = {name: _object(model) for name, model in _PARTS.items()}
    definitions |= {f"{name}_config": _object(model, closed=False) for name, model in SCRIPTS.items()}
    definitions["script_config"] = {"type": "object"}
    definitions["names"] = {"type": "array", "items": Identifier().schema()}
    definitions["window"] = WindowText().schema()
    definitions["entry"]["allOf"] = [
        {
            "if": {"properties": {"script_name": {"const": name}}, "required": ["script_name"]},
            "then": {"properties": {"script_config": {"$ref": f"#/$defs/{name}_config"}}},
        }
        for name in SCRIPTS
    ]
    used = _reachable(root, definitions)
    return {"$schema": DIALECT, **root, "$defs": {name: definitions[name] for name in sorted(used)}}


def _object(model: type[FileModel], *, closed: bool = True) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    for described in schema["properties"].values():
        described.pop("title")
        if described.get("default", "") is None:
            del described["default"]
    if model.REQUIRED:
        schema["required"] = list(model.REQUIRED)
    if closed:
        schema["additionalProperties"] = False
    return schema


def _reachable(schema: Any, definitions: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in found:
                found.add(name)
                waiting.append(definitions[name])
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return found
