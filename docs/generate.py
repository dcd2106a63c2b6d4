"""Write what is made of the models: the JSON Schemas and the references of all keys.

`python docs/generate.py` writes them; with `--check` it only names those that are not current.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.app.schema import PARTS, in_plain_words, json_schema, schema_file, schema_text
from runner.core.campaign_text import flow_text
from runner.model.campaign_file import CampaignFile, DefaultsFile
from runner.model.config_file import ConfigFile
from runner.model.reader import HOST_DEFAULT
from runner.model.scripts import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.app.schema import Kind
    from runner.model.reader import FileModel

ROOT = Path(__file__).parents[1]
KINDS: tuple[Kind, ...] = ("campaign", "config")
MODELS: dict[str, type[FileModel]] = {
    "campaign": CampaignFile,
    "config": ConfigFile,
    **PARTS,
    **{f"{name}_config": model for name, model in SCRIPTS.items()},
}
INTRODUCTIONS = {
    "campaign": """\
# Every key of a campaign file

Made of the models that check the files, by `make generated`.
[Campaign and config files](campaign-files.md#a-campaign) explains campaigns, and how
[values are written](campaign-files.md#how-files-are-read).
""",
    "config": """\
# Every key of the config

Made of the models that check the file, by `make generated`.
[Campaign and config files](campaign-files.md#the-config) explains the config, and how
[values are written](campaign-files.md#how-files-are-read).
""",
}

_PLAIN = re.compile(r"(?![\d.]+$|(?:true|false|null)$)(?:[A-Za-z]+:)?[A-Za-z0-9/][\w./@-]*(?: [\w./-]+)*")
"""Text that means itself without quotes."""
_DEFAULT = re.compile(r" Default: (.+)\.$")
"""The end of a description where the default is no value."""
_LONGEST_EXAMPLE = 60


def files() -> dict[Path, str]:
    """Return the text of each file that is made, by its path in the repository."""
    schemas = {Path(schema_file(kind)): schema_text(kind) for kind in KINDS}
    return schemas | {Path(f"docs/{kind}-reference.md"): reference(kind) for kind in KINDS}


def reference(kind: Kind) -> str:
    """Return the page that tells every key of one kind of file."""
    schema = json_schema(kind)
    parts = {kind: schema, **schema["$defs"]}
    paths = _paths(kind, parts)
    links = {name: f"[{title}](#{_anchor(title)})" for name in paths if (title := parts[name]["title"])}
    lines = [INTRODUCTIONS[kind]]
    lines += [f"- {links[name]}{':' if paths[name] else ''}{_where(paths[name])}" for name in paths]
    for name in paths:
        lines += ["", f"## {parts[name]['title']}", "", parts[name]["description"], ""]
        lines += [f"Path:{_where(paths[name])}", ""] if paths[name] else []
        lines += _keys(MODELS[name], parts[name], links)
    return "\n".join(lines) + "\n"


def _paths(kind: Kind, parts: dict[str, Any]) -> dict[str, list[str]]:
    """Return all places of each part of a file, the parts nearest to the root first."""
    paths: dict[str, list[str]] = {kind: []}
    waiting: list[tuple[str, str]] = [(kind, "")]
    while waiting:
        # What holds for all entries comes after the entry, which explains it.
        for name, path in sorted(waiting, key=lambda place: place[0] == "defaults"):
            waiting.remove((name, path))
            for key, described in parts[name]["properties"].items():
                for inner, suffix in _inner(described):
                    where = f"{path}.{key}{suffix}".lstrip(".")
                    paths.setdefault(inner, []).append(where)
                    waiting.append((inner, where))
    return paths


def _inner(described: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the parts that a key leads to, each with what comes after the key in its path."""
    for holder, suffix in ((described, ""), *((described.get(name), end) for name, end in _HOLDERS)):
        name = holder.get("$ref", "").rpartition("/")[2] if isinstance(holder, dict) else ""
        if name == "script_config":
            yield from ((f"{script}_config", suffix) for script in SCRIPTS)
        elif name:
            yield name, suffix


_HOLDERS = (("items", "[]"), ("additionalProperties", ".NAME"))


def _where(paths: list[str]) -> str:
    return " " + ", ".join(f"`{path}`" for path in paths) if paths else ""


def _keys(model: type[FileModel], part: dict[str, Any], links: dict[str, str]) -> Iterator[str]:
    if model is DefaultsFile:
        yield f"These keys, as in a {links['entry']}: {', '.join(f'`{key}`' for key in part['properties'])}."
        return
    yield "| key | type | default | meaning | example |"
    yield "| --- | --- | --- | --- | --- |"
    names = model.known_keys()
    for key, described in part["properties"].items():
        examples = model.model_fields[names[key]].examples or [None]
        default, meaning = _default_and_meaning(described)
        cells = (
            f"`{key}`",
            _type(described, links),
            "required" if key in model.REQUIRED else default,
            meaning,
            _example(examples[0], told_below=bool(list(_inner(described)))),
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _type(described: dict[str, Any], links: dict[str, str]) -> str:
    inner = [name for name, _ in _inner(described)]
    if len(inner) > 1:
        scripts = (links[name].replace("Parameters of ", "") for name in inner)
        return f"parameters of {', '.join(scripts)}"
    if "enum" in described:
        return ", ".join(f"`{word}`" for word in map(_written, described["enum"]) if '"' not in word)
    title = str(described.get("title", ""))
    if not inner:
        return title
    (link,) = (links[name] for name in inner)
    return title.replace(link[1 : link.index("]")].lower(), link) if title else link


def _default_and_meaning(described: dict[str, Any]) -> tuple[str, str]:
    meaning = str(described["description"])
    if HOST_DEFAULT in described:
        return f"the host's, `{in_plain_words(described[HOST_DEFAULT])}`", meaning
    if "default" in described:
        return f"`{in_plain_words(described['default'])}`" if described["default"] != "" else "empty", meaning
    told = _DEFAULT.search(meaning)
    return (told[1], meaning[: told.start()]) if told else ("none", meaning)


def _example(example: Any, *, told_below: bool) -> str:
    if example is None:
        return ""
    written = _written(example)
    return "see there" if told_below and len(written) > _LONGEST_EXAMPLE else f"`{written}`"


def _written(value: Any) -> str:
    """Return a value on one line, quoted only where that is needed."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else flow_text(value)


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def main(*words: str) -> int:
    """Write the files, or name those that are not current; return the exit code."""
    stale = [path for path, text in files().items() if not _is_current(ROOT / path, text)]
    for path in stale:
        if "--check" in words:
            print(f"{path} is not current; run `make generated`")
        else:
            (ROOT / path).write_text(files()[path], encoding="utf-8")
            print(f"wrote {path}")
    return 1 if stale and "--check" in words else 0


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
