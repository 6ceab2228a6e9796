"""JSON keeps its numbers whatever their length, and loses nothing unsaid."""

import json
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adaptive_site.lib import exact_json
from adaptive_site.lib.exact_json import HalfPair, Unfit
from tests.running.examples import examples

NUMBERS = [
    "0", "-0", "-0.0", "1.10", "1e2", "1E+2", "1e20", "1e400", "1e-400", "-1e400", "5e-324",
    "18446744073709551615", "18446744073709551616", "-9223372036854775809", "9" * 999,
    "3.14159265358979323846", "0.1", "0." + "1" * 400, "1.7976931348623157e308", "0e999999",
    "100000000000000000000.5", "123456789012345678", "12345678901234567.25",
]  # fmt: skip


def number(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_comes_out_as_the_number_it_was(text: str) -> None:
    for around in ("%s", " %s ", '{"a": [%s]}', '["é", %s]'):
        out = exact_json.dumps(exact_json.loads((around % text).encode())).decode()
        read = json.loads(out, parse_int=number, parse_float=number)
        assert read == json.loads(around % text, parse_int=number, parse_float=number)
        assert exact_json.dumps(exact_json.read(out)).decode() == out


numbers = st.from_regex(r"\A-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?\Z")


@given(numbers)
@example("9007199254740993.0")
def test_any_number_comes_out_as_the_number_it_was(text: str) -> None:
    out = exact_json.dumps(exact_json.loads(f"[{text}]")).decode()
    assert Decimal(out[1:-1]) == Decimal(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(values)
@settings(max_examples=examples(200))
def test_any_value_comes_out_as_it_was(value: Any) -> None:
    for raw in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert exact_json.read(exact_json.dumps(exact_json.loads(raw)).decode()) == value


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ('{"a": {"b": [1, {"c": 1, "c": 2}]}}', "a.b.1.c"),
        ('{"a":1,"a":1}', "a"),
        ('{"a": [0, 1e1000]}', "a.1"),
        ('{"a": 1e-1001}', "a"),
        ('{"a": ' + "9" * 1001 + "}", "a"),
        ('{"a": 1e99999999999999999999}', "a"),
        ('{"a": ["x", "\\ud83d"]}', "a.1"),
        ('{"messages": [{"\\udc00": 1}]}', "messages.0"),
    ],
)
def test_what_cannot_be_kept_is_named(raw: str, field: str) -> None:
    with pytest.raises(Unfit) as caught:
        exact_json.loads(raw)
    assert caught.value.field == field


def test_the_last_of_a_name_counts_where_that_is_borne() -> None:
    assert exact_json.loads('{"a":1,"a":2}', is_lenient=True) == {"a": 2}


def test_half_a_pair_can_be_replaced() -> None:
    with pytest.raises(HalfPair) as caught:
        exact_json.loads('{"a\\ud83d": ["\\ude00", "\\ud83d\\ude00", 1e400]}')
    assert caught.value.value == {"a\ufffd": ["\ufffd", "😀", Decimal("1e400")]}


@pytest.mark.parametrize(
    "raw", [b"", b"NaN", b"[1e400, Infinity]", b'"\xff"', b"[01]", b"{", b"[1,]"]
)
def test_what_is_not_json_is_said_by_orjson(raw: bytes) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        exact_json.loads(raw)


@pytest.mark.parametrize("number", ["1e+308", "1e308", "1E-300", "1e999"])
def test_numbers_that_would_fill_a_disk_written_out_are_refused(number: str) -> None:
    assert len(exact_json.loads(f"[{','.join([number] * 4_000)}]")) == 4_000
    with pytest.raises(Unfit, match="together") as caught:
        exact_json.loads(f"[{','.join([number] * 20_000)}]")
    assert int(caught.value.field) >= 4_000


def test_deep_json_is_refused_whatever_else_is_in_it() -> None:
    for inside in ("1e400", '"\\ud83d"', '"\\u00e9"', "{}"):
        for levels in (300, 600, 900, 5_000):
            with pytest.raises(ValueError):
                exact_json.dumps(exact_json.loads("[" * levels + inside + "]" * levels)) or 1 / 0


def test_a_long_number_costs_no_square_of_its_length() -> None:
    assert exact_json.is_too_long("9" * 5_000_000)
    with pytest.raises(Unfit):
        exact_json.loads("[" + "9" * 5_000_000 + "]")
