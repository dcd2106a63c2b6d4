"""Every mistake is named at its line and column, with what to write instead."""

from __future__ import annotations

import pytest
from support.files import ENTRY, entry, found_in, load_one

TOP = [
    ("name: spring launch", 1, 7, "name: write at most 64 letters"),
    ("name:", 1, 1, "name: has no value"),
    ("name: [a]", 1, 7, "name: write one value here, not a list"),
    ("name: {a: b}", 1, 7, "name: write one value here, not a mapping"),
    ("enabled: no", 1, 10, "enabled: write false"),
    ("enabled: 'true'", 1, 10, "enabled: write true, without quotes"),
    ("enabled: perhaps", 1, 10, "enabled: write true or false"),
    ("timezone: Europe/Stokholm", 1, 11, "did you mean `Europe/Stockholm`?"),
    ("timezone: ../etc", 1, 11, "is not a time zone"),
    ("timezone: Europe", 1, 11, "is not a time zone"),
    ("timezone: Zzyzx/Q", 1, 11, "e.g. Europe/Stockholm"),
    ("from: 2026-02-30", 1, 7, "from: there is no day 2026-02-30"),
    ("from: 1.12.2026", 1, 7, "from: `1.12.2026` is not a date"),
    ("until: tomorrow", 1, 8, "until: `tomorrow` is not a date"),
    ("days: mon-fri", 1, 7, "days: `mon-fri` is neither"),
    ("days: weekday", 1, 7, "did you mean `weekdays`?"),
    ("days: mon", 1, 7, "days: write a list: [mon]"),
    ("days: [mon, Tuesday]", 1, 13, "days[1]: `Tuesday` is not a day; did you mean `tue`?"),
    ("days: [someday]", 1, 8, "write one of mon, tue"),
    ("days: []", 1, 1, "days: holds no day"),
    ("days: {mon: tue}", 1, 7, "days: write a list"),
    ("days: [mon, calendar:lunch]", 1, 13, "days[1]: there is no calendar `lunch`; the config names none"),
    ("days: ['calendar:']", 1, 8, "days[0]: `calendar:` names no calendar; write `calendar:NAME`"),
    ("days: calendar:a b", 1, 7, "`calendar:a b` names no calendar"),
    ("days: [calendar: lunch]", 1, 8, "days[0]: write `calendar:lunch` without the space"),
    ("days: [holidays:SE]", 1, 8, "days[0]: stands in `except`, or in a calendar of the config"),
    ("except: [calendar:lunch]", 1, 10, "except[0]: there is no calendar `lunch`; the config names none"),
    ("except: [2026-12-24, holidays:XX]", 1, 22, "except[1]: no holidays are known of `XX`"),
    ("except: [holidays:UK]", 1, 10, "no holidays are known of `UK`; did you mean `GB`?"),
    ("except: [holidays:DE-BV]", 1, 10, "no holidays are known of `BV` in `DE`; known are DE-BB, DE-BE"),
    ("except: [holidays:SE-XYZ]", 1, 10, "no holidays are known of `XYZ` in `SE`; write SE"),
    ("except: [holidays:se]", 1, 10, "no holidays are known of `se`; did you mean `SE`?"),
    ("except: [holidays:Swedn]", 1, 10, "no holidays are known of `Swedn`; did you mean `SE`?"),
    ("except: [holidays:12]", 1, 10, "`12` is no country; write its code"),
    ("except: [holidays: SE]", 1, 10, "except[0]: write `holidays:SE` without the space"),
    ("except: [sat]", 1, 10, "except[0]: `sat` is no date; name the days of the week on which it runs"),
    (
        "except: [christmas]",
        1,
        10,
        "`christmas` is not a date; write year-month-day, e.g. 2026-12-24, or hol",
    ),
    ("except: [2027-01-06..2026-12-24]", 1, 10, "is before 2027-01-06; write 2026-12-24..2027-01-06"),
    ("except: [2026-12-24..]", 1, 10, "`` is not a date"),
    ("except: [2026-12-24..2027-02-30]", 1, 10, "there is no day 2027-02-30"),
    (
        "except: [2026-12-24 - 2027-01-06]",
        1,
        10,
        "write a range of days with two dots: 2026-12-24..2027-01-06",
    ),
    (
        "except: [2026-12-24...2027-01-06]",
        1,
        10,
        "write a range of days with two dots: 2026-12-24..2027-01-06",
    ),
    ("except: [24.12.2026]", 1, 10, "except[0]: `24.12.2026` is not a date"),
    ("except: 2026-12-24", 1, 9, "except: write a list"),
    ("limits: {per_target_per_day: -3}", 1, 30, "-3 is out of range"),
    ("limits: {per_target_per_hour: many}", 1, 31, "`many` is not a whole number"),
    ("limits: {min_gap: 5}", 1, 19, "`5` has no unit; write 5s, 5m, h or d"),
    ("limits: {min_gap: 0s}", 1, 19, "0s is out of range; write 1s to 1d"),
    ("limits: {per_taget_per_day: 3}", 1, 10, "did you mean `per_target_per_day`?"),
    ("timezon: UTC", 1, 1, "timezon: there is no such key; did you mean `timezone`?"),
    ("quiet_hours: '23:00-06:00'", 1, 1, "quiet_hours: there is no such key"),
    ("1: x", 1, 1, "1: there is no such key; known are name"),
    ("device_groups:", 1, 1, "device_groups: has no value"),
    ("device_groups: [a]", 1, 16, "device_groups: write keys with values here"),
    ("device_groups: {a b: {serials: [X]}}", 1, 17, "`a b`: write at most 64"),
    ("device_groups: {a: {serials: [X, X]}}", 1, 34, "a.serials[1]: `X` is given twice"),
    ("device_groups: {a: {serials: []}}", None, None, ""),
    ("device_groups: {a: {serials: [X Y]}}", 1, 31, "write one name, without spaces or commas"),
    ("device_groups: {a: {serials: [~]}}", 1, 31, "a.serials[0]: has no value"),
    ("device_groups: {a: {serials: X}}", 1, 30, "a.serials: write a list"),
    ("device_groups: {a: {serial: [X]}}", 1, 21, "did you mean `serials`?"),
    ("device_groups: {a: {}}", 1, 17, "a: names no target"),
    ("device_groups: {a: X}", 1, 20, "a: write keys with values here"),
    ("device_groups: {a: {host: pc, serials: [X]}}", 1, 27, "there is no host `pc`"),
    ("device_groups: {a: {host: studio_pc, serials: [X]}}", 1, 27, "did you mean `studio-pc`?"),
    ("device_groups: {a: {serials: [X], usernames: [Y]}}", 1, 35, "not both"),
    ("device_groups: {a: {groups: [a]}}", 1, 30, "cannot contain itself: a > a"),
    ("device_groups: {a: {groups: [b]}, b: {groups: [a]}}", 1, 48, "cannot contain itself: a > b > a"),
    ("device_groups: {a: {groups: [studoi]}}", 1, 30, "did you mean `studio`?"),
    ("device_groups: {a: {host: studio-pc, groups: [studio]}}", 1, 21, "a.host: a group of groups takes no"),
    (
        "device_groups: {a: {groups: [studio], not: [brnds]}}",
        1,
        45,
        "a.not[0]: there is no group `brnds`; did you",
    ),
    (
        "device_groups: {a: {groups: [studio], not: [a]}}",
        1,
        45,
        "a.not[0]: a group cannot contain itself: a > a",
    ),
    ("device_groups: {a: {groups: [studio], not: studio}}", 1, 44, "a.not: write a list"),
    (
        "device_groups: {a: {serials: [X], not: [studio]}}",
        1,
        35,
        "a.not: stands beside `groups` only; write the",
    ),
    ("device_groups: {a: {not: [studio]}}", 1, 21, "a.not: stands beside `groups` only"),
    ("device_groups: {a: {groups: [b]}, b: {groups: [studio], not: [a]}}", 1, 63, "itself: a > b > a"),
]


@pytest.mark.parametrize(("line", "at_line", "column", "words"), TOP, ids=[row[0] for row in TOP])
def test_a_mistake_at_the_top_is_named_at_its_place(line, at_line, column, words):
    found = found_in(f"{line}\n{ENTRY}")
    if at_line is None:
        assert found == []
        return
    assert [problem[:3] for problem in found] == [(at_line, column, "error")]
    assert words in found[0][3]


IN_ENTRY = [
    ("start_time: 9:00-25:00", 17, "scripts[0].start_time: there is no time `25:00`"),
    ("start_time: morning", 17, "`morning` is not a time"),
    ("start_time: 930", 17, "`930` is not a time"),
    ("start_time: '24:00'", 17, "cannot open at 24:00"),
    ("start_time: 24:30", 17, "there is no time `24:30`"),
    ("start_time: 09:60", 17, "there is no time `09:60`"),
    ("start_time: 09:00-09:00", 17, "opens and closes at the same time"),
    ("start_time: 00:00-00:00", 17, "opens and closes at the same time"),
    ("start_time: []", 5, "holds no window"),
    ("start_time: {a: b}", 17, "start_time: write a list"),
    ("start_time: [9:00-11:00, 10:00-12:00]", 30, "start_time[1]: 10:00-12:00 overlaps 09:00-11:00"),
    ("start_time: [22:00-02:00, 01:00-03:00]", 31, "01:00-03:00 overlaps 22:00-02:00"),
    ("start_time: [00:00-24:00, 12:00]", 31, "12:00-12:15 overlaps 00:00-24:00"),
    ("start_time: ['9:00', '9:00']", 26, "overlaps"),
    ("device_groups: [studoi]", 21, "there is no group `studoi`; did you mean `studio`?"),
    ("device_groups: studio", 20, "device_groups: write a list"),
    ("device_groups: []", 5, "no device and no account is in these groups"),
    ("spread: evn", 13, "`evn` is not one of its values; did you mean `even`?"),
    ("spread: zzzz", 13, "write one of even, random, together"),
    ("enable_multi_account: yes", 27, "enable_multi_account: write true"),
    ("retry: 3", 12, "retry: write keys with values"),
    ("retry: {delay: 5m}", 5, "retry: `attempts` is missing"),
    ("retry: {attempts: 2, delay: 5}", 33, "`5` has no unit; write 5s, 5m"),
    ("retry: {attempts: 2, delay: soon}", 33, "`soon` is not a length of time"),
    ("retry: {attempts: 2, delay: 2d}", 33, "2d is out of range"),
    ("retry: {attempts: 0}", 23, "0 is out of range; write a whole number from 1 to 10"),
    ("retry: {attempts: '2'}", 23, "write the number without quotes: 2"),
    ("retry: {attempts: 02}", 23, "without leading signs and zeros: 2"),
    ("retry: {attempts: two}", 23, "`two` is not a whole number"),
    ("retry: {attempts: 1.5}", 23, "`1.5` is not a whole number"),
    ("at_close: withdrawn", 15, "did you mean `withdraw`?"),
    ("after: [x]", 13, "after[0]: there is no entry `x` in this file"),
    ("deliver: late", 14, "write one of on_time, ahead"),
    ("on_unsettled: maybe", 19, "write one of resubmit, hold"),
    ("script: post", 5, "did you mean `script_name`?"),
    ("script_config:", 5, "script_config: has no value"),
    ("script_config: []", 20, "script_config: write keys with values"),
    ("script_name: folow", 18, "there is no script `folow`; did you mean `follow`?"),
    ("script_name: zzz", 18, "known are post, follow"),
    ("script_name: like", 18, "the vendor has only announced `like`"),
]


@pytest.mark.parametrize(("line", "column", "words"), IN_ENTRY, ids=[row[0] for row in IN_ENTRY])
def test_a_mistake_in_an_entry_is_named_at_its_place(line, column, words):
    key = line.partition(":")[0]
    kept = [row for row in ENTRY.splitlines() if not row.strip(" -").startswith(f"{key}:")]
    if key == "script_name":
        kept[1] = kept[1].replace("    ", "  - ", 1)
    text = "\n".join([*[row for row in kept if row.strip()], f"    {line}", ""])
    found = found_in(text)
    assert [problem[:3] for problem in found] == [(text.count("\n"), column, "error")]
    assert words in found[0][3]


SCRIPTS = [
    ("post", "{content_type: two}", 35, "error", "`two` is not a whole number"),
    ("post", "{content_type: 2}", 35, "error", "from 0 to 1"),
    ("post", "{image_count: '1'}", 34, "error", "write the number without quotes: 1"),
    ("post", "{image_count: '${env:N}'}", 34, "error", "`${...}` is replaced in text only"),
    ("post", "{caption: x}", 21, "error", "did you mean `captions`?"),
    ("post", "{contentType: 1}", 21, "error", "did you mean `content_type`?"),
    ("post", "{captions: }", 21, "error", "captions: has no value"),
    ("post", "{quality: high}", 21, "warning", "not a documented parameter; passed on unchecked"),
    ("post", "{material_source: localFolder}", 38, "error", "needs `material_path`"),
    ("post", "{post_way: useSound}", 31, "error", "needs `sound_name`"),
    ("post", "{add_sound: custom}", 32, "error", "needs `custom_sound_keyword`"),
    ("post", "{add_sound: 2}", 32, "error", "write one of -1, 0, 1, custom"),
    ("post", "{add_sound_volume: 101}", 39, "error", "from 0 to 100"),
    ("post", "{material_list: x.mp4}", 36, "error", "material_list: write a list"),
    ("post", "{material_list: ['']}", 37, "error", "material_list[0]: is empty"),
    ("post", "{captions: '${dat}'}", 31, "error", "there is no `${dat}`; did you mean `date`?"),
    ("post", "{captions: '${HOME}'}", 31, "error", "did you mean `${env:HOME}`?"),
    ("post", "{captions: '${date'}", 31, "error", "a `${` without its `}`"),
    ("post", "{captions: '${evn:A}'}", 31, "error", "there is no `${evn:...}`; did you mean `env`?"),
    ("post", "{captions: '${env:A B}'}", 31, "error", "cannot be a variable's name"),
    ("post", "{captions: '${file: }'}", 31, "error", "write the file's path"),
    ("post", "{captions: '${username}'}", 31, "error", "no value for a target that is a serial"),
    ("post", "{captions: '${env:NOPE}'}", 31, "warning", "the environment has no NOPE"),
    ("post", "{captions: '${file:nope}'}", 31, "warning", "the secret's file nope: cannot be read"),
    ("follow", "{}", 5, "error", "`target_users` is missing"),
    ("follow", "{target_users: []}", 35, "error", "names no target"),
    ("follow", "{target_user: ' , '}", 34, "error", "names no target"),
    ("follow", "{target_users: [a, b, a]}", 42, "error", "target_users[2]: `a` is given twice"),
    ("follow", "{target_user: 'a,b,a'}", 34, "error", "target_user: `a` is given twice"),
    ("unfollow", "{target_user: a, access_method: serach}", 52, "error", "did you mean `search`?"),
    ("comment", "{target_post_url: u}", 5, "error", "`comment_content` is missing"),
    ("comment", "{comment_content: x}", 5, "error", "`target_post_urls` is missing"),
    ("comment", "{target_post_url: u, comment_content: ' '}", 58, "error", "is empty"),
    ("account_warmup", "{follow_probable: 3}", 21, "error", "did you mean `floow_probable`?"),
    ("account_warmup", "{min_duration: 4, max_duration: 3}", 35, "error", "more than `max_duration`, 3"),
    ("account_warmup", "{chatgpt_settings: {model: x}}", 21, "error", "`api_key` is missing"),
    ("account_warmup", "{chatgpt_settings: 1}", 39, "error", "write keys with values"),
    ("account_warmup", "{chatgpt_settings: {api_key: sk-1}}", 49, "warning", "a secret in a file"),
    (
        "account_warmup",
        "{chatgpt_settings: {api_key: '${env:K}', temperature: 3}}",
        74,
        "error",
        "from 0 to 2",
    ),
    (
        "account_warmup",
        "{chatgpt_settings: {api_key: '${env:K}', temperature: hot}}",
        74,
        "error",
        "not a number",
    ),
    (
        "account_warmup",
        "{chatgpt_settings: {api_key: '${env:K}', temperature: '1'}}",
        74,
        "error",
        "without quotes",
    ),
    ("profile", "{bio: x}", 21, "error", "did you mean `bios`?"),
    ("profile", "{profile_order: shuffled}", 36, "error", "write one of random, sequential"),
]


@pytest.mark.parametrize(
    ("script", "text", "column", "severity", "words"), SCRIPTS, ids=[f"{row[0]} {row[1]}" for row in SCRIPTS]
)
def test_a_mistake_in_a_script_s_parameters_is_named_at_its_place(script, text, column, severity, words):
    found = found_in(entry(text, script=script), environ={"K": "k"})
    assert [problem[:3] for problem in found] == [(5, column, severity)]
    assert found[0][3].startswith("scripts[0].script_config")
    assert words in found[0][3]


TEN = """\
name: spring launch
enabled: no
from: 2026-12-31
until: 2026-12-01
scripts:
  - script_name: post
    device_groups: [studoi]
    start_time: ["09:00-11:00", "10:00-12:00"]
    script_config: {content_type: two, caption: New}
    spread: evn
  - script_name: account_warmup
    device_groups: [studio]
    start_time: 10:30
    script_config: {follow_probable: 3}
    deliver: behind
"""


def test_ten_mistakes_are_ten_problems_each_at_its_place():
    loaded = load_one(TEN, name="campaigns/ten.yaml")
    assert [str(problem) for problem in loaded.problems] == [
        (
            "campaigns/ten.yaml:1:7: error: name: write at most 64 letters, digits, `_`, `.` and `-`, "
            "the first a letter or digit"
        ),
        "campaigns/ten.yaml:2:10: error: enabled: write false, without quotes",
        "campaigns/ten.yaml:4:8: error: until: 2026-12-01 is before `from`, 2026-12-31; swap them",
        (
            "campaigns/ten.yaml:7:21: error: scripts[0].device_groups[0]: there is no group `studoi`; "
            "did you mean `studio`?"
        ),
        (
            "campaigns/ten.yaml:8:33: error: scripts[0].start_time[1]: 10:00-12:00 overlaps 09:00-11:00; "
            "part or join them"
        ),
        (
            "campaigns/ten.yaml:9:35: error: scripts[0].script_config.content_type: "
            "`two` is not a whole number; write a whole number"
        ),
        (
            "campaigns/ten.yaml:9:40: error: scripts[0].script_config.caption: there is no such parameter; "
            "did you mean `captions`?"
        ),
        (
            "campaigns/ten.yaml:10:13: error: scripts[0].spread: `evn` is not one of its values; "
            "did you mean `even`?"
        ),
        (
            "campaigns/ten.yaml:14:21: error: scripts[1].script_config.follow_probable: "
            "there is no such parameter; did you mean `floow_probable`?"
        ),
        (
            "campaigns/ten.yaml:15:14: error: scripts[1].deliver: `behind` is not one of its values; "
            "write one of on_time, ahead"
        ),
    ]
    assert loaded.campaigns == ()
    assert loaded.rejected == ("campaigns/ten.yaml",)
