"""Nothing in the audit trail can be changed, deleted or inserted unseen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.core.audit import Check
from runner.model.audit import GENESIS, Chain, ChainedEvent, link

BEGAN = 3
COUNT = 7


def trail():
    """Return a chain of seven events behind three that are older than it."""
    events = [ChainedEvent(number, number, "a.b", None, None, None, "{}", None) for number in (1, 2, 3)]
    last = GENESIS
    for number in range(BEGAN + 1, BEGAN + COUNT + 1):
        said = {"campaign": "spring", "key": f"key{number}", "host": "pc", "fields": '{"reason":"x"}'}
        last = link(last, number, number * 1_000, "assignment.completed", **said)
        events.append(ChainedEvent(number, number * 1_000, "assignment.completed", hash=last, **said))
    return Chain(BEGAN, BEGAN, GENESIS, events[-1].id, last), events


def breaks(chain, events, **expected):
    return list(Check(chain, **expected).breaks(events))


def test_a_trail_as_it_was_written_is_sound():
    chain, events = trail()
    check = Check(chain)
    assert list(check.breaks(events)) == []
    assert (check.checked, check.unchained) == (COUNT, BEGAN)


@given(place=st.integers(BEGAN, BEGAN + COUNT - 1), data=st.data())
def test_any_change_of_any_value_is_found_where_it_is(place, data):
    chain, events = trail()
    name = data.draw(st.sampled_from(["at", "name", "campaign", "key", "host", "fields", "hash"]))
    values = {
        "at": st.integers(0, 2**60),
        "hash": st.none() | st.binary(min_size=32, max_size=32),
        "name": st.text(),
        "fields": st.text(),
    }
    value = data.draw(values.get(name, st.none() | st.text()))
    before = getattr(events[place], name)
    events[place] = replace(events[place], **{name: value})
    found = breaks(chain, events)
    assert bool(found) == (value != before)
    if found:
        assert f"event {place + 1} " in found[0]


@given(first=st.integers(BEGAN, BEGAN + COUNT - 1), count=st.integers(1, COUNT))
def test_any_deletion_is_found_and_named(first, count):
    chain, events = trail()
    gone = events[first : first + count]
    said = (
        f"event {gone[0].id} is missing"
        if len(gone) == 1
        else f"events {gone[0].id} to {gone[-1].id} are missing"
    )
    assert breaks(chain, events[:first] + events[first + count :]) == [said]


def test_an_event_that_was_put_in_is_found_wherever_it_stands():
    chain, events = trail()
    behind = replace(events[-1], id=events[-1].id + 1)
    assert breaks(chain, [*events, behind]) == ["event 11 was inserted behind the newest one, 10"]
    shifted = [replace(event, id=event.id + 1) for event in events[5:]]
    found = breaks(replace(chain, head_id=11), [*events[:5], replace(events[5], name="x.y"), *shifted])
    assert found[0] == "event 6 was changed"
    in_front = replace(events[0], hash=GENESIS)
    assert breaks(chain, [in_front, *events[1:]]) == ["event 1 was inserted in front of the chain"]


def test_what_was_deleted_by_retention_is_no_break():
    chain, events = trail()
    kept = events[6:]
    moved = replace(chain, anchor_id=events[5].id, anchor_hash=events[5].hash)
    assert breaks(moved, kept) == []
    assert breaks(replace(moved, anchor_hash=GENESIS), kept) == ["event 7 was changed"]
    assert breaks(replace(moved, anchor_id=events[-1].id, anchor_hash=chain.head_hash), []) == []


def test_a_head_that_was_kept_elsewhere_finds_a_trail_that_was_made_anew():
    chain, events = trail()
    kept = {events[5].id: events[5].hash}
    assert breaks(chain, events, expected=kept) == []
    assert breaks(chain, events, expected={1: GENESIS}) == []  # long deleted, or older than the chain
    last, forged = GENESIS, events[:BEGAN]
    for event in events[BEGAN:]:
        said = {"campaign": event.campaign, "key": event.key, "host": event.host, "fields": "{}"}
        last = link(last, event.id, event.at, event.name, **said)
        forged.append(replace(event, fields="{}", hash=last))
    rewritten = replace(chain, head_hash=last)
    assert breaks(rewritten, forged) == []
    (found,) = breaks(rewritten, forged, expected=kept)
    assert "event 6 is not the one whose hash was kept" in found
    shorter = replace(chain, head_id=5, head_hash=events[4].hash)
    assert "whose hash was kept, is missing" in breaks(shorter, events[:5], expected=kept)[0]


@pytest.mark.parametrize("where", ["head_hash", "head_id"])
def test_a_description_of_the_chain_that_was_changed_is_found(where):
    chain, events = trail()
    wrong = replace(chain, **{where: GENESIS if where == "head_hash" else chain.head_id + 1})
    assert len(breaks(wrong, events)) == 1
