"""Everything that the rules look at, brought together: the world, the hosts, the plan and the store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from proof.checker.evidence import HostEvidence
from proof.checker.ledger import Store
from proof.checker.plan import Key, slots_of
from proof.checker.world import FOR_EVER, World, merged

if TYPE_CHECKING:
    from proof.checker.case import Case
    from proof.checker.evidence import Asked, Commit
    from proof.checker.ledger import Intent
    from proof.checker.plan import Slot
    from proof.checker.world import Span, Version


@dataclass(slots=True)
class Asking:
    """One assignment as one version of its campaign asks for it, and when that version holds."""

    slot: Slot
    version: Version


@dataclass(slots=True)
class Expected:
    """One assignment by the plan, with what was made for it."""

    key: Key
    askings: list[Asking] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)


class Scene:
    """One life, ready to be judged."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.allow = case.allowances
        self.world = World(case.world, ended_at=case.ended_at, allow=case.allowances)
        self.store = Store(case.store)
        self.hosts = {
            name: HostEvidence(name, history, client=case.client, allow=case.allowances)
            for name, history in case.histories.items()
        }
        for record in self.world.of("port"):
            host = self.hosts[record["host"]]
            at = record["at"]
            host.disturbed.append((at, at + record["seconds"] + self.allow.recovery_seconds))
        self.disturbed = {
            name: merged((*self.world.disturbed, *host.disturbed)) for name, host in self.hosts.items()
        }
        self.expected: dict[Key, Expected] = {}
        self._by_content: defaultdict[tuple[str, str, str], list[Expected]] = defaultdict(list)
        self._plan()
        self.asked_by_sha: defaultdict[str, list[Asked]] = defaultdict(list)
        for host in self.hosts.values():
            for asked in host.asked.values():
                if asked.body_sha256 is not None and asked.client == case.client:
                    self.asked_by_sha[asked.body_sha256].append(asked)

    def _plan(self) -> None:
        first = min((since for since, _ in self.world.ups), default=self.case.ended_at)
        for versions in self.world.versions().values():
            for version in versions:
                if version.document is None:
                    continue
                until = min(version.may_until, self.case.ended_at)
                shown = list(self.world.shown_within(max(version.since, first), until))
                for slot in slots_of(version.document, since=min(shown) - 60, until=max(shown) + 60):
                    self._expect(slot, version)

    def _expect(self, slot: Slot, version: Version) -> None:
        expected = self.expected.get(slot.key)
        if expected is None:
            expected = self.expected[slot.key] = Expected(slot.key)
            self._by_content[slot.key.content].append(expected)
        expected.askings.append(Asking(slot, version))

    def of_content(self, content: tuple[str, str, str]) -> list[Expected]:
        """Return the assignments whose commits carry a text; several windows of one entry share it."""
        return self._by_content.get(content, [])

    def intents(self, key: Key) -> list[Intent]:
        """Return the intents that the store holds of an assignment."""
        row = self.store.by_key.get(key)
        return [] if row is None else self.store.intents_of.get(row.name, [])

    def requests(self, key: Key) -> list[Asked]:
        """Return our creates for an assignment that arrived at its host."""
        wanted = {intent.body_sha256 for intent in self.intents(key) if intent.act == "create"}
        return [asked for sha in sorted(wanted) for asked in self.asked_by_sha[sha] if asked.host == key.host]

    def busy(self, key: Key) -> list[Span]:
        """Return when the target of an assignment had work of ours, as the runner may have known it."""
        return self._busy_by_target.get((key.host, key.target), [])

    @cached_property
    def _busy_by_target(self) -> dict[tuple[str, str], list[Span]]:
        spans: defaultdict[tuple[str, str], list[Span]] = defaultdict(list)
        lag = self.allow.look_seconds
        for host in self.hosts.values():
            for commit in host.commits:
                if commit.own:
                    spans[host.name, commit.target] += [
                        (since, until + lag) for task in commit.tasks for since, until in task.active()
                    ]
        return dict(spans)

    def calm(self, host: str, *, since: float, until: float) -> bool:
        """Tell whether nothing disturbed the runner and a host in a span of true time."""
        return not any(first < until and last > since for first, last in self.disturbed.get(host, ()))

    def upset(self, host: str, *, since: float, until: float = FOR_EVER) -> bool:
        """Tell whether a host lost, cleared or restarted anything in a span."""
        evidence = self.hosts.get(host)
        return evidence is not None and any(since <= at <= until for at, _ in evidence.upsets)
