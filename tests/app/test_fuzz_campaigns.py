"""Whatever stands in a file, the answer is a campaign or problems at places of the file."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from proof.fuzz import content_of, fault_in

from runner.adapters.campaign_folder import FileText
from runner.adapters.holiday_days import public_holidays
from runner.adapters.secrets import Secrets
from runner.adapters.yaml_documents import read_document
from runner.app.load import load_texts
from runner.core.check.config import check_config

ROOT = Path(__file__).parents[2]
CONFIG_TEXT = (ROOT / "config.example.yaml").read_text()
CONFIG, _ = check_config(read_document(CONFIG_TEXT, file="c"), folder=ROOT, holidays=public_holidays)
DEFAULTS = """\
except: [2026-12-24..2027-01-06, holidays:SE, calendar:breaks]
days: [weekdays, calendar:paydays]
device_groups:
  all: {groups: [studio, brands], not: [brands]}
defaults:
  device_groups: [all]
  start_time: ["09:00-11:00"]
  retry: {attempts: 2}
  script_config: {captions: "${date}", target_users: [a]}
scripts:
  - script_name: post
  - script_name: follow
    script_config: {access_method: direct}
"""
TEXTS = [DEFAULTS, *(path.read_text() for path in sorted((ROOT / "campaigns").glob("*.yaml")))]
PIECES = [
    "",
    "~",
    "[]",
    "{}",
    "- x\n",
    "x",
    "'5'",
    "-1",
    "1e9",
    "no",
    "[x, [y]]",
    "{a: {b: c}}",
    "${",
    "${env:X}",
]


@st.composite
def mutations(draw, texts):
    """A file in which a few values, or a few characters, are something else."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 4))):
        lines = text.splitlines()
        at = draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[at].partition(":")
        if draw(st.booleans()):
            lines[at] = f"{key}{colon} {draw(st.sampled_from(PIECES))}"
        else:
            cut = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + draw(st.text(max_size=3)) + lines[at][cut + 1 :]
        text = "\n".join(lines)
    return text


def check_places(problems, text):
    for problem in problems:
        assert str(problem).isprintable()
        assert 1 <= problem.line <= text.count("\n") + text.count("\r") + 1
        assert 1 <= problem.column <= len(text) + 1


@settings(max_examples=300, deadline=None)
@given(mutations(TEXTS))
def test_a_campaign_that_was_edited_at_random_checks_or_has_problems(text):
    content = FileText(Path("x.yaml"), text.encode(errors="surrogatepass"))
    secrets = Secrets(environ={}, folder=ROOT)
    loaded = load_texts({"x.yaml": content}, config=CONFIG, secret=secrets.look_up)
    assert loaded.broken == (loaded.campaigns == ()) == (loaded.rejected == ("x.yaml",))
    check_places(loaded.problems, text)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_a_file_of_damaged_or_random_text_has_an_answer_without_a_traceback(seed):
    # The whole of it, 100,000 files: `python -m proof fuzz`, in `tests`.
    assert fault_in(content_of(seed)) == ""


@settings(max_examples=150, deadline=None)
@given(mutations([CONFIG_TEXT]))
def test_a_config_that_was_edited_at_random_checks_or_has_problems(text):
    config, problems = check_config(read_document(text, file="c"), folder=ROOT, holidays=public_holidays)
    assert (config is None) == any(problem.severity == "error" for problem in problems)
    check_places(problems, text)
