"""Write the JSON Schema of campaign and config files, for editors, from the models that check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from runner.model.campaign_file import CampaignFile, EntryFile, GroupFile, LimitsFile, RetryFile
from runner.model.config_file import ConfigFile, HostFile, HttpFile, LogFile, WebFile
from runner.model.fields import REFERENCE, WindowText
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
    definitions["window"] = WindowText().schema()
    definitions["entry"]["allOf"] = [
        {
            "if": {"properties": {"script_name": {"const": name}}, "required": ["script_name"]},
            "then": {"properties": {"script_config": {REFERENCE: f"{name}_config"}}},
        }
        for name in SCRIPTS
    ]
    used: dict[str, Any] = {}
    linked = _linked(root, definitions, used)
    return {"$schema": DIALECT, **linked, "$defs": dict(sorted(used.items()))}


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


def _linked(schema: Any, definitions: dict[str, Any], used: dict[str, Any]) -> Any:
    """Return a schema whose references can be followed, and put what they lead to into `used`."""
    if isinstance(schema, list):
        return [_linked(part, definitions, used) for part in schema]
    if not isinstance(schema, dict):
        return schema
    linked = {key: _linked(part, definitions, used) for key, part in schema.items()}
    name = linked.pop(REFERENCE, None)
    if name is not None:
        linked["$ref"] = f"#/$defs/{name}"
        used[name] = _linked(definitions[name], definitions, used)
    return linked
