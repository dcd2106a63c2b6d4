"""Make one create and record what became of it: accepted, refused, not sent, in doubt (ADR 0007, 0013)."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING

from runner.app.journal import about, event
from runner.app.restraints import use_of
from runner.core.body import create_and_shown_body
from runner.core.host_state import host_state
from runner.core.outcome import Doubtful, settle_create
from runner.errors import HostRefused, HostUnclear, HostUnreached, LedgerConflict
from runner.model.record import Act, IntentClosed, IntentOpened, Outcome, StateChanged, TaskBound
from runner.model.state import State
from runner.model.tikmatrix import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from runner.adapters.clock import Clock
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.app.probe import Prober
    from runner.core.ahead import Ahead
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord, Change, Snapshot
    from runner.model.tikmatrix import Created


class Courier:
    """Carries creates to one host, each after its intent is on disk and once only."""

    def __init__(
        self,
        session: HostSession,
        *,
        journal: Journal,
        clock: Clock,
        prober: Prober,
        secret: Callable[[str], str],
    ) -> None:
        self._session = session
        self._journal = journal
        self._clock = clock
        self._prober = prober
        self._secret = secret

    def prepare(
        self,
        record: AssignmentRecord,
        *,
        snapshot: Snapshot,
        at: Instant,
        targets: Collection[str] | None = None,
        ahead: Ahead | None = None,
    ) -> tuple[IntentOpened, bytes]:
        """Return the intent of a create, to be recorded first, and its body, to be sent then.

        `targets` narrows a script that names several down to some of them. `ahead` lets the host hold the
        tasks until their time.

        Raises:
            SecretMissing: a secret is not there.
            RowMissing: its texts name cells of a row, and it has none.
            UnicodeError: its script_config, with secrets put in, is not text that can be sent.
        """
        body, shown = create_and_shown_body(
            record.run,
            record.assignment,
            secret=self._secret,
            targets=targets,
            start_time=None if ahead is None else ahead.start_time,
        )
        key = record.assignment.key
        intent = IntentOpened(
            # The time first: what a day writes then lies together in the index, also when it is deleted.
            intent_id=f"{at}.{key}",
            key=key,
            host=self._session.name,
            act=Act.CREATE,
            attempt=record.attempts + 1,
            body=shown,
            body_sha256=hashlib.sha256(body).hexdigest(),
            at=at,
            snapshot=snapshot,
            use=use_of(record),
            # The rest of an assignment has its place already.
            reservations=(
                () if targets is not None else self._session.restraints.reservations(record, now=at)
            ),
            row=record.assignment.row,
            send_by=None if ahead is None else ahead.send_by,
        )
        return intent, body

    async def send(self, record: AssignmentRecord, *, intent: IntentOpened, body: bytes) -> None:
        """Make the request, unless waiting for its turn has taken too long; record what became of it.

        An assignment that has tasks already, because an earlier create made some of them, keeps these
        whatever becomes of the request for the rest.
        """
        session = self._session
        now, deadline_us = self._clock.now(), session.timeout_us
        is_quiet = session.restraints.quiet_until(now=now, deadline_us=deadline_us) is not None
        is_late = now + deadline_us >= record.run.closes or (
            intent.send_by is not None and now > intent.send_by
        )
        if session.stopping or is_late or is_quiet:
            self._unsent(record, intent=intent, detail="its turn came too late")
            return
        if self._is_held(record, now=now):
            # Since its intent was written: its turn on the host came only now.
            self._unsent(record, intent=intent, detail="it was paused or cancelled before its turn came")
            return
        try:
            created = await session.client.create(body)
        except HostUnreached as error:
            self._unsent(record, intent=intent, detail=str(error))
            self._prober.note(host_state(error), str(error))
        except HostRefused as error:
            self._refused(record, intent=intent, error=error)
            if error.code == Code.NO_API_ACCESS:
                self._prober.note(host_state(error), str(error))
        except HostUnclear as error:
            self._unsettled(record, intent=intent, detail=str(error))
            session.probe.set()
        except asyncio.CancelledError:
            self._unsettled(record, intent=intent, detail="cut off: the runner was stopping")
            raise
        else:
            self._answered(record, intent=intent, created=created)

    def _is_held(self, record: AssignmentRecord, *, now: Instant) -> bool:
        session = self._session
        if record.assignment.key in session.halted:
            return True
        return (
            session.restraints.hold_on(campaign=record.run.campaign, host=session.name, now=now) is not None
        )

    def _answered(self, record: AssignmentRecord, *, intent: IntentOpened, created: Created) -> None:
        # Whether a number is known already is the ledger's to say: binding it twice is a conflict.
        known = intent.snapshot.task_ids if intent.snapshot is not None else frozenset()
        settled = settle_create(
            created, expected=expected_of(record), already_there=lambda task_id: task_id in known
        )
        if isinstance(settled, Doubtful):
            self._unsettled(record, intent=intent, detail=settled.detail)
            return
        session = self._session
        session.touch()
        session.sentinel, session.sentinel_seen_at = created.task_ids[-1], self._clock.now()
        noted = self._journal.note(self._accepted(record, intent=intent, created=created))
        noted.add_done_callback(lambda done: self._bound(done, record, intent))

    def _bound(self, done: asyncio.Future[None], record: AssignmentRecord, intent: IntentOpened) -> None:
        # Again, now that the ledger has it: a poll in between may have seen nothing there.
        self._session.touch()
        if not done.cancelled() and isinstance(done.exception(), LedgerConflict):
            self._session.sentinel = None
            self._unsettled(record, intent=intent, detail="the answer names tasks that are ours already")

    def _track(self) -> None:
        self._session.tracking = True

    def _accepted(self, record: AssignmentRecord, *, intent: IntentOpened, created: Created) -> list[Change]:
        at = self._clock.now()
        named = about(record)
        tasks = list(created.task_ids)
        return [
            IntentClosed(intent.intent_id, Outcome.ACCEPTED, None, at),
            *(TaskBound(intent.host, task_id, intent.key, intent.intent_id, at) for task_id in tasks),
            StateChanged(
                intent.key, State.SUBMITTING, State.SUBMITTED, attempts=intent.attempt, submitted_at=intent.at
            ),
            event("submission.accepted", at=at, **named, task_ids=tasks),
            event("assignment.submitted", at=at, **named, task_ids=tasks, state=State.SUBMITTED),
        ]

    def _unsent(self, record: AssignmentRecord, *, intent: IntentOpened, detail: str) -> None:
        if record.tasks:
            # Its other tasks are on the host already: a look shows again that these are not.
            self._unsettled(record, intent=intent, detail=detail)
            return
        at = self._clock.now()
        self._journal.note(
            [
                IntentClosed(intent.intent_id, Outcome.NOT_SENT, detail, at),
                StateChanged(intent.key, State.SUBMITTING, State.PLANNED),
                event("submission.not_sent", at=at, **about(record), reason=detail),
                event("assignment.planned", at=at, **about(record), state=State.PLANNED, reason=detail),
            ]
        )

    def _refused(self, record: AssignmentRecord, *, intent: IntentOpened, error: HostRefused) -> None:
        at = self._clock.now()
        reason = str(error)
        becomes = State.FAILED
        if record.tasks:
            becomes = State.SUBMITTED
        elif error.code == Code.NO_API_ACCESS:
            becomes = State.PLANNED
        failed = becomes is State.FAILED
        noted = self._journal.note(
            [
                IntentClosed(intent.intent_id, Outcome.REFUSED, reason, at),
                StateChanged(
                    intent.key, State.SUBMITTING, becomes, reason=reason if failed else None,
                    attempts=intent.attempt if failed else None, finished_at=at if failed else None,
                    submitted_at=intent.at if record.tasks else None,
                ),
                event("submission.refused", at=at, **about(record), code=error.code, reason=reason),
                event(f"assignment.{becomes}", at=at, **about(record), state=becomes, reason=reason),
            ]
        )  # fmt: skip
        if record.tasks:
            noted.add_done_callback(lambda _done: self._track())

    def _unsettled(self, record: AssignmentRecord, *, intent: IntentOpened, detail: str) -> None:
        noted = self._journal.note(
            unsettled_changes(record, intent_id=intent.intent_id, detail=detail, at=self._clock.now())
        )
        # Looked at once the ledger has it.
        noted.add_done_callback(lambda _done: self._session.settle.set())


def expected_of(record: AssignmentRecord) -> int | None:
    """Return how many tasks the next create of an assignment makes; None where only the host knows."""
    expected = record.run.order.expected_tasks
    return None if expected is None else expected - len(record.tasks)


def unsettled_changes(record: AssignmentRecord, *, intent_id: str, detail: str, at: Instant) -> list[Change]:
    """Return the changes by which a request is in doubt; its assignment stays `submitting` meanwhile."""
    return [
        IntentClosed(intent_id, Outcome.UNSETTLED, detail, at),
        event("submission.unsettled", at=at, **about(record), reason=detail),
    ]


def sent_body(shown: str) -> dict[str, object]:
    """Return the body that an intent recorded, with the names of secrets in their place."""
    body: dict[str, object] = json.loads(shown)
    return body
