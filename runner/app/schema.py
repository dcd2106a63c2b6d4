"""Write the JSON Schema of campaign and config files, for editors, from the models that check them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from runner.core.campaign_text import block_text, flow_text
from runner.model.campaign_file import (
    CampaignFile,
    ContentFile,
    DefaultsFile,
    EntryFile,
    RetryFile,
)
from runner.model.config_file import CalendarFile, ConfigFile, HostFile, HttpFile, LogFile, WebFile
from runner.model.notify_file import CampaignPingFile, ChannelFile, NotifyFile
from runner.model.reader import HOST_DEFAULT, KIND, KINDS, REFERENCE
from runner.model.scripts import NESTED, SCRIPTS
from runner.model.shared_file import GroupFile, LimitsFile

if TYPE_CHECKING:
    from runner.model.reader import FileModel

Kind: TypeAlias = Literal["campaign", "config"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

PARTS: dict[str, type[FileModel]] = {
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
    "notify": NotifyFile,
    "channel": ChannelFile,
    "campaign_ping": CampaignPingFile,
    **NESTED,
}
"""The mappings in files, by their names in `$defs`; those of scripts' parameters come besides."""

SCHEMA_FOLDER = "schemas"
"""Where editors find the schemas: beside the config."""


def json_schema(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema of one kind of file."""
    root = _object(CampaignFile if kind == "campaign" else ConfigFile)
    definitions: dict[str, Any] = {name: _object(model) for name, model in PARTS.items()}
    definitions |= {f"{name}_config": _object(model, closed=False) for name, model in SCRIPTS.items()}
    if kind == "campaign":
        root["allOf"] = _required_but_for_defaults(definitions)
    definitions["script_config"] = {"title": "Parameters of a script", "type": "object"}
    # With one description, editors take `script_config` of all scripts for one key while no script is named.
    described = definitions["entry"]["properties"]["script_config"]
    shown = {key: described[key] for key in ("description", "markdownDescription")}
    definitions["entry"]["allOf"] = [
        _of_script(name, shown | {REFERENCE: f"{name}_config"}) for name in SCRIPTS
    ]
    used: dict[str, Any] = {}
    linked = _linked(root, definitions, used)
    return {"$schema": DIALECT, **linked, "$defs": dict(sorted(used.items()))}


def schema_text(kind: Kind) -> str:
    """Return the JSON Schema of one kind of file as text."""
    return json.dumps(json_schema(kind), indent=2) + "\n"


def schema_file(kind: Kind) -> str:
    """Return where the schema of a kind of file lies, seen from the config."""
    return f"{SCHEMA_FOLDER}/{kind}.schema.json"


def modeline(schema: str) -> str:
    """Return the comment by which editors find a file's schema, given as seen from that file."""
    return f"# yaml-language-server: $schema={schema}\n"


def in_plain_words(value: Any) -> str:
    """Return a default as people write it where no quotes are needed."""
    return value if isinstance(value, str) else flow_text(value)


def _required_but_for_defaults(definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what entries need where `defaults` does not give it, and take it out of their parts."""
    given_by_defaults = [key for key in EntryFile.REQUIRED if key in DefaultsFile.known_keys()]
    definitions["entry"]["required"] = [key for key in EntryFile.REQUIRED if key not in given_by_defaults]
    rules = [_unless_default(key, {"required": [key]}) for key in given_by_defaults]
    parameters = [
        _of_script(name, {"type": "object", "required": required})
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
    schema = model.model_json_schema(by_alias=True, schema_generator=_InOrder)
    known = model.known_keys()
    schema["properties"] = {key: part for key, part in schema["properties"].items() if key in known}
    for key, described in schema["properties"].items():
        described.pop("title")
        _without_null(described)
        if described.get("default", "") is None:
            del described["default"]
        described["markdownDescription"] = _shown(key, described)
    if model.REQUIRED:
        schema["required"] = list(model.REQUIRED)
    if closed:
        schema["additionalProperties"] = False
    return schema


class _InOrder(GenerateJsonSchema):
    """Keys stay in the order of the models: people read the examples."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:  # noqa: ARG002 - pydantic's signature
        """Return a schema as it is."""
        return value


def _kind_of_parts(schema: dict[str, Any], definitions: dict[str, Any]) -> str | None:
    """Return what a list or a mapping is called by what it holds; None for anything else."""
    for holder, words in (
        ("items", "list, each item a {}"),
        ("additionalProperties", "under each name a {}"),
    ):
        parts = schema.get(holder)
        if isinstance(parts, dict) and KINDS in parts:
            return f"list of {parts[KINDS]}"
        if isinstance(parts, dict) and REFERENCE in parts:
            return words.format(definitions[parts[REFERENCE]]["title"].lower())
    return None


def _without_null(described: dict[str, Any]) -> None:
    """Take out of a key's schema that it may be null: such a key is left out instead."""
    kinds = [kind for kind in described.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del described["anyOf"]
        described |= kinds[0]


def _shown(key: str, described: dict[str, Any]) -> str:
    """Return what an editor shows over a key, as Markdown.

    An example that is or holds a mapping is shown there, and is not left in `examples`: the YAML language
    server would offer it as "[object Object]". Nor may it have a keyword of its own: beside a `$ref` the
    server takes that for a rule, and completes the key no longer.
    """
    shown = [described["description"]]
    for name, words in (("default", "Default"), (HOST_DEFAULT, "The host's default")):
        if described.get(name, "") != "":
            shown.append(f" {words}: `{in_plain_words(described[name])}`.")
    if any(map(_holds_mapping, described.get("examples", []))):
        example, *_ = described.pop("examples")
        shown.append(f"\n\n```yaml\n{block_text({key: example})}```")
    return "".join(shown)


def _holds_mapping(example: Any) -> bool:
    return isinstance(example, dict) or (isinstance(example, list) and any(map(_holds_mapping, example)))


def _linked(schema: Any, definitions: dict[str, Any], used: dict[str, Any]) -> Any:
    """Return a schema whose references can be followed, and put what they lead to into `used`."""
    if isinstance(schema, list):
        return [_linked(part, definitions, used) for part in schema]
    if not isinstance(schema, dict):
        return schema
    linked = {key: _linked(part, definitions, used) for key, part in schema.items()}
    name, kind = linked.pop(REFERENCE, None), linked.pop(KIND, None) or _kind_of_parts(schema, definitions)
    linked.pop(KINDS, None)
    if kind is not None:
        linked["title"] = kind
    if name is not None:
        linked["$ref"] = f"#/$defs/{name}"
        used[name] = _linked(definitions[name], definitions, used)
    return linked
