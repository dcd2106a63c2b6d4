"""Read the envelope of an answer and what is in it, tolerantly where the API leaves a shape open.

What cannot be read with certainty is HostUnclear, never a guess: a row left out of a list would look like a
task that was never made, and would be made again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from runner.errors import HostRefused, HostUnclear
from runner.model.tikmatrix import (
    REFUSALS,
    Code,
    Created,
    Licence,
    Stats,
    Task,
    TaskId,
    TaskPage,
    TaskStatus,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_QUOTE_CHARACTERS = 160
"""At most so much of what a host says is repeated in a message."""
_TEXT_CHARACTERS = 2_000
"""At most so much of one text of a task is kept."""
_NESTING_LEVELS = 32
"""Arguments of a script that are nested deeper are not a script's."""
_CONTAINERS = (dict, list)
_BEYOND_WHOLE = 1 << 63
"""Whole numbers from here on do not fit into a database."""

_REDIRECTION = 3
_CONTRADICTING_CLASSES = (_REDIRECTION, 5)
"""First digits of the HTTP statuses under which no success is believed."""

_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
_TASK_ID = re.compile(r"(?!(?:batch|retry-all|stats)$)[0-9A-Za-z_-]{1,64}", re.ASCII)
"""What can stand in a path and is not the path of another endpoint."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_STATUSES = {int(status): status for status in TaskStatus}

_MEANINGS = {
    Code.INVALID_PARAMETERS: "TikMatrix finds the parameters invalid",
    Code.SCRIPT_NAME_MISSING: "TikMatrix misses the script's name",
    Code.SCRIPT_NOT_SUPPORTED: "this TikMatrix does not support the script through its API",
    Code.NO_API_ACCESS: "the plan of this TikMatrix has no API access",
    Code.NO_SUCH_RESOURCE: "TikMatrix has no such task or resource",
    Code.INTERNAL_ERROR: "TikMatrix reports an internal error; what it did is not known",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A success envelope: what was asked, and its `data`."""

    request: str
    data: Any
    redact: Callable[[str], str] = str
    """Takes secrets out of the texts that are kept."""


def read(body: bytes, *, status: int, request: str, redact: Callable[[str], str] = str) -> Answer:
    """Return the success envelope in a body.

    The envelope is read first, the HTTP status second: a documented refusal counts under any status, a
    success under any but a redirect's or a server error's. `redact` takes secrets out of what is repeated.

    Raises:
        HostRefused: The envelope carries a documented code that proves that nothing was done.
        HostUnclear: Anything else: no envelope, another code, a success that its HTTP status contradicts.
    """
    envelope = _json_object(body, status=status, request=request, redact=redact)
    code = _whole(envelope.get("code"))
    if code is None:
        raise HostUnclear(f"{_answered(status)}, without TikMatrix's `code`", request=request)
    if code != Code.SUCCESS:
        _raise_code(code, envelope.get("message"), request=request, redact=redact)
    if status // 100 in _CONTRADICTING_CLASSES:
        raise HostUnclear(f"{_answered(status)}, with a success that contradicts it", request=request)
    return Answer(request, envelope.get("data"), redact)


def licence(answer: Answer) -> Licence:
    """Read the answer of `GET /license/check`."""
    fields = _object(answer)
    api_enabled = _FLAGS.get(str(fields.get("api_enabled")).lower())
    if api_enabled is None:
        raise _strange(answer, "does not say whether the API is enabled")
    return Licence(
        plan_name=_kept(answer, fields.get("plan_name")) or "",
        api_enabled=api_enabled,
        device_limit=_whole(fields.get("device_limit")),
        message=_kept(answer, fields.get("message")) or "",
    )


def created(answer: Answer) -> Created:
    """Read the answer of `POST /task`: at least one id, all usable, none twice."""
    fields = _object(answer)
    listed = fields.get("task_ids")
    if not isinstance(listed, list) or not listed:
        raise _strange(answer, "names no tasks")
    task_ids = tuple(_usable_id(answer, value) for value in listed)
    if len(set(task_ids)) != len(task_ids):
        raise _strange(answer, "names a task twice")
    return Created(task_ids=task_ids, created_count=_whole(fields.get("created_count")))


def task_page(answer: Answer) -> TaskPage:
    """Read one page of `GET /task`: the one list in `data`, whatever its key, or `data` itself."""
    data = answer.data
    if isinstance(data, list):
        return TaskPage(tasks=tuple(_task(answer, row) for row in data), total=None)
    fields = _object(answer)
    total = _whole(fields.get("total"))
    lists = [value for value in fields.values() if isinstance(value, list)]
    if not lists and total == 0:
        return TaskPage(tasks=(), total=0)
    if len(lists) != 1:
        raise _strange(answer, f"holds {len(lists)} lists where one list of tasks is expected")
    return TaskPage(tasks=tuple(_task(answer, row) for row in lists[0]), total=total)


def task(answer: Answer) -> Task:
    """Read the answer of `GET /task/{id}`: the task is `data` itself or the one object in it."""
    fields = _object(answer)
    if "id" in fields or "task_id" in fields:
        return _task(answer, fields)
    inner = [value for value in fields.values() if isinstance(value, dict)]
    if len(inner) != 1:
        raise _strange(answer, "holds no task")
    return _task(answer, inner[0])


def stats(answer: Answer) -> Stats:
    """Read the answer of `GET /task/stats`: at least one count."""
    fields = _object(answer)
    names = ("total", "pending", "running", "completed", "failed")
    counts = {name: _whole(fields.get(name)) for name in names}
    if all(count is None for count in counts.values()):
        raise _strange(answer, "holds no counts")
    return Stats(**counts)


def quoted(text: str) -> str:
    """Return foreign text as it may stand in a message: one short printable line."""
    # Much longer text is cut before it is cleaned: a host may send megabytes.
    line = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * _QUOTE_CHARACTERS])
    line = " ".join(line.split())
    return line if len(line) <= _QUOTE_CHARACTERS else line[: _QUOTE_CHARACTERS - 1] + "…"


def _task(answer: Answer, row: Any) -> Task:
    if not isinstance(row, dict):
        raise _strange(answer, "lists something that is not a task")
    script_args = _script_args(row.get("script_args"))
    username = _text((script_args or {}).get("username")) or _text(row.get("username"))
    status = _whole(row.get("status"))
    return Task(
        task_id=_usable_id(answer, row["id"] if row.get("id") is not None else row.get("task_id")),
        status=None if status is None else _STATUSES.get(status),
        serial=_text(row.get("serial")),
        script_name=_text(row.get("script_name")),
        script_args=script_args,
        username=username,
        start_time=_kept(answer, row.get("start_time")),
        end_time=_kept(answer, row.get("end_time")),
        remark=_kept(answer, row.get("remark")),
        source=_text(row.get("source")),
        retry_count=_whole(row.get("retry_count")),
    )


def _script_args(value: Any) -> dict[str, Any] | None:
    """Read a script's arguments: an object, or an object as JSON text; None if nested absurdly deep."""
    if isinstance(value, str):
        try:
            value = _DECODER.decode(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) and _is_shallow(value) else None


def _is_shallow(value: dict[str, Any]) -> bool:
    """Tell whether whoever walks through a value later is safe from running out of stack."""
    level = [inner for inner in value.values() if isinstance(inner, _CONTAINERS)]
    for _ in range(_NESTING_LEVELS):
        if not level:
            return True
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, _CONTAINERS)
        ]
    return False


def _usable_id(answer: Answer, value: Any) -> TaskId:
    whole = _whole(value) if isinstance(value, int | float) else None
    text = value if whole is None else str(whole)
    if not isinstance(text, str) or not _TASK_ID.fullmatch(text):
        raise _strange(answer, "holds a task without a usable id")
    return text


def _whole(value: Any) -> int | None:
    """Return a whole number from 0 that was sent as a number or as digits in a text; else None."""
    if isinstance(value, str):
        return int(value) if _DIGITS.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not value.is_integer():
        return None
    return int(value) if 0 <= value < _BEYOND_WHOLE else None


def _kept(answer: Answer, value: Any) -> str | None:
    """Return a text that may be stored and shown."""
    return _text(value, redact=answer.redact)


def _text(value: Any, *, redact: Callable[[str], str] = str) -> str | None:
    """Return a text, or a number as text; None for nothing, for an empty text and for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        whole = _whole(value)
        return None if whole is None else redact(str(whole))
    if not isinstance(value, str) or not value:
        return None
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", redact(value)[:_TEXT_CHARACTERS])


def _object(answer: Answer) -> dict[str, Any]:
    if not isinstance(answer.data, dict):
        raise _strange(answer, "holds no `data` object")
    return answer.data


def _json_object(body: bytes, *, status: int, request: str, redact: Callable[[str], str]) -> dict[str, Any]:
    text = ""
    try:
        text = body.decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise HostUnclear(f"{_answered(status)}, with bytes that are not UTF-8", request=request) from error
    except (ValueError, RecursionError) as error:
        raise HostUnclear(
            f"{_answered(status)}, {_what_else(text, redact=redact)}", request=request
        ) from error
    if not isinstance(value, dict):
        raise HostUnclear(f"{_answered(status)}, with JSON that is no envelope", request=request)
    return value


def _raise_code(code: int, message: Any, *, request: str, redact: Callable[[str], str]) -> NoReturn:
    # Before it is cut: of a secret that is cut short, the beginning would be left.
    said = quoted(redact(message)) if isinstance(message, str) else ""
    meaning = _MEANINGS.get(code, "TikMatrix answered with an undocumented code")  # type: ignore[call-overload]
    words = f"{meaning} (code {code})" + (f": {said}" if said else "")
    if code in REFUSALS:
        raise HostRefused(words, request=request, code=code)
    raise HostUnclear(words, request=request)


def _answered(status: int) -> str:
    redirect = " (a redirect, which is not followed)" if status // 100 == _REDIRECTION else ""
    return f"answered HTTP {status}{redirect}"


def _what_else(text: str, *, redact: Callable[[str], str]) -> str:
    if not text.strip():
        return "with an empty body"
    if text.lstrip()[0] in '{["':
        # Not quoted: a host that echoes what it was sent would put a secret into the log.
        return "with JSON that is broken, cut short or nested too deeply"
    return f"with something that is not JSON: {quoted(redact(text))}"


def _strange(answer: Answer, what: str) -> HostUnclear:
    return HostUnclear(f"the answer reports success but {what}", request=answer.request)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
