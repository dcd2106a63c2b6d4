"""YAML is read with positions, within limits, and never with another exception than its own."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runner.adapters.yaml_documents import read_document
from runner.adapters.yaml_documents.reading import FASTEST
from runner.model.document import MOST_BYTES, Plain, path_in_words, spot_of, spot_of_key

LOADERS = [pytest.param(FASTEST, id="libyaml"), pytest.param(yaml.SafeLoader, id="pure")]

pytestmark = pytest.mark.parametrize("loader", LOADERS)


def read(content, loader):
    return read_document(content, file="f.yaml", loader=loader)


def said(content, loader):
    return [(problem.line, problem.column, problem.message) for problem in read(content, loader).problems]


def test_plain_text_is_told_from_quoted_text_and_neither_is_guessed_at(loader):
    value = read(
        "[10:30, 0123, no, 1.10, 2026-12-01, '5', \"6\", |\n  x\n, ~]".replace("|\n  x\n, ", ""), loader
    ).value
    assert value == ["10:30", "0123", "no", "1.10", "2026-12-01", "5", "6", "~"]
    assert [isinstance(part, Plain) for part in value] == [True] * 5 + [False] * 2 + [True]


def test_keys_and_values_have_their_places_in_characters(loader):
    document = read("\ufeffa: 1\r\n'é😀': {b: [x, 'y']}\r\n", loader)
    assert spot_of(document.place, ("a",)) == (1, 4)
    assert spot_of_key(document.place, ("é😀",)) == (2, 1)
    assert spot_of(document.place, ("é😀", "b", 1)) == (2, 15)
    assert spot_of_key(document.place, ("é😀", "b")) == (2, 8)
    assert spot_of_key(document.place, ("é😀", "b", 1)) == (2, 15)
    assert spot_of(document.place, ("é😀", "b", 7)) == (2, 11)
    assert spot_of_key(document.place, ("é😀", "zz")) == (2, 7)
    assert spot_of_key(document.place, ()) == (1, 1)
    assert path_in_words(("a", 0, "b")) == "a[0].b"


def test_a_key_given_twice_is_refused_with_both_places(loader):
    document = read("a: 1\nb: 2\na: 3\n", loader)
    assert [str(problem) for problem in document.problems] == [
        "f.yaml:3:1: error: `a` is given twice, first at 1:1; keep one"
    ]
    assert document.value == {"a": "1", "b": "2"}


def test_merged_keys_fill_what_is_not_there_and_keep_their_places(loader):
    document = read("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 0}\nd: {<<: *a}", loader)
    assert document.value["c"] == {"x": "0", "y": "2", "z": "4"}
    assert document.value["d"] == {"x": "1", "y": "2"}
    assert spot_of_key(document.place, ("c", "z")) == (2, 14)
    assert spot_of(document.place, ("c", "x")) == (3, 22)
    assert read("a: {'<<': 1}", loader).value == {"a": {"<<": "1"}}


MISTAKES = [
    ("a: @brand", 1, 4, "put quotes around text that begins with @"),
    ("a: `x`", 1, 4, "put quotes around text that begins with `"),
    ("a: %x", 1, 4, "put quotes around text that begins with %"),
    ("a:\n\tb: 1", 2, 1, "a tab cannot indent; write spaces instead"),
    ("a: *x", 1, 4, "put quotes around text that begins with *"),
    ("a: * x", 1, 5, "put quotes around text that begins with * or &"),
    ("a: !x y", 1, 4, "put quotes around text that begins with !"),
    ("a: !!python/object/apply:os.system [ls]", 1, 4, "put quotes around text that begins with !"),
    ("a: !e!x y", 1, 4, "put quotes around text that begins with !"),
    ("a: b: c", 1, 5, "a second `: ` on this line"),
    ("a: - b", 1, 4, "a list item cannot begin here"),
    ("a: [1, 2\nb: 3", 2, 2, "a `,` or a closing bracket is missing before this; the bracket opens at 1:4"),
    ("a: {b: 1]", 1, 9, "the bracket opens at 1:4"),
    ("a: ]", 1, 4, "a value is missing before this"),
    ('a: "x', 1, 4, "ends inside quotes that are opened here"),
    ("a: 'x\n---\n", 1, 4, "ends inside quotes that are opened here"),
    ("a: | x\n  y", 1, 6, "after | or > the text begins on the next line"),
    ("a: 'x' y", 1, 8, "not a key; check the indentation"),
    ("--- a\n--- b", 2, 1, "a second document"),
    ("a: 1\n...\nb: 2", 3, 1, "text after the end of the document"),
    ("? [a]\n: b", 1, 3, "a key must be text"),
    ("a: &x {b: *x}", 1, 11, "*x stands inside &x itself"),
    ("a: &x 1\nb: &x 2", 2, 4, "the anchor &x is given twice"),
    ("a: {<<: 3}", 1, 5, "`<<` takes over mappings only"),
    ("%YAML 3.0\n---\na: 1", 1, 1, "not valid YAML: found incompatible YAML document"),
    ("[" * 50_000, 1, 33, "nested deeper than 32 levels"),
    (b"a: \xff\xfe", 1, 4, "this is not UTF-8"),
    ("a: é\nb: ".encode() + b"\xe9", 2, 4, "this is not UTF-8"),
    ("a: 1".encode("utf-16"), 1, 1, "the file is UTF-16; save it as UTF-8"),
    ("a: 1\nb: x\0", 2, 5, "a NUL character"),
    ("a: \x07", 1, 4, "the control character U+0007"),
    ("a: \ud800", 1, 4, "the control character U+D800"),
    ("x" * (2 * MOST_BYTES), 1, 1, "the file has more than 1024 KiB"),
]


@pytest.mark.parametrize(("content", "line", "column", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_what_is_no_yaml_is_named_at_its_place_in_plain_words(loader, content, line, column, words):
    document = read(content, loader)
    assert document.value is None
    assert [(problem.line, problem.column) for problem in document.problems] == [(line, column)]
    assert words in document.problems[0].message


def test_a_backslash_in_double_quotes_is_explained(loader):
    assert "begins an escape" in said('a: "C:\\Videos"', loader)[0][2]
    assert "begins an escape" in said('a: "\\xzz"', loader)[0][2]


def test_a_missing_colon_is_explained(loader):
    assert "a key without its `:`" in said("- a\nb", loader)[0][2]


def test_problems_before_the_one_that_ends_the_reading_are_kept(loader):
    assert [problem[:2] for problem in said("a: 1\na: 2\nb: @", loader)] == [(2, 1), (3, 4)]


def test_an_empty_file_is_a_null(loader):
    assert read("", loader).value == ""
    assert isinstance(read(b"\xef\xbb\xbf# x", loader).value, Plain)


def test_limits_hold_for_what_aliases_stand_for(loader):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    assert "more than" in said(bomb, loader)[0][2]
    assert "more than 100 aliases" in said("a: &a 1\nb: [" + "*a, " * 101 + "]", loader)[0][2]
    assert "more than 200000 values" in said("[" + "x," * 200_000 + "]", loader)[0][2]
    deep = "a: &a " + "[" * 20 + "]" * 20 + "\nb: " + "[" * 20 + "*a" + "]" * 20
    assert "nested deeper than 32 levels" in said(deep, loader)[0][2]


def test_a_large_file_is_refused_unread(loader):
    content = b"a: 1\n" * 400_000
    assert "split it into several" in said(content, loader)[0][2]


def test_the_parser_s_own_words_are_kept_where_there_are_no_plainer_ones(loader):
    assert said("%YAML 1.1\n%YAML 1.1\n---\n", loader)[0][2].startswith("not valid YAML: found duplicate")


YAMLISH = st.text(alphabet="abc:-?[]{},#&*!|>'\"%@`~ \n\t\r0123456789<é😀\x85\u2028\ufeff\\./", max_size=60)


@settings(max_examples=300, deadline=None)
@given(content=st.one_of(YAMLISH, st.text(max_size=40), st.binary(max_size=40)))
@example(content="\ufeff\ufeff")
@example(content="a: \u2028@")
@example(content="%TAG")
def test_no_text_raises_anything(loader, content):
    document = read(content, loader)
    assert (document.value is None) <= bool(document.problems)
    size = len(content) + 1
    assert all(1 <= problem.line <= size and 1 <= problem.column <= size for problem in document.problems)
