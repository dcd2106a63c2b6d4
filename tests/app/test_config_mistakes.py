"""Mistakes in a config, and in whole files: each is told at its place."""

from __future__ import annotations

import pytest
from support.files import ENTRY, entry, found_in, load_one, problems_of_config

CONFIGS = [
    ("timezone: Mars/Base", 1, 11, "is not a time zone"),
    ("poll_interval: 5", 1, 16, "`5` has no unit; write 5s"),
    ("grace: 24h", 1, 8, "24h is out of range; write 1m to 23h59m"),
    ("hots: {}", 1, 1, "did you mean `hosts`?"),
    ("http: {timeout: 10}", 1, 17, "http.timeout: `10` has no unit"),
    ("http: 10s", 1, 7, "http: write keys with values"),
    ("limits: {per_target_per_day: 0}", 1, 30, "0 is out of range; write a whole number from 1"),
    ("limits: {per_target_per_dya: 50}", 1, 10, "no such key; did you mean `per_target_per_day`?"),
    ("limits: 50", 1, 9, "write keys with values here"),
    ("limits: {}", 1, 1, "holds no limit"),
    ("quiet_hours: '23:30'", 1, 14, 'write when they begin and when they end, e.g. "23:30-06:00"'),
    ("quiet_hours: ['23:30-06:00', '6-7']", 1, 30, "`6` is not a time"),
    ("quiet_hours: []", 1, 1, "holds no hours"),
    ("quiet_hours: [calendar:brakes]\ncalendars: {breaks: {days: [sun]}}", 1, 15, "did you mean `breaks`?"),
    ("quiet_hours: calendar:brakes", 1, 14, "no calendar `brakes`; the config names none under `calendars`"),
    ("quiet_hours: calendar:all\ncalendars: {all: {days: daily}}", 1, 1, "leaves no day of the week"),
    ("calendars: [breaks]", 1, 12, "calendars: write keys with values here"),
    ("calendars: {a b: {days: [sun]}}", 1, 13, "`a b`: write at most 64"),
    ("calendars: {a: {}}", 1, 13, "calendars.a: names no day; write `dates`, `days`, `days_of_month`"),
    ("calendars: {a: {dates: []}}", 1, 13, "calendars.a: names no day"),
    ("calendars: {a: {dats: [2026-12-24]}}", 1, 17, "did you mean `dates`?"),
    ("calendars: {a: {dates: 2026-12-24}}", 1, 24, "a.dates: write a list"),
    ("calendars: {a: {dates: [2026-12-24..2026-12-01]}}", 1, 25, "write 2026-12-01..2026-12-24"),
    (
        "calendars: {a: {days: [calendar:b]}, b: {days: [sun]}}",
        1,
        24,
        "a calendar's `days` are days of the week",
    ),
    ("calendars: {a: {days: sunday}}", 1, 23, "is neither a list of days nor a known word"),
    ("calendars: {a: {days_of_month: [0]}}", 1, 33, "there is no day 0; write 1 for the first day"),
    (
        "calendars: {a: {days_of_month: [32]}}",
        1,
        33,
        "32 is out of range; write a whole number from -31 to 31",
    ),
    (
        "calendars: {a: {holidays: Sveden}}",
        1,
        27,
        "a.holidays: no holidays are known of `Sveden`; did you mean `SE`?",
    ),
    ("calendars: {a: {holidays: [SE, UK]}}", 1, 32, "`UK`; did you mean `GB`?"),
    ("calendars: {a: {file: nowhere.ics}}", 1, 23, "a.file: nowhere.ics: cannot be read: No such file"),
    ("calendars: {a: {file: ''}}", 1, 23, "is empty; write some text"),
    ("quiet_hours: ['22:00-12:00', '11:00-22:00']", 1, 1, "leaves no time of the day"),
    ("notify: {channels: {a: {url: hello}}}", 1, 30, "is no address that Apprise knows"),
    ("notify: {channels: {a: {url: 'x://${date}'}}}", 1, 30, "`${date}` has no value here"),
    ("notify: {channels: {a: {url: 'x://y', alarms: [fale]}}}", 1, 48, "did you mean `failed`?"),
    ("notify: {quiet_hours: '00:00-24:00'}", 1, 10, "leaves no time of the day"),
    ("notify: {daily_report: '24:00'}", 1, 24, 'write "00:00" for midnight'),
    ("notify: {campaigns: {spring: {ping_url: hc}}}", 1, 41, "is no address; write e.g. https://"),
    ("web: {listen: 8642}", 1, 15, 'write e.g. "127.0.0.1:8642"'),
    ("web: {listen: 'localhost:70000'}", 1, 15, "is not an address with its port"),
    ("web: {listen: '127.0.0.1:0'}", 1, 15, "is not an address with its port"),
    ("web: {listen: '0.0.0.0:8642'}", 1, 15, "needs TLS: write `certfile` and `keyfile`"),
    ("web: {listen: '[::]:8642'}", 1, 15, "needs TLS"),
    ("web: {listen: 'localhost.example:8642'}", 1, 15, "needs TLS"),
    ("web: {listen: '0.0.0.0:8642', certfile: c.pem}", 1, 41, "belong together"),
    ("web: {names: ['http://x']}", 1, 15, "is not a name with its port"),
    ("web: {metrics: yes}", 1, 16, "write one of token, open"),
    ("web: {listen: 'unix:'}", 1, 15, "the path of a socket"),
    ("log: {level: loud}", 1, 14, "write one of debug"),
    ("store: mysql://x", 1, 8, "write sqlite:///PATH"),
    ("store: 'sqlite:///:memory:'", 1, 8, "must be on disk"),
    ("store: 'postgresql://u:${env:P}@h/d'", 1, 8, "replaced in script_config only"),
    ("extra_scripts: shop", 1, 16, "extra_scripts: write a list"),
    ("device_groups: {a: {host: x, serials: [S]}}", 1, 27, "there is no host `x`"),
]


@pytest.mark.parametrize(("line", "at_line", "column", "words"), CONFIGS, ids=[row[0] for row in CONFIGS])
def test_a_mistake_in_the_config_is_named_at_its_place(line, at_line, column, words):
    found = problems_of_config(f"{line}\nhosts: {{pc: {{url: 'http://pc:50809/api/v1'}}}}\n")
    errors = [problem for problem in found if problem.severity == "error"]
    assert [(problem.line, problem.column) for problem in errors] == [(at_line, column)]
    assert words in errors[0].message


@pytest.mark.parametrize("store", ["postgresql://u:s3cret@h/d", "postgresql://h/d?user=u&password=s3cret"])
def test_a_password_in_the_address_of_the_store_is_warned_of_and_not_repeated(store):
    (found,) = problems_of_config(f"store: {store}\nhosts: {{pc: {{url: 'http://pc:50809/api/v1'}}}}\n")
    assert (found.severity, found.line, found.column) == ("warning", 1, 8)
    assert "~/.pgpass" in found.message
    assert "s3cret" not in str(found)


def test_the_settle_time_may_be_written():
    assert not problems_of_config("http: {settle: 1m}\nhosts: {pc: {url: 'http://pc:50809/api/v1'}}\n")


HOSTS = [
    ("{}", 1, 1, "names no host"),
    ("{pc: {}}", 1, 9, "hosts.pc: `url` is missing"),
    ("{pc: {url: localhost}}", 1, 19, "is no address"),
    ("{pc: {url: 'ftp://x'}}", 1, 19, "is no address"),
    ("{pc: {url: 'http://[x'}}", 1, 19, "is no address"),
    ("{pc: {url: 'http://x:99999'}}", 1, 19, "is no address"),
    ("{pc: {url: 'http://u:p@x/api'}}", 1, 19, "without user"),
    ("{pc: {url: 'http://x/api?a=b'}}", 1, 19, "without user"),
    ("{pc: {url: 'http://x', in_flight: 0}}", 1, 42, "0 is out of range"),
    ("{pc: {url: 'http://x', timezone: X}}", 1, 41, "is not a time zone"),
    ("{a: {url: 'http://x/'}, b: {url: 'http://x'}}", 1, 41, "the host `a` has the same address"),
    ("{a b: {url: 'http://x'}}", 1, 9, "write at most 64"),
    (
        "{a: {url: 'http://x'}, b: {url: 'http://y'}}\ndevice_groups: {g: {serials: [S]}}",
        2,
        17,
        "`host` is missing",
    ),
]


@pytest.mark.parametrize(("text", "at_line", "column", "words"), HOSTS, ids=[row[0] for row in HOSTS])
def test_a_mistake_in_a_host_is_named_at_its_place(text, at_line, column, words):
    found = problems_of_config(f"hosts: {text}\n")
    assert [(problem.line, problem.column) for problem in found] == [(at_line, column)]
    assert words in found[0].message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("just text", "write keys with values"),
        ("- a\n- b\n", "write keys with values"),
        ("name: x\n", "`scripts` is missing"),
        ("scripts: []\n", "holds no entry"),
        ("scripts: {a: b}\n", "scripts: write a list"),
        ("scripts: [post]\n", "scripts[0]: write keys with values"),
    ],
)
def test_a_file_without_a_campaign_says_what_to_write(text, words):
    assert words in found_in(text)[0][3]


def test_what_a_file_says_is_shown_on_one_line_without_control_characters():
    found = found_in('"a\\n\\e[31m": 1\n"' + "b" * 999 + '": 2\n' + ENTRY)
    assert found[0][3].startswith("a\\n\\x1b[31m: there is no such key")
    assert len(found[1][3]) < 600
    assert "`a\\n` is given twice" in found_in('"a\\n": 1\n"a\\n": 2\n')[-1][3]


def test_a_host_of_a_config_without_hosts_is_not_told_twice():
    found = problems_of_config("device_groups: {a: {host: pc, serials: [X]}}\n")
    assert [problem.message for problem in found] == ["`hosts` is missing; add it"]


def test_an_empty_config_says_what_to_write():
    assert "the file is empty; write at least `hosts:`" in problems_of_config("\n")[0].message
    assert "put quotes" in problems_of_config("hosts: @x")[0].message
    assert "`hosts` is missing" in problems_of_config("grace: 5m")[0].message


def test_a_missing_key_is_named_for_each_entry_that_lacks_it():
    found = found_in("scripts:\n  - name: a\n  - {name: b, script_name: post}\n")
    assert [(line, column) for line, column, *_ in found] == [(2, 5)] * 4 + [(3, 5)] * 3


def test_two_entries_of_one_name_are_refused_and_told_how_to_part():
    twice = "scripts:\n" + 2 * ENTRY.removeprefix("scripts:\n")
    assert found_in(twice)[0][3] == (
        "scripts[1].script_name: `post` is the name of scripts[0], too; give one a `name`"
    )
    named = twice.replace("- script_name", "- name: n\n    script_name")
    assert found_in(named)[0][3].endswith("scripts[1].name: `n` is the name of scripts[0], too; rename one")


def test_several_accounts_a_device_are_refused_where_accounts_are_named():
    found = found_in(entry(groups="[studio, brands]", more="enable_multi_account: true"))
    assert [problem[:2] for problem in found] == [(6, 27)]
    assert "works on devices only" in found[0][3]


def test_a_serial_is_refused_in_text_for_accounts():
    found = found_in(entry("{target_user: '${serial}'}", script="follow", groups="[brands]"))
    assert "no value for a target that is a username" in found[0][3]


def test_a_campaign_that_never_runs_is_a_warning():
    text = "from: 2026-12-05\nuntil: 2026-12-06\ndays: weekdays\n" + ENTRY
    loaded = load_one(text)
    (problem,) = loaded.problems
    assert (problem.line, problem.column, problem.severity) == (2, 8, "warning")
    assert problem.message.endswith("it never runs")
    assert len(loaded.campaigns) == 1
    assert not loaded.broken
    assert found_in(text.replace("06", "07")) == []


def test_a_group_that_hides_one_of_the_config_is_a_warning():
    found = found_in("device_groups: {studio: {serials: [X]}}\n" + ENTRY)
    assert [problem[:3] for problem in found] == [(1, 17, "warning")]


def test_an_extra_script_passes_with_a_warning():
    found = found_in(entry("{colour: red}", script="shop"))
    assert [problem[:3] for problem in found] == [(2, 18, "warning")]


def test_a_file_whose_name_cannot_be_a_campaign_s_needs_a_name():
    found = found_in(ENTRY, name="my campaign.yaml")
    assert [problem[:3] for problem in found] == [(1, 1, "error")]
    assert "add `name`" in found[0][3]
    assert found_in(f"name: mine\n{ENTRY}", name="my campaign.yaml") == []


def test_groups_nested_without_end_are_refused():
    chain = "".join(f"  g{n}: {{groups: [g{n + 1}]}}\n" for n in range(40))
    text = f"device_groups:\n{chain}  g40: {{serials: [X]}}\n{ENTRY}"
    assert "nested deeper than 32 levels" in found_in(text)[0][3]
    backwards = "".join(f"  g{n}: {{groups: [g{n - 1}]}}\n" for n in range(1, 40))
    text = f"device_groups:\n  g0: {{serials: [X]}}\n{backwards}{ENTRY}"
    assert "nested deeper than 32 levels" in found_in(text)[0][3]


def test_intervals_that_are_swapped_are_refused():
    found = found_in(entry(more="min_interval: 9\n            max_interval: 3"))
    assert "9 is more than `max_interval`, 3" in found[0][3]


def test_a_mistake_in_a_broken_group_is_not_repeated_by_its_users():
    text = "device_groups: {a: {serials: [X, X], host: nope}, b: {groups: [a]}}\n" + entry(groups="[b]")
    assert len(found_in(text)) == 2


def test_a_mistake_behind_aliases_is_told_once():
    base = ENTRY.replace("- script_name", "- &one\n    name: one\n    script_name").replace(
        "{}", "{caption: x}"
    )
    text = f"{base}  - <<: *one\n    name: two\n"
    found = found_in(text)
    assert [problem[:2] for problem in found] == [(7, 21), (7, 21)]
    assert {problem[3].partition(".")[0] for problem in found} == {"scripts[0]", "scripts[1]"}


def placed(groups, *, of):
    campaign, *_ = load_one(f"device_groups: {groups}\n" + entry(groups=f"[{of}]")).campaigns
    return [placement.target.name for placement in campaign.entries[0].placements]


def test_targets_of_groups_are_taken_out_of_a_group_of_groups():
    groups = "{more: {serials: [S2, S3, S4]}, broken: {serials: [S2, S9]}, new: {serials: [S4]}, "
    groups += "all: {groups: [studio, more], not: [broken]}, some: {groups: [all], not: [new, broken]}}"
    assert placed(groups, of="all") == ["S1", "S3", "S4"]
    assert placed(groups, of="some") == ["S1", "S3"]
    told = found_in(f"device_groups: {groups}\n" + entry(groups="[some]"))
    assert [problem[3] for problem in told] == [
        "device_groups.some.not[1]: none of `broken` is in its `groups`; it takes nothing out; delete it"
    ]
    assert told[0][2] == "warning"


def test_a_group_of_which_everything_is_taken_out_is_told_where_it_is_used():
    text = "device_groups: {none: {groups: [studio], not: [studio]}}\n" + entry(groups="[none]")
    ((line, _, severity, message),) = found_in(text)
    assert (line, severity) == (4, "error")
    assert "no device and no account is in these groups" in message


def test_groups_of_the_config_may_be_taken_out_there_too():
    config = "hosts: {pc: {url: 'http://pc:50809/api/v1'}}\n"
    groups = "device_groups: {a: {serials: [X, Y]}, b: {serials: [Y]}, c: {groups: [a], not: [b]}}\n"
    loaded = load_one(entry(groups="[c]"), config_text=config + groups)
    (placement,) = loaded.campaigns[0].entries[0].placements
    assert placement.target.name == "X"


@pytest.mark.parametrize(
    ("until", "place", "told"),
    [
        ("until: 2046-01-01", "SE", "the holidays of SE are known up to 2045 only; it runs on later ones"),
        ("until: 2045-12-31", "SE", None),
        ("enabled: true", "SE", None),
        ("enabled: true", "LK", "the holidays of LK are known up to"),
    ],
)
def test_holidays_of_years_that_are_not_known_are_told(until, place, told):
    found = found_in(f"{until}\nexcept: [holidays:{place}]\n{ENTRY}")
    assert [problem[:3] for problem in found] == ([(2, 10, "warning")] if told else [])
    assert all(told in problem[3] for problem in found)


def test_a_campaign_that_rests_on_all_its_days_is_told():
    days = "from: 2026-12-24\nuntil: 2026-12-26\ndays: [thu, fri, sat]\n"
    never = "no day from `from` to `until` is left by `days` and `except`: it never runs"
    found = found_in(f"{days}except: [2026-12-24, holidays:SE]\n{ENTRY}")
    assert [(problem[0], problem[2], problem[3]) for problem in found] == [(2, "warning", f"until: {never}")]
    assert found_in(f"{days}except: [holidays:SE]\n{ENTRY}") == []
