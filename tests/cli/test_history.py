"""Runs, results, one assignment's life and the audit log are shown as the ledger has them."""

from __future__ import annotations

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from support.project import CAMPAIGN, at, happened, moved, observed, submitted
from support.store import told

from runner.adapters.ledger import COMPACTION_START
from runner.app.load import load
from runner.core.content import Rows
from runner.core.expand import expand

DAY = date(2026, 12, 1)
DUE = at("2026-12-01T09:30:00+01:00")
LATER = at("2026-12-01T09:31:00.5+01:00")


@pytest.fixture
def day(project):
    """Fill the store: the first device's clip has failed, the second's is planned."""
    first, second = project.plan(DAY)
    project.commit(
        *submitted(first, task="41", when=DUE),
        observed("41", when=LATER, status=3, remark="no such video"),
        *moved(
            first,
            "submitting",
            "submitted",
            "failed",
            reason="task 41: no such video",
            attempts=1,
            submitted_at=DUE,
            finished_at=LATER,
        ),
        happened("submission.accepted", when=DUE, campaign="spring", key=first, task_ids=["41"]),
        happened(
            "assignment.failed", when=LATER, campaign="spring", key=first, reason="task 41: no such video"
        ),
    )
    return first, second


@pytest.mark.usefixtures("day")
def test_results_are_the_plan_with_what_became_of_it(project):
    first, second = project.rows("results", "--date", DAY)
    planned = project.rows("plan", "--date", DAY)
    assert [{name: row[name] for name in planned[0]} for row in (first, second)] == planned
    assert {name: value for name, value in first.items() if name not in planned[0]} == {
        "state": "failed",
        "reason": "task 41: no such video",
        "task_ids": [41],
        "attempts": 1,
        "submitted_at": "2026-12-01T09:30:00+01:00",
        "finished_at": "2026-12-01T09:31:00.500+01:00",
    }
    assert (second["state"], second["task_ids"], second["submitted_at"]) == ("planned", [], None)
    assert list(second)[12:] == ["state", "reason", "task_ids", "attempts", "submitted_at", "finished_at"]


def test_results_of_one_instant_are_in_the_order_of_the_targets(project):
    names = [f"R58M{number}" for number in range(10)]
    text = CAMPAIGN.replace("[16091FDD40050N, R58M12345]", str(names)) + "    spread: together\n"
    project.write("campaigns/spring.yaml", text)
    project.plan(DAY)
    assert [row["serial"] for row in project.rows("results", "--date", DAY)] == names


def test_ids_that_are_no_plain_numbers_stay_text(project, day):
    _, second = day
    for number, task in enumerate(["007", "a1", "9" * 19, "0"]):
        intent, closed, bound = submitted(second, task=task, when=DUE + number)
        changes = [intent, closed, bound]
        if number:
            bound = type(bound)(bound.host, task, second, f"{second}.1", bound.at)
            changes = [bound]
        project.commit(*changes)
    shown = project.rows("results", "--date", DAY)[1]["task_ids"]
    assert shown == ["007", "a1", "9" * 19, 0]


def test_the_table_of_results_is_grouped_by_run(project, day):
    first, second = day
    assert project.table("results", "--date", DAY).splitlines() == [
        "Tuesday 2026-12-01",
        "",
        "09:00-11:00 spring/clip: 1 planned, 1 failed",
        "due             state    target          key               why",
        f"09:30:00+01:00  failed   16091FDD40050N  {first}  task 41: no such video",
        f"10:30:00+01:00  planned  R58M12345       {second}",
        "",
        "2 assignments: 1 planned, 1 failed",
    ]


def test_hosts_are_named_where_a_run_is_on_several(project):
    project.write("config.yaml", 'hosts: {a: {url: "http://x/"}, b: {url: "http://y/"}}\n')
    groups = "{one: {host: a, serials: [S1]}, two: {host: b, serials: [S2]}, studio: {groups: [one, two]}}"
    project.write(
        "campaigns/spring.yaml",
        CAMPAIGN.replace("\n  studio: {serials: [16091FDD40050N, R58M12345]}", f" {groups}"),
    )
    project.plan(DAY)
    shown = project.table("results", "--date", DAY).splitlines()
    assert shown[3].split() == ["due", "state", "target", "host", "key", "why"]
    assert shown[4].split()[2:4] == ["S1", "a"]
    assert shown[5].split()[2:4] == ["S2", "b"]


def test_the_day_is_today_of_the_configs_zone_unless_another_is_asked_for(project):
    today = datetime.now(ZoneInfo("Europe/Stockholm")).date()
    project.plan(today)
    shown = {row["date"] for row in project.rows("results")}
    # Midnight may have come between the two lines.
    assert shown in ({today.isoformat()}, set())
    assert project.rows("results", "--date", "2001-01-01") == []
    assert project.rows("results", "--date", "yesterday") in ([], project.rows("results", "--date", today))


def test_one_campaign_can_be_asked_for(project):
    project.write("campaigns/autumn.yaml", CAMPAIGN)
    project.plan(DAY)
    for command in ("results", "runs"):
        assert {row["campaign"] for row in project.rows(command, "--date", DAY)} == {"autumn", "spring"}
        shown = project.rows(command, "--date", DAY, "--campaign", "autumn")
        assert {row["campaign"] for row in shown} == {"autumn"}


@pytest.mark.usefixtures("day")
def test_a_day_without_history_says_so(project):
    assert "No assignments are recorded" in project.table("results", "--date", "2001-01-01")
    assert "No runs are recorded" in project.table("runs", "--date", "2001-01-01")
    assert project.rows("runs", "--date", "2001-01-01") == []


@pytest.mark.usefixtures("day")
def test_runs_are_counted_by_state(project):
    (row,) = project.rows("runs", "--date", DAY)
    assert row == {
        "campaign": "spring",
        "script": "clip",
        "script_name": "post",
        "date": "2026-12-01",
        "window": "09:00-11:00",
        "opens": "2026-12-01T09:00:00+01:00",
        "closes": "2026-12-01T11:00:00+01:00",
        "assignments": 2,
        "states": {"failed": 1, "planned": 1},
        "host": None,
    }
    assert project.table("runs", "--date", DAY).splitlines() == [
        "Tuesday 2026-12-01",
        "window       campaign/script  script  targets  states",
        "09:00-11:00  spring/clip      post          2  1 planned, 1 failed",
    ]


def test_of_a_day_whose_history_was_deleted_the_sums_are_shown(project, day):
    first, _ = day

    async def delete(ledger):
        compaction = ledger.compaction
        await compaction.assignments(before=10**18, at=COMPACTION_START, kept=(), most=10)
        await compaction.end()

    project.with_ledger(delete)
    left, summed = project.rows("runs", "--date", DAY)
    assert (left["window"], left["states"]) == ("09:00-11:00", {"planned": 1})
    assert summed == {
        "campaign": "spring",
        "script": "clip",
        "script_name": "post",
        "date": "2026-12-01",
        "window": None,
        "opens": None,
        "closes": None,
        "assignments": 1,
        "states": {"failed": 1},
        "host": "studio-pc",
    }
    assert project.table("runs", "--date", DAY).splitlines()[-3:] == [
        "Sums of what is older than `retention` and was deleted:",
        "campaign/script  script  host       targets  states",
        "spring/clip      post    studio-pc        1  1 failed",
    ]
    assert project.ask("show", first).exit_code == 1


def test_an_assignment_is_shown_with_its_whole_life(project, day):
    first, _ = day
    assert project.table("show", first[:8]).splitlines() == [
        f"key              {first}",
        "state            failed",
        "reason           task 41: no such video",
        "campaign/script  spring/clip: post",
        "serial           16091FDD40050N on studio-pc, of group studio",
        "window           09:00-11:00 on Tuesday 2026-12-01 (Europe/Stockholm)",
        "due              09:30:00+01:00",
        "submitted        09:30:00+01:00",
        "finished         09:31:00+01:00",
        "attempts         1",
        "",
        "Tasks on the host",
        "task  status  started (host)       ended (host)  remark",
        "41    failed  2026-12-01 09:30:05                no such video",
        "",
        "What happened",
        "time            what                 more",
        '09:30:00+01:00  create intended      attempt 1: {"serials":["S"]}',
        '09:30:00+01:00  submission.accepted  task_ids=["41"]',
        "09:30:01+01:00  create accepted",
        '09:31:00+01:00  assignment.failed    reason="task 41: no such video"',
    ]


def test_what_has_not_begun_has_little_to_show(project, day):
    _, second = day
    shown = project.table("show", second)
    assert "state            planned" in shown
    assert "submitted" not in shown
    assert "Tasks on the host" not in shown
    assert shown.endswith("Nothing has happened yet.\n")


def test_tasks_that_are_gone_or_were_not_seen_yet_say_so(project, day):
    first, second = day
    project.commit(observed("41", when=LATER + 1, gone=True))
    assert "41    gone" in project.table("show", first)
    project.commit(*submitted(second, task="42", when=DUE))
    assert "42    not seen yet" in project.table("show", second)


def test_the_life_as_json_holds_tasks_intents_and_events(project, day):
    first, _ = day
    shown = project.rows("show", first)
    (result, _) = project.rows("results", "--date", DAY)
    assert result.items() <= shown.items()
    assert (shown["window"], shown["group"], shown["index"]) == ("09:00-11:00", "studio", 0)
    (task,) = shown["tasks"]
    assert (task["task_id"], task["status"], task["remark"]) == (41, "failed", "no such video")
    (intent,) = shown["intents"]
    assert (intent["act"], intent["outcome"], intent["at"]) == (
        "create",
        "accepted",
        "2026-12-01T09:30:00+01:00",
    )
    assert [event["event"] for event in shown["events"]] == ["submission.accepted", "assignment.failed"]


def test_an_open_request_has_no_end_yet(project, day):
    _, second = day
    intent, _, _ = submitted(second, task="42", when=DUE)
    project.commit(intent)
    assert project.rows("show", second)["intents"][0]["closed_at"] is None
    assert project.table("show", second).splitlines()[-1].startswith("09:30:00+01:00  create intended")


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize("key", ["zzzz", "", "é"])
def test_a_key_that_is_not_there_is_an_error(project, key):
    result = project.ask("show", key)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: there is no assignment ")


@pytest.mark.usefixtures("day")
def test_events_are_lines_of_json(project):
    lines = project.ask("events").stdout.splitlines()
    first, second = map(json.loads, lines)
    assert list(first) == ["id", "at", "event", "campaign", "key", "task_ids"]
    assert (first["id"], first["at"]) == (1, "2026-12-01T09:30:00+01:00")
    assert second["event"] == "assignment.failed"


def test_events_are_lines_of_text(project, day):
    first, _ = day
    assert project.table("events", "--limit", 1) == (
        "     2  2026-12-01 09:31:00+01:00  assignment.failed       campaign=spring "
        f'key={first} reason="task 41: no such video"\n'
    )


def test_events_can_be_paged_and_narrowed_down(project, day):
    first, second = day
    project.commit(*(happened("poll.failed", when=number, host="pc") for number in range(5)))
    project.commit(happened("assignment.missed", when=9, campaign="autumn", key=second))

    def ids(*words):
        return [json.loads(line)["id"] for line in project.ask("events", *words).stdout.splitlines()]

    assert ids() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert ids("--limit", 3) == [6, 7, 8]
    assert ids("--limit", 0) == []
    assert ids("--after", 2, "--limit", 3) == [3, 4, 5]
    assert ids("--after", 8) == []
    assert ids("--campaign", "autumn") == [8]
    assert ids("--campaign", "spring", "--limit", 1) == [2]
    assert ids("--key", first[:6]) == [1, 2]
    assert ids("--key", first, "--after", 1) == [2]
    assert project.ask("events", "--key", "zzzz").exit_code == 1


def test_fields_named_like_our_own_do_not_hide_them(project):
    project.commit(happened("poll.failed", when=0, id="theirs", note="", flag=True))
    (line,) = project.ask("events").stdout.splitlines()
    assert json.loads(line)["id"] == 1
    assert project.table("events").rstrip().endswith('id=theirs note="" flag=true')


def test_what_a_host_says_cannot_steer_the_terminal(project, day):
    first, second = day
    nasty = "\x1b]0;owned\x07\x9b31m\r\n\u202e\x00 good"
    project.commit(
        observed("41", when=LATER, status=3, remark=nasty),
        *moved(second, "missed", reason=nasty),
        happened("poll.failed", when=0, detail=nasty, key=first),
    )
    asked = (["results", "--date", DAY], ["show", first], ["show", second], ["events"])
    for words in asked:
        for form in ("table", "json"):
            shown = project.ask(*words, "--format", form).stdout
            assert "good" in shown
            assert all(letter == "\n" or letter.isprintable() for letter in shown)


@pytest.mark.usefixtures("day")
def test_a_store_of_a_newer_version_is_told_in_one_line(project):
    told(project.store, "UPDATE alembic_version SET version_num = '9999'")
    for command in ("status", "runs", "results", "events"):
        result = project.ask(command)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("error: the store has schema 9999")


def test_show_says_which_row_of_a_content_file_an_assignment_has(project):
    content = "    content: {file: clips.csv, by: order}\n"
    project.write(
        "campaigns/spring.yaml", CAMPAIGN.replace("captions: Hej", '"captions": "${row.text}"') + content
    )
    project.write("campaigns/clips.csv", "text,note\nHej,\nHopp,second\n")

    async def store(ledger):
        (campaign,) = load(None, environ={}, working_folder=project.folder).campaigns
        planned = Rows(campaign).bound(expand(campaign, day=date(2026, 12, 1)))
        await ledger.store_plan("spring", date(2026, 12, 1), campaign.version, planned, now=0)

    project.with_ledger(store)
    _, key = [row["key"] for row in project.rows("results", "--date", "2026-12-01")]
    shown = project.table("show", key)
    assert "row              2 of clips.csv, in line 3 of it then: text: Hopp, note: second" in shown
    assert project.rows("show", key)["row"] == {
        "file": "clips.csv",
        "number": 2,
        "line": 3,
        "values": {"text": "Hopp", "note": "second"},
    }
