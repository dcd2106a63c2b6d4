"""The types of the keys in files: how each is read from text, and how it stands in the JSON Schema.

YAML's own guesses are not used: the reader of a field decides what its text means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from runner.model import texts
from runner.model.document import Plain, is_null
from runner.model.misfit import Misfit
from runner.model.reader import KIND, REFERENCE, Reader, text_of
from runner.model.suggest import nearest
from runner.rules import Rule

if TYPE_CHECKING:
    from datetime import date, timedelta

IDENTIFIER_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"

_IDENTIFIER = re.compile(IDENTIFIER_PATTERN.removesuffix("$") + r"\Z")
_LONGEST_ZONE = 64
_zones = cache(available_timezones)  # reads some hundred files
_length = cache(texts.read_duration)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
_TRUTHS = {"true": True, "false": False}
_TRUTHS_MEANT = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


@dataclass(frozen=True, slots=True)
class Text(
    Reader,
    rule=Rule.EMPTY_TEXT,
    words=("text", "texts"),
    write="write text, in quotes where it begins with a sign",
):
    """Text as written; a number without quotes stays the text that it is."""

    blank: bool = False
    """May it be empty?"""

    def _read(self, value: object) -> str:
        text = text_of(value)
        if not self.blank and not text.strip():
            raise ValueError("is empty; write some text")
        return text

    def _schema(self) -> dict[str, Any]:
        # A list of types with "boolean" in it would make editors offer true and false for every text.
        other = {"type": ["string", "number"], "errorMessage": self.WRITE}
        return {"if": {"type": "boolean"}, "else": other}


class Identifier(
    Reader,
    rule=Rule.BAD_NAME,
    words=("name", "names"),
    write="write a name: at most 64 letters, digits, `_`, `.` and `-`, the first a letter or digit",
):
    """A name that other places refer to."""

    def _read(self, value: object) -> str:
        text = text_of(value)
        if _IDENTIFIER.match(text) is None:
            raise ValueError(
                "write at most 64 letters, digits, `_`, `.` and `-`, the first a letter or digit"
            )
        return text

    def _schema(self) -> dict[str, Any]:
        return {"type": ["string", "integer"], "pattern": IDENTIFIER_PATTERN}


class TargetName(
    Reader, rule=Rule.BAD_NAME, words=("name", "names"), write="write one name, without spaces or commas"
):
    """A device's serial or an account's username."""

    def _read(self, value: object) -> str:
        text = text_of(value)
        if not text or any(letter.isspace() or letter == "," for letter in text):
            raise ValueError("write one name, without spaces or commas")
        return text

    def _schema(self) -> dict[str, Any]:
        return {"type": ["string", "integer"], "pattern": r"^[^\s,]+$"}


@dataclass(frozen=True, slots=True)
class Whole(Reader, rule=Rule.NOT_A_NUMBER, words=("whole number", "whole numbers")):
    """A whole number within bounds."""

    low: int
    high: int

    def _read(self, value: object) -> int:
        text = text_of(value)
        if _WHOLE.fullmatch(text) is None:
            raise ValueError(_number_words(value, text, kind="whole number"))
        if not isinstance(value, Plain):
            raise Misfit(f"write the number without quotes: {text}", rule=Rule.QUOTED_NUMBER)
        if not self.low <= int(text) <= self.high:
            raise Misfit(
                f"{text} is out of range; write a whole number from {self.low} to {self.high}",
                rule=Rule.OUT_OF_RANGE,
            )
        return int(text)

    def _schema(self) -> dict[str, Any]:
        kind = f"whole number, {self.low:,} {'or' if self.high - self.low == 1 else 'to'} {self.high:,}"
        bounds = {"minimum": self.low, "maximum": self.high}
        return {KIND: kind, "type": "integer", **bounds, "errorMessage": f"write a {kind}, without quotes"}


@dataclass(frozen=True, slots=True)
class Number(Reader, rule=Rule.NOT_A_NUMBER, words=("number", "numbers")):
    """A number within bounds, whole or not."""

    low: float
    high: float

    def _read(self, value: object) -> int | float:
        text = text_of(value)
        if _NUMBER.fullmatch(text) is None:
            raise ValueError(_number_words(value, text, kind="number"))
        if not isinstance(value, Plain):
            raise Misfit(f"write the number without quotes: {text}", rule=Rule.QUOTED_NUMBER)
        number = float(text) if "." in text else int(text)
        if not self.low <= number <= self.high:
            raise Misfit(
                f"{text} is out of range; write a number from {self.low:g} to {self.high:g}",
                rule=Rule.OUT_OF_RANGE,
            )
        return number

    def _schema(self) -> dict[str, Any]:
        kind = f"number, {self.low:g} to {self.high:g}"
        bounds = {"minimum": self.low, "maximum": self.high}
        return {KIND: kind, "type": "number", **bounds, "errorMessage": f"write a {kind}, without quotes"}


class Truth(
    Reader,
    rule=Rule.NOT_TRUE_OR_FALSE,
    words=("true or false", "truth values"),
    write="write true or false, without quotes",
):
    """`true` or `false`, and nothing else."""

    def _read(self, value: object) -> bool:
        text = text_of(value)
        if isinstance(value, Plain) and text in _TRUTHS:
            return _TRUTHS[text]
        lowered = text.lower()
        meant = lowered if lowered in _TRUTHS else _TRUTHS_MEANT.get(lowered, "true or false")
        raise ValueError(f"write {meant}, without quotes")

    def _schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice(Reader, rule=Rule.UNKNOWN_VALUE, words=("one of these words", "words")):
    """One of a few words."""

    options: tuple[str, ...]

    def _read(self, value: object) -> str:
        text = text_of(value)
        if text not in self.options:
            match = nearest(text, self.options, likeness=0.6)
            hint = f"did you mean `{match}`?" if match else f"write one of {', '.join(self.options)}"
            raise ValueError(f"`{text[:40]}` is not one of its values; {hint}")
        return text

    def _schema(self) -> dict[str, Any]:
        return {"enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class NumberOrWord(Reader, rule=Rule.UNKNOWN_VALUE, words=("one of these", "numbers or words")):
    """One of a few numbers, with or without quotes, or one word."""

    numbers: tuple[str, ...]
    word: str

    def _read(self, value: object) -> int | str:
        text = Choice((*self.numbers, self.word)).read(value)
        return int(text) if isinstance(value, Plain) and text in self.numbers else text

    def _schema(self) -> dict[str, Any]:
        return {"enum": [*map(int, self.numbers), *self.numbers, self.word]}


class WindowText(
    Reader,
    rule=Rule.NOT_A_WINDOW,
    words=("window or time", "windows and times"),
    write='write a window, e.g. "09:00-11:00", or one time, e.g. "14:30"',
):
    """A window, or one time."""

    def _read(self, value: object) -> texts.Span:
        return texts.read_window(text_of(value))

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": texts.WINDOW_PATTERN}


class HoursText(
    Reader,
    rule=Rule.NOT_A_WINDOW,
    words=("hours of the day", "hours of the day"),
    write='write hours with their beginning and end, e.g. "23:30-06:00"',
):
    """Hours of the day, with their beginning and their end."""

    def _read(self, value: object) -> texts.Span:
        span = texts.read_window(text_of(value))
        if span.closes is None:
            raise ValueError(f'write when they begin and when they end, e.g. "{text_of(value)}-06:00"')
        return span

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": texts.HOURS_PATTERN}


@dataclass(frozen=True, slots=True)
class Duration(
    Reader,
    rule=Rule.NOT_A_DURATION,
    words=("length of time", "lengths of time"),
    write="write a length of time with its unit, e.g. 90s, 5m, 2h30m or 1d",
):
    """A length of time within bounds, given as they are written in files."""

    low: str
    high: str

    def _read(self, value: object) -> timedelta:
        length = texts.read_duration(text_of(value))
        if not _length(self.low) <= length <= _length(self.high):
            raise Misfit(f"{value} is out of range; write {self.low} to {self.high}", rule=Rule.OUT_OF_RANGE)
        return length

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": texts.DURATION_PATTERN}


class Day(
    Reader, rule=Rule.NOT_A_DATE, words=("date", "dates"), write="write year-month-day, e.g. 2026-12-24"
):
    """A day of the calendar."""

    def _read(self, value: object) -> date:
        return texts.read_date(text_of(value))

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": texts.DATE_PATTERN}


class Zone(
    Reader,
    rule=Rule.ZONE_UNKNOWN,
    words=("time zone", "time zones"),
    write="write the IANA name of a time zone, e.g. Europe/Stockholm",
):
    """A time zone by its IANA name."""

    def _read(self, value: object) -> str:
        text = text_of(value)
        try:
            # Each part of a name is looked for as a package inside the one before: no deep one is tried.
            ZoneInfo(text if len(text) <= _LONGEST_ZONE else "")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            meant = nearest(text, _zones(), likeness=0.6, most_compared=1_000)
            hint = f"; did you mean `{meant}`?" if meant else ", e.g. Europe/Stockholm"
            raise ValueError(f"`{text[:40]}` is not a time zone; write an IANA name{hint}") from None
        return text

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "examples": ["Europe/Stockholm", "America/New_York", "UTC"]}


@dataclass(frozen=True, slots=True)
class Nested(Reader):
    """Something that is read by itself, so that a mistake in it leaves its neighbours readable."""

    definition: str
    """Its name in the JSON Schema's `$defs`."""
    of: str = ""
    """`list` or `map` where it holds any number of them."""

    def _read(self, value: object) -> object:
        return value

    def _schema(self) -> dict[str, Any]:
        reference = {REFERENCE: self.definition}
        match self.of:
            case "list":
                return {"type": "array", "items": reference}
            case "map":
                names = {"pattern": IDENTIFIER_PATTERN, "errorMessage": Identifier.WRITE}
                return {"type": "object", "propertyNames": names, "additionalProperties": reference}
            case _:
                return reference


def untyped(value: object) -> Any:
    """Return a value that no field describes, with the types that YAML 1.2 gives to plain text."""
    if isinstance(value, dict):
        return {str(key): untyped(part) for key, part in value.items()}
    if isinstance(value, list):
        return [untyped(part) for part in value]
    if is_null(value):
        return None
    text = str(value)
    if not isinstance(value, Plain) or text in _TRUTHS:
        return _TRUTHS[text] if isinstance(value, Plain) else text
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _number_words(value: object, text: str, *, kind: str) -> str:
    if "${" in text:
        return f"`${{...}}` is replaced in text only; write a {kind}"
    if isinstance(value, Plain) and text.lstrip("+0").isdigit():
        return f"write a {kind} without leading signs and zeros: {text.lstrip('+0')}"
    return f"`{text[:40]}` is not a {kind}; write a {kind}"
