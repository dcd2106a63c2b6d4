"""Each rule is broken by a file, told at its place under its id, and the message says what to do."""

from __future__ import annotations

import re

import pytest
from support.files import CONFIG, ENTRY, entry, load_one, problems_of_config

from runner.rules import Rule

HOSTS = "hosts: {pc: {url: 'http://pc:1'}}\n"
ELSEWHERE = {
    # Of files and folders that are not there: tests/cli/test_validate.py, tests/app/test_load.py
    *(Rule.FILE_UNREAD, Rule.CONFIG_MISSING, Rule.NO_CAMPAIGN_FILE, Rule.NOT_CHECKED),
    # Of files together: tests/core/test_check_across.py, tests/app/test_load.py
    *(Rule.LIMIT_TOO_LOW, Rule.WINDOW_OVERFULL, Rule.DEVICE_OVERBOOKED, Rule.GROUP_EXCEEDS_LICENCE),
    Rule.CAMPAIGN_TWICE,
    # Of a campaign and its content file: tests/app/test_content.py
    *(Rule.CONTENT_BROKEN, Rule.CONTENT_COLUMN, Rule.CONTENT_ROW, Rule.CONTENT_ROW_MISSING),
    Rule.CONTENT_ROW_UNUSED,
    # Of what no reader names more closely
    Rule.WRONG_VALUE,
}
SAYS_WHAT_TO_DO = re.compile(
    r"\b(write|save|delete|split|rename|add|swap|keep|use|make|put|part|mend|take|move|widen|close|shorten|"
    r"did you mean|known are|name targets|name the days|look for|must be|times go)\b"
)
TELLS_ONLY = {
    *(Rule.EXTRA_SCRIPT, Rule.PARAMETER_UNDOCUMENTED, Rule.NEVER_RUNS),
    *(Rule.SECRET_MISSING, Rule.HOLIDAYS_END),
}
"""Warnings about what may well be meant so."""

BEFORE = [
    (Rule.UNKNOWN_KEY, "timezon: UTC", 1, 1),
    (Rule.NO_VALUE, "name:", 1, 1),
    (Rule.WRONG_TYPE, "name: [a]", 1, 7),
    (Rule.WRONG_TYPE, "except: 2026-12-24", 1, 9),
    (Rule.BAD_NAME, "name: spring launch", 1, 7),
    (Rule.BAD_NAME, "device_groups: {a b: {serials: [X]}}", 1, 17),
    (Rule.BAD_NAME, "device_groups: {a: {serials: [X Y]}}", 1, 31),
    (Rule.NOT_TRUE_OR_FALSE, "enabled: no", 1, 10),
    (Rule.ZONE_UNKNOWN, "timezone: CET+1", 1, 11),
    (Rule.NOT_A_DATE, "from: 24.12.2026", 1, 7),
    (Rule.NOT_A_DATE, "until: 2026-02-30", 1, 8),
    (Rule.WRONG_ORDER, "from: 2026-12-02\nuntil: 2026-12-01", 2, 8),
    (Rule.NEVER_RUNS, "from: 2026-12-05\nuntil: 2026-12-06\ndays: weekdays", 2, 8),
    (Rule.NOT_A_WEEKDAY, "days: [mon, Tuesday]", 1, 13),
    (Rule.NOT_A_WEEKDAY, "days: weekday", 1, 7),
    (Rule.EMPTY_LIST, "days: []", 1, 1),
    (Rule.EMPTY_LIST, "limits: {}", 1, 1),
    (Rule.NOT_A_NUMBER, "limits: {per_target_per_day: many}", 1, 30),
    (Rule.QUOTED_NUMBER, "limits: {per_target_per_day: '3'}", 1, 30),
    (Rule.OUT_OF_RANGE, "limits: {per_target_per_day: 0}", 1, 30),
    (Rule.OUT_OF_RANGE, "limits: {min_gap: 2d}", 1, 19),
    (Rule.NOT_A_DURATION, "limits: {min_gap: 5}", 1, 19),
    (Rule.LIMIT_WITHOUT_EFFECT, "limits: {per_host_per_day: 1, per_host_per_hour: 2}", 1, 50),
    (Rule.GIVEN_TWICE, "device_groups: {a: {serials: [X, X]}}", 1, 34),
    (Rule.HOST_UNKNOWN, "device_groups: {a: {host: pc, serials: [X]}}", 1, 27),
    (Rule.NO_TARGET, "device_groups: {a: {}}", 1, 17),
    (Rule.SERIALS_AND_USERNAMES, "device_groups: {a: {serials: [X], usernames: [Y]}}", 1, 35),
    (Rule.GROUP_HIDDEN, "device_groups: {brands: {usernames: [X]}}", 1, 17),
    (Rule.GROUP_UNKNOWN, "device_groups: {a: {groups: [studoi]}}", 1, 30),
    (Rule.GROUP_CIRCLE, "device_groups: {a: {groups: [b]}, b: {groups: [a]}}", 1, 48),
    (Rule.GROUP_OF_GROUPS, "device_groups: {a: {host: studio-pc, groups: [studio]}}", 1, 21),
    (Rule.GROUP_OF_GROUPS, "device_groups: {a: {not: [studio], serials: [X]}}", 1, 21),
    (Rule.GROUP_UNKNOWN, "device_groups: {a: {groups: [studio], not: [studoi]}}", 1, 45),
    (Rule.GROUP_EXCLUDES_NOTHING, "device_groups: {a: {groups: [studio], not: [brands]}}", 1, 45),
    (Rule.NOT_A_DATE, "except: [2026-12-24, sat]", 1, 22),
    (Rule.WRONG_ORDER, "except: [2026-12-24..2026-12-01]", 1, 10),
    (Rule.HOLIDAYS_UNKNOWN, "except: [holidays:XX]", 1, 10),
    (Rule.HOLIDAYS_UNKNOWN, "except: ['holidays:S1']", 1, 10),
    (Rule.HOLIDAYS_END, "except: [holidays:LK]", 1, 10),
    (Rule.TOO_MANY_PLACES, "except: [" + "holidays:SE, " * 21 + "]", 1, 270),
    (Rule.CALENDAR_UNKNOWN, "except: [calendar:breaks]", 1, 10),
    (Rule.CALENDAR_UNKNOWN, "days: [mon, calendar:breaks]", 1, 13),
    (Rule.BAD_NAME, "days: 'calendar:'", 1, 7),
    (Rule.WRONG_TYPE, "days: [calendar: breaks]", 1, 8),
    (Rule.NOT_A_WEEKDAY, "days: holidays:SE", 1, 7),
    (Rule.EMPTY_LIST, "defaults: {}", 1, 1),
    (Rule.UNKNOWN_KEY, "defaults: {name: a}", 1, 12),
    (Rule.UNKNOWN_VALUE, "defaults: {spread: evn}", 1, 20),
    (Rule.DEFAULT_UNUSED, "defaults: {start_time: '9:00'}", 1, 12),
    (Rule.KEY_TWICE, "name: a\nname: b", 2, 1),
    (Rule.NOT_YAML, "name: @x", 1, 7),
    (Rule.NOT_YAML, "name: 'x", 1, 7),
    (Rule.CONTROL_CHARACTER, "name: a\x07b", 1, 8),
    (Rule.CONTROL_CHARACTER, "name: a\0b", 1, 8),
    (Rule.NESTED_TOO_DEEP, "name: " + "[" * 33, 1, 38),
    (Rule.YAML_TAG, "name: !x y", 1, 7),
    (Rule.YAML_ANCHOR, "name: *x", 1, 7),
    (Rule.YAML_MERGE, "<<: x", 1, 1),
    (Rule.KEY_NOT_TEXT, "[a]: b", 1, 1),
    (Rule.TOO_MANY_ALIASES, "name: &a x\nb: [" + "*a," * 101 + "]", 2, 305),
    (Rule.TOO_MANY_VALUES, "a: &a [" + "x," * 9_000 + "]\nb: [" + "*a," * 30 + "]", 2, 68),
]
"""What stands before an entry that checks."""


@pytest.mark.parametrize(("rule", "text", "line", "column"), BEFORE, ids=[str(row[0]) for row in BEFORE])
def test_a_campaign_that_breaks_a_rule_is_told_of_it(rule, text, line, column):
    check(load_one(f"{text}\n{ENTRY}").problems, rule, line, column)


def item(name, *, script="post", groups="[studio]", window="'9:00'", config="{}", more=""):
    return (
        f"  - {{name: {name}, script_name: {script}, device_groups: {groups}, start_time: {window}, "
        f"script_config: {config}{more}}}\n"
    )


IN_ENTRY = [
    (Rule.MISSING_KEY, "  - ^{name: a, script_name: post, device_groups: [studio], start_time: '9:00'}\n"),
    (Rule.NO_VALUE, item("b", more=", ^retry: ")),
    (Rule.NOT_A_WINDOW, item("c", window="^25:00")),
    (Rule.NOT_A_WINDOW, item("d", window="['9:00', ^9.30]")),
    (Rule.WINDOWS_OVERLAP, item("e", window="['9:00', ^'9:10']")),
    (Rule.WINDOW_TOO_SHORT, item("f", window="^'9:00:00-9:00:05'")),
    (Rule.EMPTY_LIST, item("g", window="[]").replace("start_time", "^start_time")),
    (Rule.GROUP_UNKNOWN, item("h", groups="[^studoi]")),
    (Rule.NO_TARGET, item("i", groups="[]").replace("device_groups", "^device_groups")),
    (Rule.ACCOUNTS_NOT_DEVICES, item("j", groups="[brands]", more=", enable_multi_account: ^true")),
    (Rule.UNKNOWN_VALUE, item("k", more=", spread: ^evn")),
    (Rule.UNKNOWN_KEY, item("l", more=", ^spraed: even")),
    (Rule.AHEAD_ALL_AT_ONCE, item("m", more=", spread: together, deliver: ^ahead")),
    (Rule.WRONG_ORDER, item("n", more=", min_interval: ^3, max_interval: 2")),
    (Rule.MISSING_KEY, item("o", more=", ^retry: {delay: 5m}")),
    (Rule.NOT_A_DURATION, item("p", more=", retry: {attempts: 2, delay: ^soon}")),
    (Rule.SCRIPT_UNKNOWN, item("q", script="^pots")),
    (Rule.SCRIPT_ANNOUNCED, item("r", script="^like")),
    (Rule.EXTRA_SCRIPT, item("s", script="^shop")),
    (Rule.PARAMETER_UNKNOWN, item("t", config="{^caption: x}")),
    (Rule.PARAMETER_UNDOCUMENTED, item("u", config="{^zebra: x}")),
    (Rule.PARAMETERS_DISAGREE, item("v", config="{post_way: ^useSound}")),
    (Rule.EMPTY_TEXT, item("w", config="{sound_name: ^''}")),
    (Rule.PLACEHOLDER, item("x", config="{captions: ^'${dat}'}")),
    (Rule.PLACEHOLDER_WITHOUT_VALUE, item("y", groups="[brands]", config="{captions: ^'${serial}'}")),
    (Rule.SECRET_MISSING, item("z", config="{captions: ^'${env:NO}'}")),
    (Rule.SECRET_IN_FILE, item("aa", script="account_warmup", config="{chatgpt_settings: {api_key: ^x}}")),
    (Rule.ENTRY_TWICE, item("^k")),
    (Rule.AFTER_UNKNOWN, item("ab", more=", after: [^aaa]")),
    (Rule.AFTER_CIRCLE, item("ac", more=", after: [^ac]")),
    (Rule.AFTER_TARGET, item("ad", groups="[brands]", more=", after: [^z]")),
    (Rule.AFTER_NEVER, item("ae", window="'8:00'", more=", after: [^z]")),
    (Rule.GIVEN_TWICE, item("af", more=", after: [z, ^z]")),
]
"""Entries, each with one mistake at the mark `^`; together they are one file."""


def test_every_mistake_of_a_file_with_many_is_told_at_its_place():
    lines = [row[1] for row in IN_ENTRY]
    found = load_one("scripts:\n" + "".join(line.replace("^", "") for line in lines)).problems
    assert [(problem.rule, problem.line, problem.column) for problem in found] == [
        (rule, number, line.index("^") + 1) for number, (rule, line) in enumerate(IN_ENTRY, start=2)
    ]
    for problem in found:
        says_what_to_do(problem)


CHAIN = "device_groups:\n  g32: {serials: [X]}\n" + "".join(
    f"  g{n}: {{groups: [g{n + 1}]}}\n" for n in range(32)
)
MANY_DEFAULTS = "defaults: {script_config: {a: [" + "x," * 101_000 + "]}}\nscripts: [{}, {}]\n"
WHOLE = [
    (Rule.EMPTY_FILE, "# nothing\n", 1, 1),
    (Rule.MISSING_KEY, "name: x\n", 1, 1),
    (Rule.EMPTY_LIST, "scripts: []\n", 1, 1),
    (Rule.WRONG_TYPE, "scripts: {a: b}\n", 1, 10),
    (Rule.SECOND_DOCUMENT, f"{ENTRY}---\n", 7, 1),
    (Rule.NOT_UTF_8, ENTRY.encode("utf-16"), 1, 1),
    (Rule.NOT_UTF_8, b"name: \xe5\n", 1, 7),
    (Rule.TOO_LARGE, b"#" * 1_048_577, 1, 1),
    (Rule.TOO_MANY_VALUES, MANY_DEFAULTS, 1, 1),
    (Rule.GROUP_DEPTH, CHAIN + ENTRY, 34, 18),
    (Rule.TOO_MANY_PROBLEMS, "".join(f"key{n}: x\n" for n in range(600)), 501, 1),
]


@pytest.mark.parametrize(("rule", "text", "line", "column"), WHOLE, ids=[str(row[0]) for row in WHOLE])
def test_a_whole_file_that_breaks_a_rule_is_told_of_it(rule, text, line, column):
    found = load_one(text).problems
    if rule is Rule.TOO_MANY_PROBLEMS:
        found = found[500:]
    check(found, rule, line, column)


def test_a_file_whose_name_is_no_campaign_s_is_told_of_it():
    check(load_one(ENTRY, name="my campaign.yaml").problems, Rule.CAMPAIGN_NAME, 1, 1)


def test_a_window_in_quiet_hours_is_told_of_it():
    config_text = "quiet_hours: '8:00-12:00'\n" + HOSTS + "device_groups: {studio: {serials: [S1]}}\n"
    found = load_one(entry(), config_text=config_text).problems
    check(found, Rule.WINDOW_IN_QUIET_HOURS, 4, 17)


def test_work_that_goes_ahead_by_a_clock_of_unknown_zone_is_told_of_it():
    text = f"timezone: Asia/Tokyo\ndefaults: {{deliver: ahead}}\n{ENTRY}"
    found = load_one(text, config_text=f"timezone: Europe/Stockholm\n{CONFIG}").problems
    check(found, Rule.AHEAD_ZONE, 2, 21)


CONFIGS = [
    (Rule.QUIET_ALL_DAY, "quiet_hours: '00:00-24:00'\n" + HOSTS, 1, 1),
    (Rule.QUIET_ALL_DAY, "quiet_hours: calendar:a\ncalendars: {a: {days: daily}}\n" + HOSTS, 1, 1),
    (Rule.NOT_A_WINDOW, "quiet_hours: night\n" + HOSTS, 1, 14),
    (Rule.CALENDAR_UNKNOWN, "quiet_hours: [calendar:b]\ncalendars: {a: {days: [mon]}}\n" + HOSTS, 1, 15),
    (Rule.CALENDAR_FILE, "calendars: {a: {file: a.ics}}\n" + HOSTS, 1, 23),
    (Rule.HOLIDAYS_UNKNOWN, "calendars: {a: {holidays: [SE, UK]}}\n" + HOSTS, 1, 32),
    (Rule.EMPTY_LIST, "calendars: {a: {}}\n" + HOSTS, 1, 13),
    (Rule.NOT_A_WEEKDAY, "calendars: {a: {days: [calendar:b]}}\n" + HOSTS, 1, 24),
    (Rule.OUT_OF_RANGE, "calendars: {a: {days_of_month: [0]}}\n" + HOSTS, 1, 33),
    (Rule.WRONG_ORDER, "calendars: {a: {dates: [2026-02-02..2026-02-01]}}\n" + HOSTS, 1, 25),
    (Rule.LISTEN_ADDRESS, "web: {listen: 8642}\n" + HOSTS, 1, 15),
    (Rule.NOTIFY_ADDRESS, "notify: {ping_url: 'ftp://x'}\n" + HOSTS, 1, 20),
    (Rule.STORE_ADDRESS, "store: mysql://x\n" + HOSTS, 1, 8),
    (Rule.PLACEHOLDER, "store: 'sqlite:///${env:X}'\n" + HOSTS, 1, 8),
    (Rule.HOST_ADDRESS, "hosts: {pc: {url: localhost}}\n", 1, 19),
    (Rule.HOST_TWICE, "hosts: {a: {url: 'http://x'}, b: {url: 'http://x/'}}\n", 1, 40),
    (Rule.EMPTY_FILE, "", 1, 1),
]


@pytest.mark.parametrize(("rule", "text", "line", "column"), CONFIGS, ids=[str(row[0]) for row in CONFIGS])
def test_a_config_that_breaks_a_rule_is_told_of_it(rule, text, line, column):
    found = problems_of_config(text)
    check(found, rule, line, column)


def check(found, rule, line, column):
    assert [(problem.rule, problem.line, problem.column) for problem in found] == [(rule, line, column)]
    says_what_to_do(found[0])


def says_what_to_do(problem):
    assert problem.rule in TELLS_ONLY or SAYS_WHAT_TO_DO.search(problem.message), problem


def test_every_rule_is_broken_by_a_file_of_these_tables():
    tables = (BEFORE, IN_ENTRY, WHOLE, CONFIGS)
    shown = {row[0] for table in tables for row in table}
    alone = {Rule.CAMPAIGN_NAME, Rule.WINDOW_IN_QUIET_HOURS, Rule.AHEAD_ZONE}
    assert shown | ELSEWHERE | alone == set(Rule)
    assert not shown & ELSEWHERE
    assert sum(map(len, tables)) >= 80
