"""A life full of edits: the whole engine under load, judged after each step."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from support.on_disk import difference_on_disk

from proof.checker.plan import Key, slots_of
from proof.edited.folder import Folder, mark_of
from proof.edited.steps import BROKEN, FILES, OTHERS, SERIALS, Step, changed, document
from proof.fast import FastEngine
from runner.adapters.ledger.holds import place_hold, release_holds
from runner.app.rhythm import Rhythm
from runner.core.edit import steps as steps_of
from runner.model.record import HoldScope, StateChanged
from runner.model.state import State, is_withdrawn
from runner.simulator.history import HappeningKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.model.record import AssignmentRecord

START = "2026-11-23 14:00:00"
HOSTS = {
    name: {"serials": serials, "pickup_seconds": (0.5, 2.0), "duration_seconds": (3.0, 9.0)}
    for name, serials in SERIALS.items()
}
SEEN_SECONDS = 2.5
"""By when an edit has to be in force, with the time of a request that had begun before."""
_MICRO = 1e6
_SOON_SECONDS = 40.0
"""What falls due or closes so soon may do so while an edit is being taken over."""
_AHEAD_SECONDS = 20 * 3_600.0


class EditedEngine(FastEngine):
    """An engine that looks at its files as often as in earnest."""

    pace = Rhythm(heartbeat_seconds=20.0, look_seconds=1.0)


@dataclass(slots=True)
class Life:
    """A life under way; `wrong` says what was found."""

    engine: EditedEngine
    folder: Folder = field(default_factory=Folder)
    edits: int = 0
    commits: int = 0
    wrong: list[str] = field(default_factory=list)
    up: bool = False
    held: dict[tuple[str, str], float] = field(default_factory=dict)
    pauses: list[tuple[str, str, float, float]] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)
    gone: dict[str, tuple[str, tuple[Any, ...]]] = field(default_factory=dict)
    """By key: the state, and all that an edit might touch, of what was submitted."""
    steps: list[Step] = field(default_factory=list)

    def now(self) -> float:
        return self.engine.clock.true_seconds()

    def live(self, steps: Iterable[Step]) -> None:
        """Do one step after the other, then let all that was begun end."""
        for number in range(FILES):
            self._put(f"f{number}", document(f"c{number}", number))
        self._watch(4)
        for step in steps:
            self.steps.append(step)
            self._do(step)
            if step.pause_seconds:
                self._watch(step.pause_seconds)
        self._watch(60)
        for record in self._records().values():
            if record.state in {State.SUBMITTING, State.SUBMITTED, State.RUNNING}:
                age = self.now() - (record.submitted_at or 0) / _MICRO
                self._check(age < 50, f"{record.assignment.key} has no result after {age:.0f} s")
        self._judge_hosts()

    # -- steps ---------------------------------------------------------------------------------------------

    def _do(self, step: Step) -> None:
        if step.kind in OTHERS:
            getattr(self, f"_{step.kind}")(step)
            return
        self.edits += 1
        path = self._path(step.file)
        known = self.folder.good.get(path)
        if step.kind in {"broken", "half", "delete", "restore"}:
            self._spoil(step, path, known)
        elif step.kind in {"touch", "move", "swap", "copy"}:
            self._move_about(step, path)
        elif known is None or step.kind == "rewrite":
            self._put(path, document(f"c{step.file}", step.number))
        else:
            self._put(path, changed(known, step.kind, step.number))

    def _spoil(self, step: Step, path: str, known: dict[str, Any] | None) -> None:
        file = self.engine.folder / f"campaigns/{path}.yaml"
        if step.kind == "delete":
            file.unlink(missing_ok=True)
            self.folder.files.pop(path, None)
        elif step.kind == "broken" or known is None:
            file.write_text(BROKEN[step.number % len(BROKEN)])
            self.folder.files[path] = None
        else:
            text = json.dumps(known)
            half = step.kind == "half"
            file.write_text(text[: 1 + step.number % (len(text) - 1)] if half else text)
            self.folder.files[path] = None if half else known

    def _move_about(self, step: Step, path: str) -> None:
        found = self.folder.files.get(path)
        if path not in self.folder.files:
            return
        if step.kind == "touch":
            (self.engine.folder / f"campaigns/{path}.yaml").touch()
        elif step.kind == "move":
            self._move(path, f"{path}x")
        elif step.kind == "swap":
            self._swap(path, self._path(step.number % FILES))
        elif found is not None:
            self.engine.edit(f"{path}-copy", found)
            self.folder.files[f"{path}-copy"] = found

    def _path(self, file: int) -> str:
        """Return where a file is by now: it may have been moved, and its first place is as good as any."""
        found = [path for path in self.folder.files if path.startswith(f"f{file}")]
        return max(found, default=f"f{file}")

    def _put(self, path: str, made: dict[str, Any]) -> None:
        self.engine.edit(path, self.folder.put(path, made, at=self.now()))

    def _move(self, path: str, to: str) -> None:
        campaigns = self.engine.folder / "campaigns"
        (campaigns / f"{path}.yaml").rename(campaigns / f"{to}.yaml")
        self.folder.files[to] = self.folder.files.pop(path)
        if path in self.folder.good:
            self.folder.good[to] = self.folder.good[path]

    def _swap(self, one: str, other: str) -> None:
        if one != other and one in self.folder.files and other in self.folder.files:
            self._move(one, "between")
            self._move(other, one)
            self._move("between", other)

    def _stop(self, _step: Step) -> None:
        if self.up:
            self.engine.stop()
            self.up = False

    def _restart(self, step: Step) -> None:
        self._stop(step)
        if not self.up:
            self._start()

    def _crash(self, _step: Step) -> None:
        if self.up:
            self.engine.crash()
            self._start()

    def _crash_soon(self, step: Step) -> None:
        """Crash in the middle of taking over what was edited last."""
        if self.up:
            self.engine.after(step.number / 1_000 * 1.5)
            self._crash(step)

    def _start(self) -> None:
        self.engine.start()
        self.up = True
        # A daemon that starts has taken everything over by now.
        self.folder.look(seen_by=self.now() + SEEN_SECONDS)

    def _pause(self, step: Step) -> None:
        self._hold(step)

    def _resume(self, step: Step) -> None:
        self._hold(step)

    def _hold(self, step: Step) -> None:
        scope, subject = [
            (HoldScope.CAMPAIGN, f"c{step.file}"),
            (HoldScope.HOST, sorted(SERIALS)[step.file % 2]),
        ][step.number % 2]
        store = f"sqlite:///{self.engine.folder}/state/runner.db"
        key = (scope.value, subject)
        asked = {"scope": scope, "subject": subject, "owner": "eva", "now": self.engine.clock.now()}
        if step.kind == "pause" and key not in self.held:
            place_hold(store, **asked, reason=None, until=None)
            self.held[key] = self.now()
        elif step.kind == "resume" and key in self.held:
            release_holds(store, **asked)
            self.pauses.append((*key, self.held.pop(key), self.now()))

    def _cancel(self, step: Step) -> None:
        """Cancel one that is planned, as a person does."""
        if not self.up:
            return
        planned = [one for one in self._records().values() if one.state is State.PLANNED]
        far = [one for one in planned if one.assignment.due / _MICRO > self.now() + _SOON_SECONDS]
        if far:
            key = far[step.number % len(far)].assignment.key
            change = StateChanged(
                key, State.PLANNED, State.CANCELLED, reason="by eva", finished_at=self.engine.clock.now()
            )
            self.engine._run(self.engine.journal.record([change]))
            self.cancelled.add(key)

    # -- judging -------------------------------------------------------------------------------------------

    def _watch(self, seconds: float) -> None:
        """Let the daemon see what was done, and judge what it made of it."""
        began_up = self.up
        if not began_up:
            self._start()
        before, said, at = self._records(), None, self.now()
        if began_up:
            said = difference_on_disk(self.engine)
        touched = self.folder.look(seen_by=at + SEEN_SECONDS)
        self.engine.after(2.0)
        if began_up:
            self._judge_difference(before, said, touched=touched)
        self.engine.after(seconds - 2.0)
        self._judge_plan()

    def _judge_difference(self, before: dict[str, AssignmentRecord], said: Any, *, touched: set[str]) -> None:
        after = self._records()
        owed_before, owed = _owed(before), _owed(after)
        found = {"added": set(), "removed": set(), "moved": set(), "changed": set()}
        for step in steps_of(said.difference):
            found[step.kind].add(step.planned.assignment.key)
        calm = {
            key
            for key in before.keys() | after.keys()
            if all(self._far(records.get(key)) for records in (before, after))
        }
        self._same("added", found["added"] & calm, (owed - owed_before) & calm)
        self._same("removed", found["removed"] & calm, (owed_before - owed) & calm)
        both = {key for key in owed_before & owed & calm if before[key].state is State.PLANNED}
        moved = {key for key in both if _times(before[key]) != _times(after[key])}
        self._same("moved", found["moved"] & calm, moved)
        other = {key for key in both if before[key].run.order != after[key].run.order}
        self._same("changed", found["changed"] & calm, other)
        for key, record in before.items():
            if record.run.campaign not in touched and record.state is State.PLANNED and key in after:
                now = after[key]
                same = _times(now) == _times(record) and now.run.order == record.run.order
                self._check(
                    same and not is_withdrawn(now.state, now.reason), f"{key} of another file changed"
                )

    def _far(self, record: AssignmentRecord | None) -> bool:
        return record is None or (
            record.run.closes / _MICRO > self.now() + _SOON_SECONDS
            and (record.state is not State.PLANNED or record.assignment.due / _MICRO > self.now())
        )

    def _judge_plan(self) -> None:
        now, records = self.now(), self._records()
        versions = self.engine._run(self.engine.ledger.accepted_versions())
        texts = {one.campaign: one.text for one in versions}
        model = {name: force.text for name, force in self.folder.in_force.items()}
        self._check(texts == model, f"in force are {_marks(texts)}, should be {_marks(model)}")
        by_key = {_key(record): record for record in records.values()}
        expected: set[Key] = set()
        for force in self.folder.in_force.values():
            for slot in slots_of(force.document, since=now, until=now + _AHEAD_SECONDS):
                expected.add(slot.key)
                self._judge_slot(slot, by_key.get(slot.key), mark_of(force.document))
        for key, record in by_key.items():
            soon = now < record.run.closes / _MICRO and record.run.opens / _MICRO < now + _AHEAD_SECONDS
            if record.state is State.PLANNED and soon:
                self._check(key in expected, f"{key} is planned, and nothing in force asks for it")
        self._judge_kept(records)
        holds = {(one.scope.value, one.subject) for one in self.engine._run(self.engine.ledger.holds())}
        self._check(holds == self.held.keys(), f"held are {holds}, should be {set(self.held)}")

    def _judge_slot(self, slot: Any, record: AssignmentRecord | None, mark: str) -> None:
        self._check(record is not None, f"{slot.key} is asked for and not there")
        if record is None:
            return
        if record.state is State.PLANNED:
            order = (slot.opens * _MICRO, slot.closes * _MICRO, mark)
            found = (record.run.opens, record.run.closes, _captions(record).rpartition("|")[2])
            self._check(found == order, f"{slot.key} is planned as {found}, should be {order}")
            due = record.assignment.due / _MICRO
            self._check(abs(due - slot.due) < 0.001, f"{slot.key} is due at {due}, should be {slot.due}")
        elif record.state is State.CANCELLED:
            known = record.assignment.key in self.cancelled
            self._check(known, f"{slot.key} is asked for, and cancelled: {record.reason}")

    def _judge_kept(self, records: dict[str, AssignmentRecord]) -> None:
        for key in self.cancelled:
            found = (records[key].state, records[key].reason)
            self._check(found == (State.CANCELLED, "by eva"), f"{key} was cancelled, and is {found}")
        for key, record in records.items():
            if record.submitted_at is None:
                continue
            facts = (*_times(record), _captions(record), record.assignment.target)
            state, known = self.gone.get(key, (record.state, facts))
            self._check(facts == known, f"{key} was submitted as {known}, and is {facts}")
            ended = state not in {State.SUBMITTED, State.RUNNING}
            self._check(not ended or record.state is state, f"{key} was {state}, and is {record.state}")
            self._check(record.state is not State.PLANNED, f"{key} was submitted, and is planned")
            self.gone[key] = (record.state, facts)

    def _judge_hosts(self) -> None:
        made: Counter[tuple[str, ...]] = Counter()
        pauses = [*self.pauses, *((*key, since, float("inf")) for key, since in self.held.items())]
        for name in self.engine.hosts:
            for happening in self.engine.of(HappeningKind.COMMITTED, host=name):
                self.commits += 1
                body, at = happening.details["body"], happening.at
                (target,) = body["serials"]
                campaign, script, window, mark = body["script_config"]["captions"].split("|")
                made[campaign, script, window, name, target] += 1
                version = self.folder.versions[mark]
                where = f"{campaign}/{script} {window} for {target} by {mark}, made at {at:.1f}"
                in_time = version.since <= at <= version.until
                self._check(in_time, f"{where}, which was in force {version.since:.1f}..{version.until:.1f}")
                asked = any(
                    (slot.key.script, slot.key.window, slot.key.host, slot.key.target)
                    == (script, window, name, target)
                    and slot.opens <= at < slot.closes
                    for slot in slots_of(version.document, since=at, until=at + 1)
                )
                self._check(asked, f"{where}: nothing asks for it then")
                for scope, subject, since, until in pauses:
                    held = subject == (campaign if scope == "campaign" else name)
                    self._check(not (held and since + 1 < at < until), f"{where}, while {subject} was held")
        for what, times in made.items():
            self._check(times == 1, f"{what} was made {times} times")

    def _records(self) -> dict[str, AssignmentRecord]:
        return {record.assignment.key: record for record in self.engine.records()}

    def _same(self, what: str, said: set[str], done: set[str]) -> None:
        self._check(
            said == done, f"{what}: said {sorted(said - done)} too much, {sorted(done - said)} too little"
        )

    def _check(self, right: bool, words: str) -> None:  # noqa: FBT001 - a condition
        if not right:
            last = ", ".join(f"{step.kind} {step.file}" for step in self.steps[-4:])
            self.wrong.append(f"after {len(self.steps)} steps (... {last}): {words}")


def lived(steps: Sequence[Step]) -> Life:
    """Live a life of these steps in a folder of its own."""
    with (
        TemporaryDirectory() as name,
        EditedEngine(Path(name), at=START, campaigns={}, hosts=HOSTS, poll_interval="5s") as engine,
    ):
        engine.forgiven = True
        life = Life(engine)
        life.live(steps)
        life.wrong += [f"{part}: {error!r}" for part, error in engine.log.failures]
        return life


def _key(record: AssignmentRecord) -> Key:
    run, target = record.run, record.assignment.target
    return Key(run.campaign, run.script, run.day.isoformat(), run.window, target.host, target.name)


def _captions(record: AssignmentRecord) -> str:
    return str(record.run.order.script_config["captions"])


def _times(record: AssignmentRecord) -> tuple[int, int, int]:
    return record.assignment.due, record.run.opens, record.run.closes


def _owed(records: dict[str, AssignmentRecord]) -> set[str]:
    return {key for key, one in records.items() if not is_withdrawn(one.state, one.reason)}


def _marks(texts: dict[str, str]) -> dict[str, str]:
    return {name: mark_of(json.loads(text)) for name, text in sorted(texts.items())}
