"""What was edited is planned before all that is owed besides."""

from __future__ import annotations

from runner.app.plan_queue import AGAIN_US, PlanQueue


def planned(queue):
    found = []
    while queue:
        found.append(queue.first())
        queue.stored(found[-1][0])
    return found


def test_all_are_planned_in_their_order_and_each_once():
    queue = PlanQueue()
    assert not queue
    queue.put_all(["a", "b", "c"], edited=["b"])
    queue.put_all(["a", "b", "c"], edited=[])
    assert not queue.hurried
    assert planned(queue) == [("a", False), ("b", True), ("c", False)]


def test_what_is_edited_meanwhile_goes_first():
    queue = PlanQueue()
    queue.put_all(["a", "b", "c"], edited=[])
    queue.stored("a")
    queue.put_first(["c", "a"])
    queue.put_all(["a", "b", "c"], edited=[])
    assert queue.hurried
    assert planned(queue) == [("c", True), ("a", True), ("b", False)]


def test_what_could_not_be_stored_is_owed_still():
    queue = PlanQueue()
    queue.put_first(["a"])
    assert queue.first() == queue.first() == ("a", True)
    assert queue


def test_all_are_looked_at_once_an_hour_and_what_was_edited_between_them_at_once():
    queue = PlanQueue()
    queue.look(["a", "b"], edited=["a", "b"], now=AGAIN_US * 9)
    assert not queue.hurried
    assert planned(queue) == [("a", True), ("b", True)]
    queue.look(["a", "b"], edited=["b"], now=AGAIN_US * 9 + 1)
    assert planned(queue) == [("b", True)]
    queue.look(["a", "b"], edited=["b"], now=AGAIN_US * 10 + 1)
    assert planned(queue) == [("b", True), ("a", False)]
    # Also where the clock was set back.
    queue.look(["a", "b"], edited=[], now=AGAIN_US * 3)
    assert planned(queue) == [("a", False), ("b", False)]
