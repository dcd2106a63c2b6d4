"""The parts of the proof, by name: `python -m proof NAME` runs one, `python -m proof all` runs them all."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.windows_compared import differences

from proof.crashes import command as crashes_command
from proof.edited import all_lived
from proof.figures import Sum, live_all, lived, told
from proof.fuzz import Judged, judge_all
from proof.kills import command as kills_command
from proof.planted import LATER
from proof.planted.hunt import hunt_all

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

SLOTS = 1_000_000
"""Windows that are compared."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a part has found: one row of the table."""

    tried: str
    wrong: int


def lives(options: Namespace) -> Outcome:
    """Live random lives of the whole engine, and judge them by what truly happened."""
    first, _, last = options.seeds.partition(":")
    seeds = range(int(first), int(last or int(first) + 1))
    total = Sum()
    for one in live_all(seeds, days=options.days, workers=options.workers):
        total.add(one)
        if one.violations:
            print(f"seed {one.seed} ({one.mix}): {len(one.violations)} violations", flush=True)
    print("\n".join(told(total)), flush=True)
    return Outcome(f"{total.lives} lives, {total.days:g} days", len(total.failing))


def replay(options: Namespace) -> Outcome:
    """Live one life again, and tell everything that is wrong with it."""
    one = lived(options.replay, days=options.days)
    total = Sum()
    total.add(one)
    print("\n".join(told(total)))
    print("\n".join(one.violations))
    return Outcome(f"seed {options.replay}", len(one.violations))


def planted(options: Namespace) -> Outcome:
    """Catch engines that are known to be wrong."""
    found = list(hunt_all(workers=options.workers))
    for name, seeds, caught_at in found:
        print(f"{name:<40} {'-' if seeds is None else seeds:>4}  {caught_at[:120]}", flush=True)
    for name, feature in LATER.items():
        print(f"{name:<40}    -  not planted yet: waits for {feature}")
    return Outcome(f"{len(found)} wrong engines", sum(seeds is None for _, seeds, _ in found))


def crashes(options: Namespace) -> Outcome:
    """Crash at every boundary of small lives, and at pairs of them."""
    return Outcome("every boundary", crashes_command.run(["--workers", str(options.workers)]))


def kills(_options: Namespace) -> Outcome:
    """Kill the daemon as a real process, again and again."""
    return Outcome("a real process", kills_command.run([]))


def fuzz(options: Namespace) -> Outcome:
    """Check files that were damaged or made at random: no traceback, nothing longer than a second."""
    first, _, last = options.inputs.partition(":")
    seeds = range(int(first), int(last or int(first) + 1))
    wrong, longest = 0, Judged(0, 0.0)
    for one in judge_all(seeds, workers=options.workers):
        longest = max(longest, one, key=lambda judged: judged.seconds)
        if one.wrong:
            wrong += 1
            print(f"seed {one.seed}: {one.wrong}", flush=True)
    seen = f"seeds {seeds.start} to {seeds.stop - 1}"
    print(f"{seen}; the longest, {longest.seed}, took {longest.seconds:.2f} s of CPU", flush=True)
    return Outcome(f"{len(seeds)} files", wrong)


def edits(options: Namespace) -> Outcome:
    """Edit campaign files at random while the daemon runs under load."""
    first, _, last = options.edited.partition(":")
    seeds = range(int(first), int(last or int(first) + 1))
    wrong = done = commits = 0
    for one in all_lived(seeds, workers=options.workers):
        wrong, done, commits = wrong + bool(one.wrong), done + one.edits, commits + one.commits
        if one.wrong:
            print(f"seed {one.seed}: {len(one.wrong)} wrong\n" + "\n".join(one.wrong[:10]), flush=True)
    print(f"{done:,} edits in {len(seeds)} lives; the hosts made {commits:,} tasks meanwhile", flush=True)
    return Outcome(f"{done:,} edits", wrong)


def oracle(options: Namespace) -> Outcome:
    """Compare windows with those that a watched clock shows, in every zone."""
    share = SLOTS // options.workers
    with ProcessPoolExecutor(options.workers) as pool:
        shares = list(pool.map(_differing, [share] * options.workers, range(options.workers)))
    for differing in shares:
        print("\n".join(differing[:10]), flush=True)
    return Outcome(f"{share * options.workers:,} windows", sum(map(len, shares)))


def _differing(slots: int, seed: int) -> list[str]:
    return [f"{ours} but {truth}" for ours, truth in differences(slots, seed=seed)]


PARTS: dict[str, Callable[[Namespace], Outcome]] = {
    "lives": lives,
    "planted": planted,
    "crashes": crashes,
    "kills": kills,
    "fuzz": fuzz,
    "edits": edits,
    "oracle": oracle,
}
"""Each part prints its own report and returns its row. A new part is one line here."""
