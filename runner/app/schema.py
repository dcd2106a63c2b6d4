"""Write the JSON Schema of campaign and config files, for editors, from the models that check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from runner.model.campaign_file import (
    CampaignFile,
    ContentFile,
    DefaultsFile,
    EntryFile,
    GroupFile,
    LimitsFile,
    RetryFile,
)
from runner.model.config_file import CalendarFile, ConfigFile, HostFile, HttpFile, LogFile, WebFile
from runner.model.fields import REFERENCE, WindowText
from runner.model.scripts import NESTED, SCRIPTS

if TYPE_CHECKING:
    from runner.model.fields import FileModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_PARTS: dict[str, type[FileModel]] = {
    "entry": EntryFile,
    "defaults": DefaultsFile,
    "content": ContentFile,
    "group": GroupFile,
    "limits": LimitsFile,
    "retry": RetryFile,
    "calendar": CalendarFile,
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
    if kind == "campaign":
        root["allOf"] = _required_but_for_defaults(definitions)
    definitions["script_config"] = {"type": "object"}
    definitions["window"] = WindowText().schema()
    definitions["entry"]["allOf"] = [_of_script(name, {REFERENCE: f"{name}_config"}) for name in SCRIPTS]
    used: dict[str, Any] = {}
    linked = _linked(root, definitions, used)
    return {"$schema": DIALECT, **linked, "$defs": dict(sorted(used.items()))}


def _required_but_for_defaults(definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what entries need where `defaults` does not give it, and take it out of their parts."""
    given_by_defaults = [key for key in EntryFile.REQUIRED if key in DefaultsFile.known_keys()]
    definitions["entry"]["required"] = [key for key in EntryFile.REQUIRED if key not in given_by_defaults]
    rules = [_unless_default(key, {"required": [key]}) for key in given_by_defaults]
    parameters = [
        _of_script(name, {"required": required})
        for name in SCRIPTS
        if (required := definitions[f"{name}_config"].pop("required", None))
    ]
    return [*rules, _unless_default("script_config", {"allOf": parameters})]


def _unless_default(key: str, entry: dict[str, Any]) -> dict[str, Any]:
    given = {"required": ["defaults"], "properties": {"defaults": {"required": [key]}}}
    return {"if": {"not": given}, "then": {"properties": {"scripts": {"items": entry}}}}


def _of_script(name: str, script_config: dict[str, Any]) -> dict[str, Any]:
    return {
        "if": {"properties": {"script_name": {"const": name}}, "required": ["script_name"]},
        "then": {"properties": {"script_config": script_config}},
    }


def _object(model: type[FileModel], *, closed: bool = True) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    known = model.known_keys()
    schema["properties"] = {key: part for key, part in schema["properties"].items() if key in known}
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
