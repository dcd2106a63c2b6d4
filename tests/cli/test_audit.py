"""The audit log is checked against its chain, and written out."""

from __future__ import annotations

import json

import pytest
from support.project import at, happened
from support.store import told

from runner.model.record import IntentClosed, Outcome

NOON = at("2026-12-01T12:00:00+01:00")
DAY_US = 86_400_000_000


@pytest.fixture
def trail(project):
    """Write five events in three transactions."""
    for count in (1, 3, 1):
        events = [happened("campaign.planned", when=NOON, campaign="spring", added=n) for n in range(count)]
        project.commit(*events)
    return project


def test_a_log_as_it_was_written_is_told_so_with_its_head(trail):
    found = trail.rows("audit", "verify")
    assert (found["sound"], found["breaks"], found["checked"], found["before_the_chain"]) == (True, [], 5, 0)
    assert found["head"].startswith("5:")
    assert trail.table("audit", "verify", "--head", found["head"]).splitlines() == [
        "5 events checked: as written",
        f"head {found['head']}",
    ]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE events SET fields = replace(fields, '1', '2') WHERE id = 3", "event 3 was changed"),
        ("UPDATE events SET at = at + 1 WHERE id = 1", "event 1 was changed"),
        ("DELETE FROM events WHERE id = 2", "event 2 is missing"),
        ("DELETE FROM events WHERE id > 3", "events 4 to 5 are missing"),
        (
            "INSERT INTO events (id, at, name, fields) VALUES (6, 1, 'a.b', '{}')",
            "event 6 was inserted behind the newest one, 5",
        ),
        ("UPDATE events SET hash = NULL WHERE id = 4", "event 4 has lost its hash"),
        ("DELETE FROM chain", "the row that says where the chain begins and ends was deleted"),
    ],
)
def test_a_log_that_was_touched_is_told_with_the_place_and_an_exit_code(trail, statement, said):
    told(trail.store, statement)
    result = trail.ask("audit", "verify", "--format", "table")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == said
    assert "NOT as written" in result.stdout
    # The daemon's work goes on all the same, and what it writes does not cover the traces.
    trail.commit(happened("campaign.planned", when=NOON, campaign="spring"))
    assert trail.ask("audit", "verify").exit_code == 1


def test_a_head_that_is_none_is_refused(trail):
    for wrong in ("5", "5:ab", "0:" + "00" * 32, "x"):
        assert trail.ask("audit", "verify", "--head", wrong).exit_code == 2


def test_a_batch_that_fails_leaves_no_gap_in_the_chain(trail):
    def both(ledger):
        good = happened("campaign.planned", when=NOON)
        never_opened = IntentClosed("no such", Outcome.ACCEPTED, None, NOON)

        async def write():
            first = ledger.commit([good])
            bad = ledger.commit([happened("campaign.planned", when=NOON), never_opened])
            last = ledger.commit([good])
            await first
            with pytest.raises(Exception, match="to be closed"):
                await bad
            await last

        return write()

    trail.with_ledger(both)
    assert trail.rows("audit", "verify")["checked"] == 7


def test_events_of_before_the_chain_are_counted_apart(trail):
    told(trail.store, "UPDATE chain SET anchor_hash = (SELECT hash FROM events WHERE id = 2)")
    told(trail.store, "UPDATE chain SET began_id = 2, anchor_id = 2")
    told(trail.store, "UPDATE events SET hash = NULL WHERE id <= 2")
    shown = trail.table("audit", "verify").splitlines()
    assert shown[0] == "3 events checked: as written"
    assert shown[1] == "2 events before them are older than the chain: not checked"


def test_the_log_is_written_out_as_lines_of_json_for_the_days_that_are_asked_for(trail):
    trail.commit(happened("campaign.removed", when=NOON + DAY_US, campaign="spring", removed=2))
    lines = [json.loads(line) for line in trail.ask("audit", "export").stdout.splitlines()]
    assert [line["id"] for line in lines] == [1, 2, 3, 4, 5, 6]
    head = trail.rows("audit", "verify")["head"]
    assert lines[-1] == {
        "id": 6,
        "at": "2026-12-02T12:00:00+01:00",
        "event": "campaign.removed",
        "campaign": "spring",
        "removed": 2,
        "hash": head.partition(":")[2],
    }
    first_day = trail.ask("audit", "export", "--to", "2026-12-01").stdout.splitlines()
    second_day = trail.ask(
        "audit", "export", "--from", "2026-12-02", "--to", "2026-12-02"
    ).stdout.splitlines()
    assert (len(first_day), len(second_day)) == (5, 1)
