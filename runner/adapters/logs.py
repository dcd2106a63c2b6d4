"""The door to structlog: readable lines on a terminal, one JSON object a line otherwise."""

from __future__ import annotations

import json
import logging
import logging.handlers
import sys
from typing import TYPE_CHECKING, Any

import structlog

from runner.adapters.log_stream import UnhurriedStream
from runner.adapters.terminal import wants_colours
from runner.model.instant import shown

if TYPE_CHECKING:
    from pathlib import Path

    from structlog.typing import EventDict, Processor, WrappedLogger

    from runner.model.record import Event
    from runner.model.settings import LogSettings

_ROTATE_BYTES = 10 * 1024 * 1024
_ROTATED_FILES = 5
_EVENTS = "campaign_runner"
"""The name under which our own lines go to handlers."""

WARNING_EVENTS = frozenset(
    {
        "api.unavailable",
        "assignment.expired",
        "assignment.failed",
        "assignment.missed",
        "campaign.rejected",
        "campaign.repeats",
        "campaigns.unreadable",
        "clock.jumped",
        "clock.unset",
        "config.rejected",
        "halt.placed",
        "host.cleared",
        "host.clock_off",
        "host.unclear",
        "store.restored",
        "host.unlicensed",
        "host.unreachable",
        "log.dropped",
        "notify.failed",
        "ping.failed",
        "poll.failed",
        "settling.failed",
        "stop_file.found",
        "stop_file.gone",
        "submission.given_up",
        "submission.held",
        "submission.not_sent",
        "submission.partial",
        "submission.refused",
        "submission.unsettled",
        "task.gone",
        "task.mismatched",
        "task.retry_failed",
        "task.withdrawal_failed",
    }
)
ERROR_EVENTS = frozenset({"assignment.unknown", "daemon.refused", "daemon.stalled", "store.unavailable"})
_USUAL = ("info", logging.INFO)
_LEVELS = dict.fromkeys(WARNING_EVENTS, ("warning", logging.WARNING)) | dict.fromkeys(
    ERROR_EVENTS, ("error", logging.ERROR)
)


class EventLog:
    """Writes events as log lines; their level follows from their name."""

    def __init__(self, settings: LogSettings) -> None:
        level = logging.getLevelNamesMapping()[settings.level.upper()]
        readable = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
        self._unhurried = UnhurriedStream.of(sys.stderr)
        outlets = [_outlet(logging.StreamHandler(self._unhurried or sys.stderr), json=not readable)]
        if settings.file is not None:
            outlets.append(_outlet(_rotating(settings.file), json=True))
        _take_in_libraries([handler for handler, _ in outlets], level=level)
        self._outlets = [(_Lines(handler), renderers) for handler, renderers in outlets]
        self._loggers = [_logger(lines, renderers, level=level) for lines, renderers in self._outlets]
        self._level = level

    def write(self, event: Event) -> None:
        """Write one event that is already in the ledger."""
        method, level = _LEVELS.get(event.name, _USUAL)
        if level >= self._level:
            # Through the renderers alone: a thousand submissions have three thousand events, and a logger
            # that binds and filters takes as long again. The time is when it happened; what and when come
            # first, since that is what a person looks for.
            told = {"timestamp": shown(event.at), "level": method, "event": event.name, **event.fields}
            for lines, renderers in self._outlets:
                line: Any = dict(told)
                for renderer in renderers:
                    line = renderer(None, method, line)
                lines.msg(line)
        if self._unhurried is not None and (dropped := self._unhurried.caught_up()):
            self._loggers[0].warning("log.dropped", lines=dropped)

    def refusal(self, reason: str) -> None:
        """Write why the daemon does not start."""
        for logger in self._loggers:
            logger.error("daemon.refused", reason=reason)

    def failure(self, what: str, error: BaseException) -> None:
        """Write an error that is ours, with its traceback (without the values of variables)."""
        for logger in self._loggers:
            logger.error("daemon.stalled", part=what, exc_info=error)

    def store_unavailable(self, reason: str) -> None:
        """Write that the store does not work, and that nothing is submitted meanwhile."""
        for logger in self._loggers:
            logger.error("store.unavailable", reason=reason)

    def store_available(self) -> None:
        """Write that the store works again."""
        for logger in self._loggers:
            logger.info("store.available")


class _Lines:
    """Gives finished lines to a handler of the standard library, which has the stream and rotates files."""

    def __init__(self, handler: logging.Handler) -> None:
        self._handler = handler
        # One for all: to make a record costs more than the rest of a line.
        self._record = logging.makeLogRecord({"name": _EVENTS})

    def msg(self, line: str) -> None:
        """Write one line."""
        self._handler.acquire()
        try:
            self._record.msg = line
            self._handler.emit(self._record)
        finally:
            self._handler.release()

    info = warning = error = msg


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Lets finished lines pass, and renders what libraries log like our own events."""

    def format(self, record: logging.LogRecord) -> str:
        return str(record.msg) if record.name == _EVENTS else super().format(record)


def _logger(
    lines: _Lines, renderers: list[Processor], *, level: int
) -> structlog.typing.FilteringBoundLogger:
    """Return a logger for what is no event of the ledger's."""
    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        lines,
        processors=[structlog.processors.add_log_level, _now, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return logger


def _take_in_libraries(handlers: list[logging.Handler], *, level: int) -> None:
    """Let what libraries log go the same ways."""
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    # These log every request or run at INFO, which our own events already tell.
    for name in ("httpx", "aiohttp.access", "apscheduler", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _rotating(file: Path) -> logging.Handler:
    file.parent.mkdir(parents=True, exist_ok=True)
    return logging.handlers.RotatingFileHandler(
        file, maxBytes=_ROTATE_BYTES, backupCount=_ROTATED_FILES, encoding="utf-8"
    )


def _outlet(handler: logging.Handler, *, json: bool) -> tuple[logging.Handler, list[Processor]]:
    """Return a handler that renders, and the same renderers for lines that are finished before it."""
    renderers = _renderers(json=json)
    handler.setFormatter(
        _Formatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper("iso", utc=True),
            ],
        )
    )
    return handler, renderers


def _renderers(*, json: bool) -> list[Processor]:
    if json:
        # Local variables in tracebacks could hold secrets.
        plain = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [
            structlog.processors.ExceptionRenderer(plain),
            structlog.processors.JSONRenderer(serializer=_to_json),
        ]
    return [
        structlog.dev.ConsoleRenderer(
            colors=wants_colours(sys.stderr), exception_formatter=structlog.dev.plain_traceback
        )
    ]


def _to_json(event: EventDict, **_options: Any) -> str:
    """Return an event as JSON; `json.dumps` would make an encoder for each."""
    return _encode(event)


_encode = json.JSONEncoder(ensure_ascii=False, default=repr).encode


def _now(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    stamped = structlog.processors.TimeStamper("iso", utc=True)(logger, method, event)
    first = {name: stamped.pop(name) for name in ("timestamp", "level", "event")}
    return {**first, **stamped}
