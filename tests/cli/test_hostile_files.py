"""Files that are too large, too deep or no text are refused, each with a message that says why."""

from __future__ import annotations

import pytest
from support.files import ENTRY, config, found_in, load_one
from support.project import CAMPAIGN

from runner.model.document import MOST_BYTES, MOST_PROBLEMS
from runner.model.suggest import did_you_mean, nearest
from runner.rules import Rule

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
"""Nine of nine of nine, and so on: 400 million values in 300 characters."""

HOSTILE = [
    ("2 MB", b"# x\n" * 500_000, 1, Rule.TOO_LARGE, "more than 1024 KiB; split it into several"),
    ("20 MB", b"# x\n" * 5_000_000, 1, Rule.TOO_LARGE, "more than 1024 KiB; split it into several"),
    ("alias bomb", BOMB.encode(), 6, Rule.TOO_MANY_VALUES, "more than 200000 values"),
    ("aliases", b"a: &a x\nb: [" + b"*a, " * 101 + b"]\n", 2, Rule.TOO_MANY_ALIASES, "write the values out"),
    ("brackets", b"scripts: " + b"[" * 5_000, 1, Rule.NESTED_TOO_DEEP, "deeper than 32 levels"),
    ("closed", b"[" * 5_000 + b"]" * 5_000, 1, Rule.NESTED_TOO_DEEP, "deeper than 32 levels"),
    ("braces", b"{a: " * 5_000, 1, Rule.NESTED_TOO_DEEP, "deeper than 32 levels"),
    ("dashes", b"- " * 5_000, 1, Rule.NESTED_TOO_DEEP, "deeper than 32 levels"),
    ("UTF-16", CAMPAIGN.encode("utf-16"), 1, Rule.NOT_UTF_8, "the file is UTF-16; save it as UTF-8"),
    ("UTF-16 without mark", CAMPAIGN.encode("utf-16-le"), 1, Rule.CONTROL_CHARACTER, "a NUL character"),
    ("UTF-16, big end first", b"\xfe\xff\x00s", 1, Rule.NOT_UTF_8, "save it as UTF-8"),
    ("Latin-1", "description: åäö".encode("latin-1"), 1, Rule.NOT_UTF_8, "this is not UTF-8"),
    ("NUL", CAMPAIGN.encode() + b"\0" * 4_096, 9, Rule.CONTROL_CHARACTER, "a NUL character"),
    ("NUL alone", b"\0" * 100_000, 1, Rule.CONTROL_CHARACTER, "a NUL character"),
    ("an escape", b"name: \x1b[31m", 1, Rule.CONTROL_CHARACTER, "the control character U+001B"),
    (
        "zone",
        b"timezone: " + b"a/" * 9_999 + b"a\n" + CAMPAIGN.encode(),
        1,
        Rule.ZONE_UNKNOWN,
        "is not a time zone",
    ),
]


@pytest.mark.parametrize(
    ("content", "line", "rule", "words"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE]
)
def test_a_hostile_file_is_refused_with_a_message_that_says_why(project, content, line, rule, words):
    (project.folder / "campaigns" / "hostile.yaml").write_bytes(content)
    result = project.ask("validate")
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    (told,) = result.stdout.splitlines()
    assert told.startswith(f"campaigns/hostile.yaml:{line}:")
    assert words in told
    assert f"title={rule}::" in project.ask("validate", "--format", "github").stdout


def test_the_largest_file_that_is_read_has_a_mebibyte():
    filled = ENTRY + "#" * (MOST_BYTES - len(ENTRY) - 1) + "\n"
    assert load_one(filled).campaigns[0].entries[0].name == "post"
    assert load_one(filled + "\n").problems[0].rule is Rule.TOO_LARGE


def test_a_file_with_problems_without_end_is_checked_up_to_a_number_of_them():
    text = "".join(f"key{number}: x\n" for number in range(MOST_PROBLEMS)) + ENTRY
    assert len(found_in(text)) == MOST_PROBLEMS
    loaded = load_one(f"one: more\nand: another\n{text}")
    assert len(loaded.problems) == MOST_PROBLEMS + 1
    (last,) = [problem for problem in loaded.problems if problem.rule is Rule.TOO_MANY_PROBLEMS]
    assert last.message == "more than 500 problems; mend these first"
    assert loaded.rejected == ("x.yaml",)


def test_keys_that_are_given_twice_without_end_are_told_up_to_a_number_of_them():
    found = found_in("a: x\n" * (MOST_PROBLEMS + 9))
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1][3] == "more than 500 problems; mend these first"


def test_among_thousands_of_names_the_one_that_was_meant_is_still_found():
    many = [f"group-{number:05}" for number in range(20_000)]
    assert nearest("group-0123x", many).startswith("group-012")
    assert did_you_mean("zebra", many).startswith("; known are group-00000, ")


def test_a_zone_is_suggested_by_its_town_alone():
    found = found_in(f"timezone: Stockholm\n{ENTRY}")
    assert found[0][3].endswith("did you mean `Europe/Stockholm`?")
    assert config().settings.timezone == "UTC"
