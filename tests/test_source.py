"""JSON with positions: the same values as the standard parser, every place found again, every mistake told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archgen.errors import ArchgenError, SpecError
from archgen.source import DEEPEST, Source, decode, parse, read, show_path

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def mistake(text: str | bytes) -> tuple[int, int, str]:
    """Line, column and message of the one mistake in a text."""
    with pytest.raises(SpecError) as raised:
        decode(text if isinstance(text, bytes) else text.encode(), "spec.json")
    (problem,) = raised.value.problems
    return problem.line, problem.column, problem.message


@given(JSON, st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_reads_what_json_reads(value: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert parse(text).value == json.loads(text)


@given(JSON)
def test_every_place_is_found_again(value: Any) -> None:
    source = parse(json.dumps(value, indent=1))

    def check(part: Any, path: tuple[str | int, ...]) -> None:
        start = source.spots[path][1]
        assert json.JSONDecoder().raw_decode(source.text, start)[0] == part
        if path and isinstance(path[-1], str):
            assert json.JSONDecoder().raw_decode(source.text, source.spots[path][0])[0] == path[-1]
        for key, item in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
            check(item, (*path, key))

    check(value, ())


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse(text).value == json.loads(text)
    except SpecError as error:
        assert len(error.problems) == 1


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        decode(data)
    except SpecError as error:
        assert len(error.problems) == 1


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a": [1,\n 2]}', 2, 2),
        ('{"a": [1,\r\n 2]}', 2, 2),
        ('{"a": [1,\r 2]}', 2, 2),
        ('\ufeff{"a": [1, 2]}', 1, 11),
        ('{"ä€😀": 1, "a": [1, 2]}', 1, 21),
        ('{"a": [1,\n\n\t 2]}', 3, 3),
    ],
)
def test_lines_and_columns(text: str, line: int, column: int) -> None:
    assert decode(text.encode()).find(("a", 1)) == (line, column)


def test_a_place_that_is_not_there_is_the_nearest_around_it() -> None:
    source = parse('{"nodes": [{"op": "Dense"}]}')
    assert source.find(("nodes", 0, "units")) == source.find(("nodes", 0)) == (1, 12)
    assert source.find(("nodes", 0, "op"), key=True) == (1, 13)
    assert source.find(("nodes", 0, "units"), key=True) == (1, 12)
    assert Source("<spec>", "").find(()) == (1, 1)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ((), ""),
        (("nodes", 0, "units"), "nodes[0].units"),
        (("a b", 'q"', "\n"), '["a b"]["q\\""]["\\n"]'),
        (("$defs",), '["$defs"]'),
    ],
)
def test_paths(path: tuple[str | int, ...], shown: str) -> None:
    assert show_path(path) == shown


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "the file is empty"),
        (" \n ", 2, 2, "the file is empty"),
        ("{", 1, 2, "expected a key in double quotes, found the end of the file"),
        ('{"a"', 1, 5, "expected ':' after the key, found the end of the file"),
        ('{"a":', 1, 6, "expected a value, found the end of the file"),
        ('{"a": 1', 1, 8, "expected ',' or '}', found the end of the file"),
        ('{"a": [', 1, 8, "expected a value, found the end of the file"),
        ('{"a": 1,}', 1, 8, "a comma before '}'"),
        ("[1,\n]", 1, 3, "a comma before ']'"),
        ("[,1]", 1, 2, "expected a value, found ','"),
        ('{"a": "b', 1, 7, "the string is not closed"),
        ('{"a": "b\\', 1, 7, "the string is not closed"),
        ('{"a": "b\x00"}', 1, 9, "a string cannot hold '\\x00' as it is"),
        ('{"a": "\\u12"}', 1, 8, '\\u12"} is no escape'),
        ('{"a": "\\x41"}', 1, 8, "\\x is no escape"),
        ('{"\\udc00": 1}', 1, 2, "half of a surrogate pair is no character"),
        ('{"a": -}', 1, 7, "expected a value, found '-'"),
        ('{"a": -Infinity}', 1, 7, "expected a value, found '-'"),
        ('{"a": 1e5x}', 1, 7, "1e5x is no JSON number"),
        ('{"a": 1 "b": 2}', 1, 8, "expected ',' or '}', found '\"'"),
        ('{"a": 1\n\n "b": 2}', 1, 8, "expected ',' or '}', found '\"'"),
        ('{"a": 1; "b": 2}', 1, 8, "expected ',' or '}', found ';'"),
        ('{"a": 1}\x00', 1, 9, "expected the end of the file, found '\\x00'"),
        ('{"a": \xa01}', 1, 7, "expected a value, found '\\xa0'"),
        ('\ufeff\ufeff{"a": 1}', 1, 1, "expected a value, found '\\ufeff'"),
        ("{} /* x */", 1, 4, "JSON has no comments"),
        ("# x\n{}", 1, 1, "JSON has no comments"),
        ("9" * 401, 1, 1, "a number of more than 400 characters"),
        ("-1e999", 1, 1, "the number -1e999 is too large"),
        ("[" * 100_000, 1, DEEPEST + 2, "nested more than 100 deep"),
        ('{"a":' * 100_000, 1, 5 * (DEEPEST + 1) + 1, "nested more than 100 deep"),
        (b'{\n"n\xc3\xa4me": "\xe9"}', 2, 10, "byte 0xe9 is not UTF-8"),
        (b"\xef\xbb\xbf\xff", 1, 1, "byte 0xff is not UTF-8"),
        ("{}".encode("utf-16"), 1, 1, "byte 0xff is not UTF-8"),
    ],
)
def test_what_is_not_json(text: str | bytes, line: int, column: int, message: str) -> None:
    assert mistake(text) == (line, column, message)


def test_nesting_up_to_the_limit() -> None:
    value: Any = parse("[" * DEEPEST + "]" * DEEPEST).value
    for _ in range(DEEPEST - 1):
        (value,) = value
    assert value == []


def test_a_key_given_twice_is_told_of_and_the_rest_is_read() -> None:
    source = parse('{"a": 1,\n "b": 2,\n "a": 3,\n "a": 4}', "spec.json")
    assert source.value == {"a": 4, "b": 2}
    assert [str(problem) for problem in source.problems] == [
        f'spec.json:{line}:2: error[duplicate-key]: the key "a" is given twice, first in line 1\n'
        "  at a\n  hint: keep one of them"
        for line in (3, 4)
    ]


def test_a_message_stays_on_its_line() -> None:
    """What a spec holds cannot break a message into lines, colour a terminal, or fill the screen."""
    source = parse('{"a": 1}')
    problem = source.problem(
        "x", "a\n\x1b[31m\u202e\u2028b", ("k\n",), hint="\r", trail=("\t",), details=(("\0", "c" * 999),)
    )
    lines = str(problem).split("\n")
    assert all(line.isprintable() for line in lines) and max(map(len, lines)) < 500
    assert [line[:45] for line in lines] == [
        r"<spec>:1:1: error[x]: a\n\x1b[31m\u202e\u2028b"[:45],
        r'  at ["k\n"], \t',
        r"  \x00  " + "c" * 37,
        r"  hint: \r",
    ]


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert (read(path).value, read(path).name, parse("{}").name) == ({"a": 1}, "spec.json", None)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing.json", "there is no file"),
        (".", "cannot read"),
        ("spec.json/x", "cannot read"),
        ("a\0b", "cannot read"),
        ("x" * 5000, "cannot read"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "spec.json").write_text("{}")
    with pytest.raises(ArchgenError, match=message):
        read(tmp_path / path if "\0" not in path else path)
