"""The door to structlog: readable lines on a terminal, one JSON object a line otherwise."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from typing import TYPE_CHECKING, Any

import structlog

from runner.model.instant import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from structlog.typing import EventDict, Processor, WrappedLogger

    from runner.model.record import Event
    from runner.model.settings import LogSettings

_ROTATE_BYTES = 10 * 1024 * 1024
_ROTATED_FILES = 5

WARNING_EVENTS = frozenset(
    {
        "assignment.expired",
        "assignment.failed",
        "assignment.missed",
        "campaign.rejected",
        "campaigns.unreadable",
        "clock.jumped",
        "config.rejected",
        "host.unclear",
        "host.unlicensed",
        "host.unreachable",
        "poll.failed",
        "submission.not_sent",
        "submission.refused",
        "task.gone",
        "task.mismatched",
        "task.retry_failed",
        "task.withdrawal_failed",
    }
)
ERROR_EVENTS = frozenset({"assignment.unknown", "daemon.refused", "daemon.stalled", "submission.unsettled"})


class EventLog:
    """Writes events as log lines; their level follows from their name."""

    def __init__(self, settings: LogSettings) -> None:
        _configure(settings)
        self._logger = structlog.get_logger("campaign_runner")

    def write(self, event: Event) -> None:
        """Write one event that is already in the ledger."""
        # Log times are when the thing happened, not when the line was written.
        fields: Mapping[str, Any] = {"at": event.at, **event.fields}
        if event.name in ERROR_EVENTS:
            self._logger.error(event.name, **fields)
        elif event.name in WARNING_EVENTS:
            self._logger.warning(event.name, **fields)
        else:
            self._logger.info(event.name, **fields)

    def refusal(self, reason: str) -> None:
        """Write why the daemon does not start."""
        self._logger.error("daemon.refused", reason=reason)

    def failure(self, what: str, error: BaseException) -> None:
        """Write an error that is ours, with its traceback (without the values of variables)."""
        self._logger.error("daemon.stalled", part=what, exc_info=error)


def _configure(settings: LogSettings) -> None:
    """Send structlog's and the libraries' lines to standard error, and to a file where one is set."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    readable = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
    handlers[0].setFormatter(_formatter(json=not readable))
    if settings.file is not None:
        handlers.append(_rotating(settings.file))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(settings.level.upper())
    # Both log every request or run at INFO, which our own events already tell.
    for name in ("httpx", "aiohttp.access", "apscheduler", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            _instant,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _rotating(file: Path) -> logging.Handler:
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        file, maxBytes=_ROTATE_BYTES, backupCount=_ROTATED_FILES, encoding="utf-8"
    )
    handler.setFormatter(_formatter(json=True))
    return handler


def _formatter(*, json: bool) -> logging.Formatter:
    processors: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if json:
        # Local variables in tracebacks could hold secrets.
        plain = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        processors += [
            structlog.processors.ExceptionRenderer(plain),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        processors.append(
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        )
    return structlog.stdlib.ProcessorFormatter(
        processors=processors,
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.processors.TimeStamper("iso", utc=True)],
    )


def _instant(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    at = event.pop("at", None)
    if at is None:
        stamper = structlog.processors.TimeStamper("iso", utc=True)
        return stamper(_logger, _method, event)
    # What and when first: that is what a person looks for.
    first = {"timestamp": shown(at), "level": event.pop("level"), "event": event.pop("event")}
    return {**first, **event}
