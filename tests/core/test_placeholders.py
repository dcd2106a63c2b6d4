"""Placeholders are replaced for one assignment, once, and only in text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.core.placeholders import Placeholder, placeholders, render
from runner.errors import SecretMissing

NAMES = {"date": "2026-12-01", "serial": "S1", "campaign": "${date}"}


def secret(name):
    if name == "env:KEY":
        return "k${date}"
    raise SecretMissing(name)


def rendered(value):
    return render({"x": value}, names=NAMES, secret=secret)["x"]


def test_names_and_secrets_are_replaced_wherever_text_stands():
    config = {
        "a": "C:/${date}/${serial}.mp4",
        "b": ["${date}", 1],
        "c": {"d": "${env:KEY}"},
        "e": 5,
        "f": None,
    }
    assert render(config, names=NAMES, secret=secret) == {
        "a": "C:/2026-12-01/S1.mp4",
        "b": ["2026-12-01", 1],
        "c": {"d": "k${date}"},
        "e": 5,
        "f": None,
    }


def test_what_is_put_in_is_not_searched_again():
    assert rendered("${campaign}") == "${date}"


def test_a_doubled_dollar_is_the_characters_themselves():
    assert rendered("$${date} $$ $ {date}") == "${date} $$ $ {date}"
    assert list(placeholders("$${date}")) == []


def test_a_secret_that_is_missing_passes_through():
    with pytest.raises(SecretMissing):
        rendered("${env:NOPE}")


def test_the_placeholders_of_a_text_are_found_in_order():
    assert list(placeholders("${date} ${x ${env:A}")) == [
        Placeholder("date"),
        Placeholder(None),
        Placeholder("env:A"),
    ]
    assert [found.is_secret for found in placeholders("${date} ${env:A} ${env}")] == [False, True, False]


@given(st.text(alphabet="${}abc:", max_size=30))
def test_text_whose_placeholders_are_all_known_is_rendered_to_its_end(text):
    found = list(placeholders(text))
    if all(placeholder.fault() is None for placeholder in found):
        assert rendered(text).count("${") == text.count("$${")
    else:
        assert found
