"""Rows of content files, from the file to the host, among edits and restarts."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.engine import Engine, post_to
from support.on_disk import difference_on_disk

from runner.core.edit import counts

START = "2026-11-23 14:29:50"
ROWS = [{"caption": f"clip {number}"} for number in range(1, 13)]
THREE = {"pc": {"serials": ("A", "B", "C")}}


def table(rows):
    written = io.StringIO()
    columns = dict.fromkeys(key for row in rows for key in row)
    writer = csv.DictWriter(written, list(columns), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def write_rows(folder, rows, *, name="clips.csv"):
    (folder / "campaigns").mkdir(exist_ok=True)
    (folder / f"campaigns/{name}").write_text(table(rows), newline="")


def with_content(*targets, by="order", file="clips.csv", **keys):
    keys = {"start_time": "14:30-14:40", "script_config": {"captions": "${row.caption}"}} | keys
    return post_to(*targets, content={"file": file, "by": by}, **keys)


def captions(engine):
    """Return what was sent; what falls due at one instant goes in any order."""
    return [(body["serials"][0], body["script_config"]["captions"]) for _, body in engine.created()]


def next_day(engine, time="14:35"):
    """Let the night go by without a daemon: what it does then is nothing that matters here."""
    tomorrow = engine.today() + timedelta(days=1)
    engine.stop()
    engine.after_rest((engine.moment(f"{tomorrow} 14:29") - engine.clock.moment()).total_seconds())
    engine.start().until(time)


def engine_of(folder, campaign, rows, **more):
    engine = Engine(folder, at=START, campaigns={"c": campaign}, hosts=THREE, **more)
    write_rows(folder, rows)
    return engine


def test_each_assignment_takes_the_next_row_and_the_ledger_says_which(tmp_path):
    with engine_of(tmp_path, with_content("A", "B"), ROWS) as engine:
        engine.start().until("14:35")
        assert sorted(captions(engine)) == [("A", "clip 1"), ("B", "clip 2")]
        row = engine.record("B").assignment.row
        assert (row.file, row.number, row.line, row.values) == ("clips.csv", 2, 3, {"caption": "clip 2"})
        next_day(engine)
        assert sorted(captions(engine)[2:]) == [("A", "clip 3"), ("B", "clip 4")]


def test_an_edit_of_the_content_file_takes_effect_like_one_of_the_campaign(tmp_path):
    campaign = with_content("A", start_time="14:35-14:45")
    with engine_of(tmp_path, campaign, ROWS) as engine:
        engine.start().until("14:31")
        write_rows(tmp_path, [{"caption": "better"}, *ROWS[1:]])
        assert counts(difference_on_disk(engine, days=1).difference) == {"changed": 1}
        engine.until("14:40")
        assert captions(engine) == [("A", "better")]
        assert len(engine.told("campaign.accepted")) == 2


def test_a_used_row_that_is_edited_or_deleted_changes_nothing_and_comes_not_again(tmp_path):
    with engine_of(tmp_path, with_content("A", "B"), ROWS) as engine:
        engine.start().until("14:35")
        edited = [{"caption": "CLIP 1"}, *ROWS[2:]]
        write_rows(tmp_path, edited)
        engine.until("14:36")
        assert engine.record("A").assignment.row.values == {"caption": "clip 1"}
        next_day(engine)
        next_day(engine)
        assert sorted(caption for _, caption in captions(engine)) == [
            f"clip {number}" for number in range(1, 7)
        ]


def test_a_row_that_was_not_used_goes_back_to_the_others(tmp_path):
    campaign = with_content("A", "B", start_time="14:35-14:45")
    with engine_of(tmp_path, campaign, ROWS[:4]) as engine:
        engine.start().until("14:31")
        engine.edit("c", with_content("B", start_time="14:35-14:45"))
        engine.until("14:40")
        for _ in range(3):
            next_day(engine, time="14:40")
        assert Counter(caption for _, caption in captions(engine)) == Counter(
            row["caption"] for row in ROWS[:4]
        )


def test_without_a_row_an_assignment_fails_and_says_so_and_a_new_row_mends_it(tmp_path):
    campaign = with_content("A", "B", "C", start_time="14:30-15:00", spread="even")
    with engine_of(tmp_path, campaign, ROWS[:1]) as engine:
        engine.start().until("14:50")
        assert engine.states() == {"A": "completed", "B": "failed", "C": "planned"}
        assert engine.record("B").reason == "no row of its content file was left for it"
        write_rows(tmp_path, ROWS[:2])
        engine.until("15:00")
        assert engine.states()["C"] == "completed"


def test_a_broken_content_file_leaves_the_last_good_version_in_force_across_a_restart(tmp_path):
    campaign = with_content("A", start_time="14:35-14:45")
    with engine_of(tmp_path, campaign, ROWS) as engine:
        engine.start().until("14:31")
        (tmp_path / "campaigns/clips.csv").write_bytes(b"caption\nclip \xff\n")
        engine.until("14:32")
        (told,) = engine.told("campaign.rejected")
        assert "campaigns/clips.csv:2:6: error: this is not UTF-8" in told.fields["problems"][0]
        engine.restart()
        engine.until("14:40")
        assert captions(engine) == [("A", "clip 1")]
        (tmp_path / "campaigns/clips.csv").unlink()
        engine.until("14:41")
        write_rows(tmp_path, ROWS)
        next_day(engine, time="14:40")
        assert captions(engine)[1:] == [("A", "clip 2")]


def test_rows_by_date_and_target(tmp_path):
    rows = [
        {"date": "2026-11-24", "serial": "", "caption": "any"},
        {"date": "2026-11-23", "serial": "", "caption": "first come"},
        {"date": "2026-11-23", "serial": "A", "caption": "for A"},
        {"date": "2026-11-24", "serial": "B", "caption": "for B"},
    ]
    with engine_of(tmp_path, with_content("A", "B", by="date"), rows) as engine:
        engine.start().until("14:35")
        assert sorted(captions(engine)) == [("A", "for A"), ("B", "first come")]
        next_day(engine)
        assert sorted(captions(engine)[2:]) == [("A", "any"), ("B", "for B")]


def test_rows_by_target(tmp_path):
    rows = [{"target": name, "caption": f"{name}{number}"} for number in (1, 2) for name in "BA"]
    with engine_of(tmp_path, with_content("A", "B", by="target"), rows) as engine:
        engine.start().until("14:35")
        assert sorted(captions(engine)) == [("A", "A1"), ("B", "B1")]
        next_day(engine)
        assert sorted(captions(engine)[2:]) == [("A", "A2"), ("B", "B2")]


def test_rows_in_yaml_among_the_campaigns_are_no_broken_campaign(tmp_path):
    engine = Engine(tmp_path, at=START, campaigns={"c": with_content("A", file="clips.yaml")}, hosts=THREE)
    (tmp_path / "campaigns/clips.yaml").write_text("- caption: one\n- {caption: two}\n")
    with engine:
        engine.start().until("14:35")
        assert captions(engine) == [("A", "one")]
        assert engine.told("campaign.rejected") == []


def test_what_waits_in_line_while_its_row_goes_to_another_is_not_sent_with_it(tmp_path):
    def rows(day_of_b):
        today = [{"date": "2026-11-23", "serial": name, "caption": f"for {name}"} for name in "AC"]
        return [*today, {"date": "2026-11-23", "serial": day_of_b, "caption": "moved"}]

    hosts = {"pc": {"serials": ("A", "B", "C"), "latency_seconds": (8.0, 8.0)}}
    campaign = with_content("A", "B", "C", by="date")
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts) as engine:
        write_rows(tmp_path, rows("B"))
        engine.start().until("14:30:01")
        write_rows(tmp_path, rows("A"))
        engine.until("14:40")
        for _, body in engine.created():
            record = engine.record(body["serials"][0])
            assert record.assignment.row.values["caption"] == body["script_config"]["captions"]
        sent = [caption for _, caption in captions(engine)]
        assert len(sent) == len(set(sent))


edits_of_rows = st.lists(
    st.tuples(st.sampled_from(["text", "delete", "insert", "append", "targets", "swap"]), st.integers(0, 11)),
    min_size=1,
    max_size=4,
)


def edited(rows, kind, place, step):
    rows = [dict(row) for row in rows]
    place = min(place, len(rows) - 1)
    match kind:
        case "text":
            rows[place]["caption"] += "!"
        case "delete" if len(rows) > 1:
            del rows[place]
        case "insert":
            rows.insert(place, {"id": f"new {step}", "caption": f"new {step}"})
        case "append":
            rows.append({"id": f"new {step}", "caption": f"new {step}"})
        case "swap":
            rows[0], rows[place] = rows[place], rows[0]
    return rows


@given(edits=edits_of_rows)
@settings(max_examples=12, deadline=None)
def test_no_edit_uses_a_row_twice_or_moves_one_that_was_used(edits):
    rows = [{"id": f"row {number}", "caption": f"clip {number}"} for number in range(12)]
    config = {"captions": "${row.id}"}
    targets = ["A", "B"]
    with (
        tempfile.TemporaryDirectory() as folder,
        engine_of(Path(folder), with_content(*targets, script_config=config), rows) as engine,
    ):
        engine.start().until("14:41")
        used = {}
        for step, (kind, place) in enumerate(edits):
            rows = edited(rows, kind, place, step)
            write_rows(engine.folder, rows)
            if kind == "targets":
                targets = ["B", "C", "A"][: 1 + place % 3]
                engine.edit("c", with_content(*targets, script_config=config))
            said = difference_on_disk(engine)
            told = len(engine.log.events)
            engine.after(60)
            planned = Counter()
            for event in engine.log.events[told:]:
                if event.name == "campaign.planned":
                    planned.update(
                        {name: event.fields.get(name, 0) for name in ("added", "removed", "moved", "changed")}
                    )
            assert +planned == Counter(counts(said.difference))
            for key, row in used.items():
                assert engine.loop.run_until_complete(engine.ledger.assignment(key)).assignment.row == row
            next_day(engine)
            for record in engine.records(day=engine.today()):
                if record.state == "completed":
                    used[record.assignment.key] = record.assignment.row
        sent = [caption for _, caption in captions(engine)]
        assert len(sent) == len(set(sent))
