"""The list of wrong engines, each with the kind of life in which it has a chance to go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proof.mixes import Mix
from proof.planted import halting, planning, restraining, settling, submitting, watching

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

_NETWORK = Mix("planted: network", storms_per_day=12.0)
_INTERNAL = Mix("planted: internal errors", storms_per_day=12.0, kinds=("internal_error",))
_DRIPS = Mix("planted: drips", storms_per_day=12.0, kinds=("drip",))
_CRASHES = Mix("planted: crashes", crashes=12.0, stops=2.0)
_CLOCKS = Mix("planted: clocks", sleeps=6.0, stops=6.0)
_STEPS = Mix("planted: clocks set", clock_steps=4.0)
_EDITS = Mix("planted: edits", edits=10.0)
_PEOPLE = Mix("planted: people", acts=4.0, others=20.0, clears=3.0, failure_rate=0.5)
_LIMITS = Mix("planted: limits", limits=1.0, crashes=6.0)
_PAUSES = Mix("planted: pauses", pauses=4.0, crashes=12.0)
_LATE = Mix("planted: late work", storms_per_day=12.0, kinds=("reset", "hang", "close"), others=1500.0)
_CLEARS = Mix("planted: cleared lists", others=300.0, clears=20.0, failure_rate=0.5)
_HALTS = Mix("planted: halts", halts=6.0, storms_per_day=1.0, crashes=2.0, failure_rate=0.3)
_LOST = Mix("planted: halts of lost work", halts=12.0, storms_per_day=12.0, kinds=("reset", "hang", "close"))
_CUT_OFF = Mix("planted: halts cut off", halts=24.0)
_STOP_FILES = Mix("planted: stop files", stop_files=6.0)
_QUIET = Mix("planted: quiet", failure_rate=0.4)


@dataclass(frozen=True, slots=True)
class Planted:
    """One wrong engine."""

    name: str
    plant: Callable[[], AbstractContextManager[None]]
    mix: Mix
    days: float = 2.0


PLANTED = (
    Planted("retry on timeout", submitting.retry_on_timeout, _NETWORK),
    Planted("intent after POST", submitting.intent_after_post, _CRASHES),
    Planted("ack without commit", submitting.answer_kept_in_memory, _CRASHES),
    Planted("a crash means: not sent", submitting.crash_means_not_sent, _CRASHES),
    Planted("50001 = not created", submitting.internal_error_made_nothing, _INTERNAL),
    Planted("a time-out is a failure", submitting.timeout_is_failure, _NETWORK),
    Planted("grace of 1 s", submitting.grace_of_one_second, _CLOCKS),
    Planted("window checked before queueing only", submitting.window_checked_once, _CLOCKS),
    Planted("wrong numbers bound", submitting.wrong_numbers, _QUIET),
    Planted("no total deadline", submitting.no_total_deadline, _DRIPS),
    Planted("day of a clock change dropped", planning.day_of_change_dropped, _QUIET, days=8.0),
    Planted("key of the content", planning.key_of_content, _EDITS),
    Planted("key of the file's name", planning.key_of_file_name, _EDITS),
    Planted("the machine's own zone", planning.machine_zone, _QUIET),
    Planted("the second of two times", planning.second_of_two, _QUIET, days=8.0),
    Planted("misses of a wrong clock stay", planning.misses_of_a_wrong_clock_stay, _STEPS, days=4.0),
    Planted("a broken file replaces", planning.broken_file_replaces, _EDITS),
    Planted("a number is an identity", watching.number_is_identity, _CLEARS),
    Planted("failed = final", watching.failed_is_final, _QUIET),
    Planted("retry-all", watching.retry_all, _PEOPLE),
    Planted("running work withdrawn", watching.running_withdrawn, _QUIET),
    Planted("nothing withdrawn", watching.nothing_withdrawn, _QUIET),
    Planted("misses untold", watching.misses_untold, _CLOCKS),
    Planted("limit counted at the answer", restraining.counted_at_answer, _LIMITS),
    Planted("limit kept in memory", restraining.counted_in_memory, _LIMITS),
    Planted("pause kept in memory", restraining.pause_in_memory, _PAUSES),
    Planted("any newest task adopted", settling.any_newest_adopted, _LATE, days=1.0),
    Planted("sent again after the first empty list", settling.absent_at_first_look, _LATE),
    Planted("a result is overwritten", watching.result_overwritten, _PEOPLE),
    Planted("a halt is for what is planned only", halting.only_what_is_planned, _HALTS),
    Planted("a halt leaves what is in doubt", halting.doubt_is_left, _LOST),
    Planted("a halt forgotten by a restart", halting.forgotten_by_a_restart, _CUT_OFF, days=8.0),
    Planted("a halt dropped at the next look", halting.dropped_at_a_look, _HALTS),
    Planted("tomorrow halted, too", halting.tomorrow_too, _HALTS),
    Planted("what runs stopped by a cancel", halting.stops_what_runs, _HALTS),
    Planted("the file STOP seen at the start only", halting.file_seen_at_the_start, _STOP_FILES),
)
"""Caught one by one by `python -m proof planted`."""

LATER = {
    "one page of the list": "hosts with more than a hundred tasks of one device",
    "list without the filter for source": "a verdict on what is only probably ours",
    "no fence": "two daemons in one life",
}
"""Wrong engines that wait for a feature, and for which one."""
