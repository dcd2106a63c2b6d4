"""What shows only across files, or against what the ledger knows, is told where it can be mended."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.adapters.campaign_folder import FileText
from runner.adapters.holiday_days import public_holidays
from runner.adapters.yaml_documents import read_document
from runner.app.load import load_texts
from runner.core.check.across import Known, check_across
from runner.core.check.config import check_config
from runner.core.check.durations import Durations, learn
from runner.model.campaign import Target, TargetKind
from runner.model.record import FinishedTask
from runner.rules import Rule

CONFIG = """\
hosts: {pc: {url: "http://pc:1"}, mac: {url: "http://mac:1", in_flight: 2}}
device_groups:
  two: {host: pc, serials: [S1, S2]}
  four: {host: mac, serials: [M1, M2, M3, M4]}
  brands: {host: pc, usernames: ["@a"]}
"""
TODAY = date(2026, 12, 1)
S1, S2 = Target("pc", TargetKind.SERIAL, "S1"), Target("pc", TargetKind.SERIAL, "S2")
POST = ("post", None)


def campaign(window="09:00-11:00", *, script="post", groups="[two]", config="{}", more="", top=""):
    return (
        f"{top}scripts:\n  - script_name: {script}\n    device_groups: {groups}\n"
        f"    start_time: {window}\n    script_config: {config}\n{more}"
    )


def found(*texts, known=None, config_text=CONFIG, today=TODAY):
    document = read_document(config_text, file="config.yaml")
    config, problems = check_config(document, folder=Path("/srv"), holidays=public_holidays)
    assert not problems
    files = {f"{at}.yaml": FileText(Path(f"{at}.yaml"), text.encode()) for at, text in enumerate(texts)}
    loaded = load_texts(files, config=config, secret=str)
    assert not loaded.problems
    return check_across(loaded.campaigns, config=config, known=known or Known(), today=today)


def taking(seconds):
    """Know that a post takes so long on each host."""
    return Known(Durations({}, {POST: {"pc": seconds, "mac": seconds}}))


def only(concerns, rule):
    (concern,) = concerns
    assert concern.rule is rule
    return concern


def test_without_a_ledger_and_without_a_duration_nothing_is_known_to_be_too_much():
    assert found(campaign(), campaign(), campaign(window='["10:00-12:00", "22:00-02:00"]')) == []


def test_a_device_in_two_windows_at_once_with_more_work_than_fits_is_told_in_the_later_file():
    concern = only(found(campaign(), campaign("10:00-11:00"), known=taking(7_300)), Rule.DEVICE_OVERBOOKED)
    assert (concern.file, concern.path) == ("1.yaml", ("scripts", 0, "start_time", 0))
    assert concern.message == (
        "the device `S1` and 1 more is in 0/post 09:00-11:00, too: 4h3m20s of work cannot begin in 2h, "
        "e.g. on 2026-12-01; part the windows, or the targets"
    )


def test_two_windows_at_once_with_room_for_both_are_fine():
    assert found(campaign(), campaign("10:00-11:00"), known=taking(3_599)) == []


def test_windows_that_touch_but_do_not_overlap_are_fine():
    assert found(campaign("09:00-10:00"), campaign("10:00-11:00"), known=taking(3_000)) == []


def test_entries_of_one_campaign_are_looked_at_together():
    second = (
        "  - name: more\n    script_name: post\n    device_groups: [two]\n"
        "    start_time: '09:30-10:30'\n    script_config: {}\n"
    )
    concern = only(found(campaign("09:00-10:30") + second, known=taking(5_500)), Rule.DEVICE_OVERBOOKED)
    assert concern.path == ("scripts", 1, "start_time", 0)


def test_windows_of_different_zones_are_compared_as_they_really_lie():
    stockholm = campaign("09:00-10:00", top="timezone: Europe/Stockholm\n")
    assert found(stockholm, campaign("09:00-10:00"), known=taking(3_700)) == []
    only(found(stockholm, campaign("08:00-09:00"), known=taking(3_700)), Rule.DEVICE_OVERBOOKED)


def test_a_window_across_midnight_meets_that_of_the_next_morning():
    night = campaign("23:00-01:00")
    only(found(night, campaign("00:00-01:00"), known=taking(7_300)), Rule.DEVICE_OVERBOOKED)


def test_campaigns_that_never_run_on_the_same_day_are_fine():
    monday, tuesday = (campaign(top=f"days: [{day}]\n") for day in ("mon", "tue"))
    assert found(monday, tuesday, known=taking(7_300)) == []
    assert (
        found(campaign(top="until: 2026-12-24\n"), campaign(top="from: 2026-12-25\n"), known=taking(9_999))
        == []
    )


def test_campaigns_that_meet_only_later_are_told():
    later = campaign(top="from: 2027-05-03\n")
    concern = only(found(campaign(), later, known=taking(7_300)), Rule.DEVICE_OVERBOOKED)
    assert "e.g. on 2027-05-03" in concern.message


@pytest.mark.parametrize("top", ["enabled: false\n", "until: 2026-11-30\n"])
def test_a_campaign_that_is_over_or_disabled_takes_no_room(top):
    assert found(campaign(), campaign(top=top), known=taking(7_300)) == []


def test_of_many_windows_at_once_the_first_are_named():
    concern = only(found(*[campaign()] * 6, known=taking(2_000)), Rule.DEVICE_OVERBOOKED)
    names = ", ".join(f"{number}/post 09:00-11:00" for number in range(3))
    assert f"is in {names} and 2 more, too: 3h20m of work cannot begin in 2h" in concern.message


def test_accounts_are_lanes_of_their_own():
    concern = only(
        found(campaign(groups="[brands]"), campaign(groups="[brands]"), known=taking(7_300)),
        Rule.DEVICE_OVERBOOKED,
    )
    assert concern.message.startswith("the account `@a` is in 0/post")


def test_an_entry_with_more_tasks_than_begin_in_its_window_is_told():
    follow = campaign(
        script="follow", config="{target_users: [a, b, c, d]}", window="['09:00-10:00', 11:00-12:00]"
    )
    known = Known(Durations({("follow", None): {S2: 1_200.0}}, {}))
    concerns = found(follow, known=known)
    assert [concern.path[-1] for concern in concerns] == [0, 1]
    assert {concern.rule for concern in concerns} == {Rule.WINDOW_OVERFULL}
    assert concerns[0].message == (
        "1h20m of work for `S2` cannot begin in 09:00-10:00; widen it, or give it less to do"
    )
    assert found(follow, known=Known(Durations({("follow", None): {S2: 1_199.0}}, {}))) == []


def test_the_last_task_may_run_on_unless_it_is_stopped():
    warm_up = "script_name: account_warmup"
    text = (
        campaign("09:00-10:00").replace("script_name: post", warm_up).replace("{}", "{task_duration: 3601}")
    )
    assert found(text) == []
    stopped = only(found(text + "    at_close: stop\n"), Rule.WINDOW_OVERFULL)
    assert stopped.message.startswith("1h1s of work for `S1` and 1 more cannot begin in 09:00-10:00")
    assert found(text.replace("3601", "3600") + "    at_close: stop\n") == []


def test_a_host_with_few_at_once_has_room_for_few():
    text = campaign("09:00-10:00", groups="[four]")
    assert found(text, known=taking(3_600)) == []
    many = CONFIG.replace("M4]", "M4, M5, M6]")
    concern = only(found(text, known=taking(3_600), config_text=many), Rule.WINDOW_OVERFULL)
    assert concern.message.startswith(
        "6h of work on `mac`, 2 at once (`in_flight`), cannot begin in 09:00-10:00"
    )


def test_a_limit_below_what_its_campaign_plans_for_a_day_is_told_at_the_limit():
    limits = "per_target_per_day: 1, per_script_per_day: 4, per_campaign_per_day: 3, per_host_per_day: 9"
    concerns = found(campaign('["09:00-10:00", "11:00-12:00"]', top=f"limits: {{{limits}}}\n"))
    assert [(concern.path, concern.rule) for concern in concerns] == [
        (("limits", "per_target_per_day"), Rule.LIMIT_TOO_LOW),
        (("limits", "per_campaign_per_day"), Rule.LIMIT_TOO_LOW),
    ]
    assert concerns[0].message.startswith("below what is planned for a day: 2 for `S1` and 1 more; ")
    assert concerns[1].message.startswith("below what is planned for a day: 4 for `0`; ")


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("per_target_per_day: 1", "2 for `S1` and 1 more"),
        ("per_script_per_day: 3", "4 for `post`"),
        ("per_host_per_day: 3", "4 for `pc`"),
        ("per_target_per_day: 2", None),
        ("per_campaign_per_day: 2", None),
        ("per_host_per_hour: 1", None),
    ],
)
def test_a_limit_of_the_config_is_compared_with_all_campaigns_of_a_day(limit, words):
    config_text = f"{CONFIG}limits: {{{limit}}}\n"
    concerns = found(
        campaign(), campaign("12:00-13:00"), campaign(top="enabled: false\n"), config_text=config_text
    )
    if words is None:
        assert concerns == []
        return
    concern = only(concerns, Rule.LIMIT_TOO_LOW)
    assert concern.file == "config.yaml"
    assert words in concern.message
    apart = [campaign(top="days: [mon]\n"), campaign("12:00-13:00", top="days: [tue]\n")]
    assert found(*apart, config_text=config_text) == []


def test_a_group_larger_than_its_host_s_licence_is_told_where_it_is_written():
    known = Known(device_limits={"pc": 1, "mac": 4})
    concern = only(found(campaign(groups="[two, brands]"), known=known), Rule.GROUP_EXCEEDS_LICENCE)
    assert (concern.file, concern.path) == ("config.yaml", ("device_groups", "two"))
    assert concern.message.startswith("2 devices on `pc`, whose licence allows 1, as it said last")
    own = "device_groups: {own: {host: mac, serials: [A, B, C, D, E]}}\n"
    concerns = found(campaign(groups="[own]", top=own), known=Known(device_limits={"mac": 4}))
    assert [(each.file, each.path) for each in concerns] == [("0.yaml", ("device_groups", "own"))]


CALENDARS = """\
calendars:
  launch: {dates: [2026-12-23..2026-12-27, 2027-01-05..2027-01-06]}
  pay-day: {days_of_month: [-1]}
"""


@pytest.mark.parametrize(
    ("top", "other", "day"),
    [
        ("days: [calendar:launch]\n", "from: 2026-06-01\nuntil: 2026-12-31\n", "2026-12-23"),
        ("days: [calendar:launch]\nexcept: [2026-12-23..2026-12-24, holidays:SE]\n", "", "2026-12-27"),
        ("days: [calendar:launch]\nexcept: [2026-12-20..2026-12-31, holidays:SE]\n", "", "2027-01-05"),
        ("days: [calendar:launch]\n", "days: [calendar:pay-day]\nexcept: [calendar:launch]\n", None),
        ("days: [calendar:pay-day]\n", "days: [thu]\n", "2026-12-31"),
        ("except: [2026-11-01..2026-12-10]\n", "", "2026-12-11"),
        ("from: 9999-12-28\n", "from: 9999-12-29\n", "9999-12-29"),
    ],
)
def test_campaigns_that_meet_on_days_by_name_only_are_told_of_such_a_day(top, other, day):
    concerns = found(
        campaign(top=top), campaign(top=other), known=taking(7_300), config_text=CONFIG + CALENDARS
    )
    if day is None:
        assert concerns == []
    else:
        assert f"e.g. on {day};" in only(concerns, Rule.DEVICE_OVERBOOKED).message


def test_a_campaign_of_the_last_day_of_all_is_fine():
    assert found(*[campaign("22:00-02:00", top="from: 9999-12-31\n")] * 2, known=taking(9_999)) == []


def test_a_campaign_on_days_of_a_calendar_that_are_all_excluded_never_runs():
    top = "days: [calendar:launch]\nexcept: [calendar:launch, holidays:SE]\n"
    only(found(campaign(top=top), config_text=CONFIG + CALENDARS), Rule.NEVER_RUNS)


def test_a_campaign_without_a_last_day_whose_days_are_all_excluded_never_runs():
    days = ", ".join(str(TODAY + timedelta(days=number)) for number in range(500))
    concern = only(found(campaign(top=f"except: [{days}]\n")), Rule.NEVER_RUNS)
    assert concern.path == ("days",)
    assert found(campaign(top=f"except: [{days}]\nfrom: 2028-12-01\n")) == []


def finished(seconds, *, target=S1, script="post", config=None, begins="2026-11-01 09:00:00"):
    hours, rest = divmod(seconds, 3_600)
    ends = f"2026-11-01 {9 + hours:02}:{rest // 60:02}:{rest % 60:02}"
    return FinishedTask(target, script, config or {}, begins, ends)


def test_durations_are_medians_by_target_else_by_host():
    tasks = [finished(seconds) for seconds in (60, 70, 3_000)] + [finished(300, target=S2)] * 2
    learnt = learn(tasks)
    assert learnt.of_target == {POST: {S1: 70}}
    assert learnt.of_host == {POST: {"pc": 300}}


def test_a_warm_up_of_ten_minutes_says_nothing_of_one_of_an_hour():
    ten = [finished(620, script="account_warmup", config={"task_duration": 600})] * 3
    assert learn(ten).of_target == {("account_warmup", 600): {S1: 620}}
    text = campaign("09:00-10:00", script="account_warmup", more="    at_close: stop\n")
    assert found(text.replace("{}", "{task_duration: 600}"), known=Known(learn(ten))) == []
    hour = text.replace("{}", "{task_duration: 4000}")
    assert only(found(hour, known=Known(learn(ten))), Rule.WINDOW_OVERFULL).message.startswith("1h6m40s")


def test_times_that_say_nothing_are_left_out():
    tasks = [
        finished(60, begins=begins) for begins in ("soon", "2026-11-01T09:00:00+01:00", "2026-12-01 09:00:00")
    ]
    assert learn(tasks).of_host == {}
    assert learn([finished(60)] * 2).of_host == {POST: {}}


HALF_HOURS = st.integers(0, 47).map(lambda half: half * 1_800)
JOBS = st.lists(
    st.tuples(
        HALF_HOURS, st.integers(1, 8).map(lambda halves: halves * 1_800), st.integers(1, 4), st.booleans()
    ),
    min_size=1,
    max_size=5,
)


@given(JOBS, st.integers(60, 7_200))
def test_what_fits_is_never_told(jobs, seconds):
    """Whatever order of one task after the other works proves that the work fits."""
    jobs = [(opens, min(opens + length, 86_400), tasks, stop) for opens, length, tasks, stop in jobs]
    users = ["a", "b", "c", "d"]
    texts = [
        campaign(
            f"{clock(opens)}-{clock(closes)}",
            script="follow",
            config=f"{{target_users: {users[:tasks]}}}",
            more="    at_close: stop\n" if stop else "",
            top="days: [tue]\n",
        )
        for opens, closes, tasks, stop in jobs
    ]
    known = Known(Durations({}, {("follow", None): {"pc": float(seconds)}}))
    told = found(*texts, known=known)
    if one_after_the_other(jobs, seconds):
        assert told == []
    if sum(tasks for _, _, tasks, _ in jobs) * seconds > 86_400 + seconds:
        assert told != []


def clock(seconds):
    return f"{seconds // 3_600:02}:{seconds % 3_600 // 60:02}"


def one_after_the_other(jobs, seconds):
    """Tell whether it works to do next whatever has to be begun first."""
    waiting = [(closes, opens, stop) for opens, closes, tasks, stop in jobs for _ in range(tasks)]
    now = 0
    while waiting:
        ready = [each for each in waiting if each[1] <= now]
        if not ready:
            now = min(opens for _, opens, _ in waiting)
            continue
        first = min(ready)
        closes, _, stop = first
        if now >= closes or (stop and now + seconds > closes):
            return False
        waiting.remove(first)
        now += seconds
    return True
