"""Ask one TikMatrix host, once, and tell apart what it did, what it refused and what is not known."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlencode

import httpx

from runner.adapters.tikmatrix import envelope
from runner.errors import HostError, HostUnclear, HostUnreached
from runner.model.instant import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.adapters.tikmatrix.envelope import Answer
    from runner.model.instant import Instant
    from runner.model.tikmatrix import Created, Licence, Stats, Task, TaskFilter, TaskId, TaskPage

ANSWER_BYTES = 8 * 1024 * 1024
"""Larger answers are not read to their end."""

_SURELY_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_HEADERS = (
    (b"Accept", b"application/json"),
    (b"Accept-Encoding", b"identity"),  # a small compressed answer can hold gigabytes
    (b"User-Agent", b"campaign-runner"),
)


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: httpx.URL
    shown: str
    """How errors name it, e.g. `POST /task`."""


class TikMatrix:
    """All endpoints of one host's API. Nothing is repeated, redirected, cached or decided here.

    Every request raises, besides asyncio.CancelledError, only:

    * HostUnreached: surely no byte of it left this machine;
    * HostRefused: a valid envelope carried a documented code which proves that nothing was done;
    * HostUnclear: anything else.

    A request takes at most `timeout_seconds`, from the first attempt to connect to the last byte of the
    answer. Before that it waits at most as long for one of `in_flight` places: it ends within twice that.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.AsyncBaseTransport,
        timeout_seconds: float,
        in_flight: int = 8,
        redact: Callable[[str], str] = str,
    ) -> None:
        """Take the host's address; `redact` takes secrets that it was sent out of the texts that it sends."""
        self._base = url.rstrip("/")
        self._transport = transport
        self._timeout_seconds = timeout_seconds
        self._in_flight = in_flight
        self._redact = redact
        self._places = asyncio.Semaphore(in_flight)
        self.requests = dict.fromkeys(("GET", "POST", "DELETE"), 0)
        """How many were made so far, by their method."""
        # Half of the deadline: were it all, a host that swallows connection attempts would look as if it
        # might have been reached.
        connect = timeout_seconds / 2
        timeouts = httpx.Timeout(timeout_seconds, connect=connect, pool=connect)
        self._headers = ((b"Host", httpx.URL(url).netloc), *_HEADERS)
        self._extensions = {"timeout": timeouts.as_dict()}
        self._date = ""
        self._licence = self._call("GET", "/license/check")
        self._create = self._call("POST", "/task")
        self._delete_many = self._call("DELETE", "/task/batch")
        self._retry_all = self._call("POST", "/task/retry-all")
        self._stats = self._call("GET", "/task/stats")

    @property
    def host_clock(self) -> Instant | None:
        """What the host's clock showed with the last answer that told it (`Date`), in whole seconds."""
        if not self._date:
            return None
        try:
            read = parsedate_to_datetime(self._date)
            # "-0000" says UTC without a zone.
            return instant(read if read.tzinfo is not None else read.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            return None

    async def licence(self) -> Licence:
        """Ask what the host's plan allows (`GET /license/check`)."""
        return envelope.licence(await self._ask(self._licence))

    async def create(self, body: bytes) -> Created:
        """Create tasks (`POST /task`); `body` is sent as it is, so that it is what the intent recorded."""
        return envelope.created(await self._ask(self._create, body))

    async def tasks(self, wanted: TaskFilter, *, page: int, page_size: int = 100) -> TaskPage:
        """List one page of tasks (`GET /task`); pages count from 1 and hold at most 100."""
        filters = {
            "status": None if wanted.status is None else int(wanted.status),
            "serial": wanted.serial,
            "script_name": wanted.script_name,
            "source": wanted.source,
            "page": page,
            "page_size": page_size,
        }
        given = {name: value for name, value in filters.items() if value is not None}
        call = self._call("GET", "/task", query=urlencode(given, quote_via=quote))
        return envelope.task_page(await self._ask(call))

    async def task(self, task_id: TaskId) -> Task:
        """Read one task (`GET /task/{id}`); one that is gone is HostRefused with 40401."""
        call = self._call("GET", f"/task/{_segment(task_id)}")
        task = envelope.task(await self._ask(call))
        if task.task_id != task_id:
            raise HostUnclear(f"the answer shows task {task.task_id} instead", request=call.shown)
        return task

    async def delete(self, task_id: TaskId) -> None:
        """Delete one task (`DELETE /task/{id}`); the host stops a running one first."""
        await self._ask(self._call("DELETE", f"/task/{_segment(task_id)}"))

    async def delete_many(self, task_ids: Sequence[TaskId]) -> None:
        """Delete several tasks (`DELETE /task/batch`); without any, nothing is asked.

        Ids of digits alone are sent as numbers: that is what a host shows that counts its tasks.
        """
        if task_ids:
            numbers = [int(task_id) if _is_number(task_id) else task_id for task_id in task_ids]
            await self._ask(self._delete_many, json.dumps({"task_ids": numbers}).encode())

    async def stop(self, task_id: TaskId) -> None:
        """Stop one running task (`POST /task/{id}/stop`)."""
        await self._ask(self._call("POST", f"/task/{_segment(task_id)}/stop"))

    async def retry(self, task_id: TaskId) -> None:
        """Retry one failed task (`POST /task/{id}/retry`)."""
        await self._ask(self._call("POST", f"/task/{_segment(task_id)}/retry"))

    async def retry_all(self) -> None:
        """Retry EVERY failed task on the host, other people's too (`POST /task/retry-all`).

        Here because the API has it. The runner never calls it: it touches only tasks of its own.
        """
        await self._ask(self._retry_all)

    async def stats(self) -> Stats:
        """Count the host's tasks by status (`GET /task/stats`)."""
        return envelope.stats(await self._ask(self._stats))

    async def aclose(self) -> None:
        """Close the transport and with it all connections."""
        await self._transport.aclose()

    def _call(self, method: str, path: str, *, query: str = "") -> _Call:
        url = httpx.URL(f"{self._base}{path}?{query}" if query else f"{self._base}{path}")
        return _Call(method, url, f"{method} {path}")

    async def _ask(self, call: _Call, body: bytes = b"") -> Answer:
        await self._wait_for_place(call)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status, content = await self._exchange(call, body)
        except HostError:
            raise
        except TimeoutError as error:
            raise HostUnclear(
                f"no complete answer within {self._timeout_seconds:g} s", request=call.shown
            ) from error
        except httpx.TransportError as error:
            raise HostUnclear(self._said(error), request=call.shown) from error
        except Exception as error:
            # Nothing that is not known to be harmless may pass for it.
            words = f"unexpected {type(error).__name__} during the request: {self._said(error)}"
            raise HostUnclear(words, request=call.shown) from error
        finally:
            self._places.release()
        return envelope.read(content, status=status, request=call.shown, redact=self._redact)

    async def _wait_for_place(self, call: _Call) -> None:
        # A bounded crowd in front of the transport: a pool serves a thousand waiters ten times slower than
        # eight. The wait is bounded too, else a request could leave long after its window has closed.
        if not self._places.locked():
            await self._places.acquire()  # there is one: no timer for nothing
            return
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise HostUnreached(
                f"not sent: all of its {self._in_flight} places were taken for {self._timeout_seconds:g} s",
                request=call.shown,
            ) from error

    async def _exchange(self, call: _Call, body: bytes) -> tuple[int, bytes]:
        self.requests[call.method] += 1
        request = httpx.Request(
            call.method,
            call.url,
            headers=(*self._headers, *_body_headers(call, body)),
            stream=httpx.ByteStream(body),  # not `content`: working out its headers anew doubles the cost
            extensions=self._extensions,
        )
        try:
            response = await self._transport.handle_async_request(request)
        except _SURELY_UNSENT as error:
            where = call.url.netloc.decode("ascii")
            raise HostUnreached(
                f"{where} cannot be reached: {self._said(error)}", request=call.shown
            ) from error
        self._date = response.headers.get("Date", self._date)
        try:
            return response.status_code, await self._whole_body(response, call)
        finally:
            await response.aclose()

    async def _whole_body(self, response: httpx.Response, call: _Call) -> bytes:
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding.lower() != "identity":
            shown = envelope.quoted(self._redact(encoding))
            raise HostUnclear(
                f"the answer is encoded ({shown}) although that was not asked for", request=call.shown
            )
        body = bytearray()
        # The stream itself: httpx's own ways of reading it decode, and do not stop at a size.
        async for chunk in cast("httpx.AsyncByteStream", response.stream):
            body += chunk
            if len(body) > ANSWER_BYTES:
                raise HostUnclear(f"the answer is larger than {ANSWER_BYTES >> 20} MiB", request=call.shown)
        return bytes(body)

    def _said(self, error: Exception) -> str:
        # An error of the transport may quote what the host has sent.
        return envelope.quoted(self._redact(str(error))) or type(error).__name__


def _body_headers(call: _Call, body: bytes) -> tuple[tuple[bytes, bytes], ...]:
    if body:
        return (b"Content-Type", b"application/json"), (b"Content-Length", str(len(body)).encode("ascii"))
    return () if call.method == "GET" else ((b"Content-Length", b"0"),)


def _segment(task_id: TaskId) -> str:
    return quote(task_id, safe="")


def _is_number(task_id: TaskId) -> bool:
    return task_id.isascii() and task_id.isdigit() and (task_id == "0" or not task_id.startswith("0"))
