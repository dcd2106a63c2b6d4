"""What the mappings in files and the types of their keys have in common, for the reader and for editors.

The types themselves are in `runner.model.fields`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, WithJsonSchema
from pydantic_core import core_schema

from runner.model.document import is_null
from runner.model.misfit import Misfit
from runner.rules import Rule

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

REFERENCE = "x-definition"
"""Stands for `$ref` until all definitions are put together: pydantic would look for them in one model."""

HOST_DEFAULT = "x-host-default"
"""What the host takes where a parameter is not sent; a `default` would be written into files by editors."""

KIND, KINDS = "x-kind", "x-kinds"
"""Stand for `title`, of one value and of a list of them: pydantic makes titles of the fields' names."""


class FileModel(BaseModel):
    """A mapping in a file. Every field may be left out; `REQUIRED` names the keys that may not."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    REQUIRED: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def known_keys(cls) -> dict[str, str]:
        """Return the keys as written in files, each with its field's name."""
        return {field.alias or name: name for name, field in cls.model_fields.items()}


class Reader:
    """A field's type: how its text is read, and how it is described to editors."""

    RULE: ClassVar[Rule] = Rule.WRONG_VALUE
    """What a value breaks that its reader refuses with a plain ValueError."""

    WORDS: ClassVar[tuple[str, str]] = ("", "")
    """What such a value is called, and what several are."""

    WRITE: ClassVar[str] = ""
    """What an editor says of a value that is none; empty: in words of its own."""

    def __init_subclass__(
        cls, *, rule: Rule | None = None, words: tuple[str, str] = ("", ""), write: str = ""
    ) -> None:
        if rule is not None:  # a dataclass with slots is made twice, the second time without it
            cls.RULE, cls.WORDS, cls.WRITE = rule, words, write

    def read(self, value: object) -> Any:
        """Return what a value of a file means; raises Misfit, which says what to write instead."""
        try:
            return self._read(value)
        except Misfit:
            raise
        except ValueError as error:
            raise Misfit(str(error), rule=self.RULE) from None

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of what may be written."""
        words = {KIND: self.WORDS[0], KINDS: self.WORDS[1], "errorMessage": self.WRITE}
        return {key: said for key, said in words.items() if said} | self._schema()

    def _read(self, value: object) -> object:
        raise NotImplementedError

    def _schema(self) -> dict[str, Any]:
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: object, _: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, _: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return self.schema()


def one_or_several(value: object) -> object:
    """Return the list that one value stands for; a list and a mapping stay what they are."""
    return value if isinstance(value, (list, dict)) else [value]


def one_or_list(item: Reader, *, one: Reader | None = None) -> WithJsonSchema:
    """Return the JSON Schema of one value or a list; `one` is what may stand alone, where that is other."""
    alone, listed = (one or item).schema(), item.schema()
    kind = f"{alone[KIND]}, or a list of {listed[KINDS]}"
    several = {"type": "array", "minItems": 1, "items": listed}
    return WithJsonSchema({KIND: kind, "oneOf": [alone, several]})


def text_of(value: object) -> str:
    """Return a value that must be text or a number, as it was written; raises ValueError."""
    if isinstance(value, dict):
        raise Misfit("write one value here, not a mapping", rule=Rule.WRONG_TYPE)
    if isinstance(value, list):
        raise Misfit("write one value here, not a list", rule=Rule.WRONG_TYPE)
    if is_null(value):
        raise Misfit("has no value; write one (text that begins with # needs quotes)", rule=Rule.NO_VALUE)
    return str(value)
