"""Name a boundary by what crosses it: a commit by its changes, a request by its method and path."""

from __future__ import annotations

import re
from typing import Any

from runner.model.record import Act, Event, IntentOpened

_NUMBER = re.compile(r"/\d+(?=/|$)")


def commit_name(item: Any) -> str:
    """Return what the writer is handed: `intent+assignment.submitting`, `submission.accepted`, `beat`.

    A batch goes by its intent and its first event, a batch of neither by the kind of its first change, other
    work by the function that does it.
    """
    changes = getattr(item, "changes", None)
    if changes is None:
        return item.work.func.__name__.strip("_")
    parts = [_intent(change) for change in changes if isinstance(change, IntentOpened)]
    parts += [change.name for change in changes if isinstance(change, Event)][:1]
    return "+".join(parts) or type(changes[0]).__name__


def request_name(asked: str) -> str:
    """Return `POST /task/{id}/retry` for `POST /task/17/retry`."""
    return _NUMBER.sub("/{id}", asked)


def _intent(change: IntentOpened) -> str:
    return "intent" if change.act is Act.CREATE else f"intent({change.act})"
