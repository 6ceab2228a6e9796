"""What callers send is checked before anything is stored."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive_site.lib.errors import DomainError, Invalid
from interactions.services.recording.drafts import (
    MAX_JSON_DEPTH,
    MAX_LABELS,
    check_labels,
    check_messages,
    check_text,
    check_time,
    check_uuid,
    check_value,
    draft,
    parse_json,
)
from projects.models import Metric, Project
from tests.make import make_interaction

json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


def fault_of(messages: object) -> str:
    with pytest.raises(Invalid) as caught:
        check_messages(messages)
    return caught.value.field


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


@given(json)
def test_json_is_read_as_it_is_but_for_nul(value: Any) -> None:
    raw = orjson.dumps(value)
    read, had_nul = parse_json(raw)
    assert had_nul == (b"\\u0000" in raw and "\0" in str_of(value))
    assert str_of(read) == str_of(value).replace("\0", "\ufffd")
    if not had_nul:
        assert read == value


def str_of(value: Any) -> str:
    """Every string of a JSON value, in order, keys included."""
    if isinstance(value, dict):
        return "".join(key + str_of(item) for key, item in value.items())
    if isinstance(value, list):
        return "".join(map(str_of, value))
    return str(value)


def test_a_backslash_before_u0000_is_no_nul() -> None:
    assert parse_json(rb'"\\u0000"') == ("\\u0000", False)
    assert parse_json(rb'{"a\u0000": ["b\u0000"]}') == ({"a\ufffd": ["b\ufffd"]}, True)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"nul", b"NaN", b'{"a": Infinity}', b"-Infinity", b"1e1000", b'"\\ud800"',
        b'"\xff"', b"\xef\xbb\xbf{}", b"{'a': 1}", b'{"a": 1,}', b"\x00", b'"\x00"', b"[" * 5000,
        nested(MAX_JSON_DEPTH + 1), nested(300), nested(1000),
        nested(1000).replace(b"1", b'"\\u0000"'),
        b"[" * 500 + b"]" * 500,
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        parse_json(raw)


def test_wide_json_is_not_deep() -> None:
    wide = orjson.dumps([{"a": [n]} for n in range(5000)])
    assert len(parse_json(wide)[0]) == 5000
    assert parse_json(nested(MAX_JSON_DEPTH))[1] is False


def test_the_deepest_json_that_is_taken_can_be_stored(project: Project) -> None:
    deep, _ = parse_json(nested(MAX_JSON_DEPTH))
    one = make_interaction(
        project,
        messages=[{"role": "user", "content": "x", "extra": deep}],
        user_metadata=deep,
    )
    assert one.body.user_metadata == deep


@pytest.mark.parametrize(
    ("messages", "field"),
    [
        (None, "messages"),
        ([], "messages"),
        ("hello", "messages"),
        ({"role": "user"}, "messages"),
        (["hello"], "messages.0"),
        ([{"content": "x"}], "messages.0.role"),
        ([{"role": "", "content": "x"}], "messages.0.role"),
        ([{"role": "x" * 65, "content": "x"}], "messages.0.role"),
        ([{"role": ["user"], "content": "x"}], "messages.0.role"),
        ([{"role": "user"}], "messages.0.content"),
        ([{"role": "user", "content": None}], "messages.0.content"),
        ([{"role": "user", "content": 5}], "messages.0.content"),
        ([{"role": "user", "content": {"text": "x"}}], "messages.0.content"),
        ([{"role": "user", "content": ["x"]}], "messages.0.content.0"),
        ([{"role": "user", "content": [{"text": "x"}]}], "messages.0.content.0"),
        ([{"role": "user", "content": [{"type": ["text"]}]}], "messages.0.content.0"),
        ([{"role": "user", "content": [{"type": "", "x": 1}]}], "messages.0.content.0"),
        ([{"role": "user", "content": [{"type": "audio"}]}], "messages.0.content.0"),
        ([{"role": "user", "name": "Ann", "content": None}], "messages.0.content"),
        ([{"role": "user", "content": [{"type": "text"}]}], "messages.0.content.0.text"),
        (
            [{"role": "user", "content": [{"type": "text", "text": None}]}],
            "messages.0.content.0.text",
        ),
        ([{"role": "u", "content": [{"type": "image_url"}]}], "messages.0.content.0.image_url"),
        (
            [{"role": "u", "content": [{"type": "image_url", "image_url": {"url": 5}}]}],
            "messages.0.content.0.image_url",
        ),
        (
            [{"role": "u", "content": "x"}, {"role": "u", "content": [{"type": "text"}]}],
            "messages.1.content.0.text",
        ),
    ],
)
def test_a_wrong_message_is_named(messages: object, field: str) -> None:
    assert fault_of(messages) == field


def test_members_that_we_do_not_know_stay() -> None:
    messages = [
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
        {"role": "assistant", "content": None, "refusal": "No."},
        {"role": "assistant", "audio": {"id": "audio_1"}},
        {"role": "tool", "content": None, "tool_call_id": "1"},
        {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "UklG"}}]},
        {"role": "tool", "content": "42", "tool_call_id": "1", "name": "sum"},
        {"role": "user", "content": [{"type": "text", "text": "x", "cache": True}]},
        {"role": "user", "content": []},
    ]
    assert check_messages(messages) == messages


@given(json)
def test_anything_at_all_is_taken_or_refused_by_name(value: Any) -> None:
    """Whatever it is, a Draft comes of it or a DomainError, and never another failure."""
    for messages, labels in (
        ([value], None),
        (value, value),
        ([{"role": "u", "content": value}], None),
    ):
        for is_strict in (True, False):
            try:
                made = draft(messages=messages, completion="x", labels=labels, is_strict=is_strict)
            except DomainError as error:
                assert error.field
            else:
                assert made.messages


@pytest.mark.parametrize("completion", [None, 5, ["x"], {"text": "x"}, True])
def test_a_completion_is_a_string(completion: object) -> None:
    with pytest.raises(Invalid) as caught:
        draft(messages=[{"role": "user", "content": "x"}], completion=completion)
    assert caught.value.field == "completion"


@pytest.mark.parametrize(
    ("labels", "field"),
    [
        ([], "labels"), ("a", "labels"), ({"": "x"}, "labels"), ({"k" * 129: "x"}, "labels"),
        ({"a": 1}, "labels.a"), ({"a": None}, "labels.a"), ({"a": True}, "labels.a"),
        ({"a": ["x"]}, "labels.a"), ({"a": {}}, "labels.a"), ({"a": "x" * 513}, "labels.a"),
        ({str(n): "" for n in range(MAX_LABELS + 1)}, "labels"),
    ],
)  # fmt: skip
def test_wrong_labels_are_named(labels: object, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_labels(labels)
    assert caught.value.field == field


def test_the_longest_labels_that_are_taken_can_be_stored(project: Project) -> None:
    # Four bytes a letter, and no two equal halves: nothing for an index to compress.
    letters = [chr(0x1F300 + n) for n in range(640)]
    labels = {"".join(letters[:128]): "".join(letters[128:])}
    assert make_interaction(project, labels=labels).label_ids


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2024-02-21T09:51:03Z", datetime(2024, 2, 21, 9, 51, 3, tzinfo=UTC)),
        ("2024-02-21T09:51:03.123456", datetime(2024, 2, 21, 9, 51, 3, 123000, tzinfo=UTC)),
        ("2024-02-21T09:51+05:30", datetime(2024, 2, 21, 4, 21, tzinfo=UTC)),
        ("2024-02-21 09:51", datetime(2024, 2, 21, 9, 51, tzinfo=UTC)),
        ("2024-02-21", datetime(2024, 2, 21, tzinfo=UTC)),
    ],
)
def test_times(text: str, at: datetime) -> None:
    assert check_time(text, field="created_at") == at


@pytest.mark.parametrize(
    "value",
    [
        None, 5, 1.7e9, True, "", "now", "2024", "2024-02-30", "2024-02-21T25:00", "1969-12-31",
        "0001-01-01T00:00+14:00", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59-14:00",
        ["2024-02-21"], "2024-02-21\0", "٢٠٢٤-٠٢-٢١x",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(Invalid) as caught:
        check_time(value, field="created_at")
    assert caught.value.field == "created_at"


@pytest.mark.parametrize("value", [None, 5, "", "x", "123", ["a"], "0" * 33])
def test_what_is_no_uuid_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        check_uuid(value, field="session_id")
    assert check_uuid(str(UUID(int=7)), field="session_id") == UUID(int=7)


def test_text_may_be_left_out_but_not_be_something_else() -> None:
    assert check_text(None, field="reason") == ""
    assert check_text("x", field="reason", longest=1) == "x"
    wrong: list[object] = [5, ["x"], {}, True]
    for value in wrong:
        with pytest.raises(Invalid):
            check_text(value, field="reason")
    with pytest.raises(Invalid):
        check_text("xx", field="reason", longest=1)


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("BOOL", True, 1.0), ("BOOL", False, 0.0), ("BOOL", 1, 1.0), ("BOOL", 0.0, 0.0),
        ("SCALAR", 3, 3.0), ("SCALAR", -0.5, -0.5), ("SCALAR", 10**99, 1e99),
    ],
)  # fmt: skip
def test_values_are_stored_as_numbers(kind: str, value: object, stored: float) -> None:
    assert check_value(Metric(key="m", kind=kind), value, field="value") == stored


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("BOOL", 2), ("BOOL", 0.5), ("BOOL", "true"), ("BOOL", None), ("BOOL", []),
        ("SCALAR", True), ("SCALAR", "3"), ("SCALAR", None), ("SCALAR", float("nan")),
        ("SCALAR", float("inf")), ("SCALAR", 10**400), ("SCALAR", -1e101), ("SCALAR", {}),
    ],
)  # fmt: skip
def test_values_of_another_kind_are_refused(kind: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        check_value(Metric(key="m", kind=kind), value, field="feedbacks.0.value")
    assert caught.value.field == "feedbacks.0.value"


def test_a_clock_may_be_a_little_ahead_but_not_a_year() -> None:
    now = datetime.now(UTC)
    assert check_time((now + timedelta(hours=23)).isoformat(), field="created_at") > now
    with pytest.raises(Invalid, match="at most a day from now"):
        check_time((now + timedelta(hours=25)).isoformat(), field="created_at")
