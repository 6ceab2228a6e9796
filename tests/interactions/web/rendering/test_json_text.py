"""JSON is given lines and indents, and every letter of it stays what it was."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interactions.web.rendering.json_text import in_one_line, laid_out
from tests.running.examples import examples

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
).filter(lambda value: isinstance(value, dict | list))


@given(values, st.sampled_from([None, 1, "\t"]), st.booleans())
@settings(deadline=None)
def test_it_reads_as_python_would_lay_it_out(value: object, indent: int, is_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    found = laid_out(text, 1_000_000)
    assert found is not None
    assert found.text == json.dumps(value, ensure_ascii=is_ascii, indent=2)
    assert "\n" not in found.preview


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":1,"a":2}', '{\n  "a": 1,\n  "a": 2\n}'),
        ('{"x":1.10, "y":1e400,"z":-0}', '{\n  "x": 1.10,\n  "y": 1e400,\n  "z": -0\n}'),
        ('["\\ud83d","\\u00e9","\\/"]', '[\n  "\\ud83d",\n  "\\u00e9",\n  "\\/"\n]'),
        ("[123456789012345678901234567890]", "[\n  123456789012345678901234567890\n]"),
        (" [NaN, -Infinity]\n", "[\n  NaN,\n  -Infinity\n]"),
        ('{"a": {} , "b": [ ]}', '{\n  "a": {},\n  "b": []\n}'),
        ('{"city":"Zürich"}', '{\n  "city": "Zürich"\n}'),
    ],
)
def test_no_letter_is_changed(text: str, expected: str) -> None:
    found = laid_out(text, 1_000)
    assert found is not None
    assert found.text == expected


@pytest.mark.parametrize(
    "text",
    [
        "hello", "{broken", "12", '"text"', "", "[", "{", "[1,]", "{,}", '{"a"}', '{"a":}', "[1 2]",
        '{"a":1,}', "[]]", "[}", '["a\nb"]', '["\\x"]', "[01]", "[1.]", "{1:2}", "[tru]", "[1]x",
        "[" * 100_000, "[" * 100_000 + "]" * 100_000, '["' + "\\" * 100_001, '{"a":' * 50_000,
        '["' + "a" * 1_000_000,
    ],
)  # fmt: skip
def test_what_is_no_object_or_list_is_not_laid_out(text: str) -> None:
    assert laid_out(text, 2_000_000) is None


@given(st.text(st.sampled_from('{}[],:" \n\\u0aeE+-.1tfnulrse'), max_size=30))
@settings(max_examples=examples(500), deadline=None)
@example('{"":[]}')
def test_it_takes_what_python_takes(text: str) -> None:
    try:
        is_json = isinstance(json.loads(text), dict | list)
    except ValueError:
        is_json = False
    assert (laid_out(text, 10_000) is not None) == is_json


def test_deep_json_is_bounded_by_what_comes_out() -> None:
    deep = "[" * 199 + "1" + "]" * 199
    assert laid_out(deep, 100_000) is not None
    assert laid_out(deep, 10_000) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"order": "FF-1", "all": true}', 'order: "FF-1", all: true'),
        ('{"a": {"b": 1}}', "a: …"),
        ("[1, 2]", "2 items …"),
        ("[]", "[]"),
        ("{}", ""),
        ("not JSON", "not JSON"),
        ('{"a": "\\ud83d"}', 'a: "\\ud83d"'),
        ('{"' + "n" * 1_000_000 + '": 1, "b": 2}', "n" * 140 + " …"),
        ("[" + "1," * 1_000_000 + "1]", "a long list …"),
        ("x" * 1_000_000, "x" * 140 + " …"),
    ],
)
def test_its_beginning_in_one_line(text: str, line: str) -> None:
    assert in_one_line(text) == line
