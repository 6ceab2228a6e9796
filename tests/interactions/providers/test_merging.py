"""Pieces of a message put together: whatever is cut up is whole again, member by member."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.providers.loose_json import halves, mended, parsed
from interactions.providers.merging import GrowingText, grown, merge
from interactions.services.chat.answer import StreamedAnswer, counts
from tests.upstream import delta

TEXT = st.text(max_size=30)
SAID = st.text(min_size=1, max_size=30)
NAME = st.sampled_from(["get", "look_up", "send"])
OTHER = st.recursive(
    st.one_of(SAID, st.integers(), st.booleans()),
    lambda inner: st.dictionaries(st.sampled_from("abcdef"), inner, min_size=1, max_size=3),
    max_leaves=6,
)


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    """A message with some of what messages have."""
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "reasoning_content": SAID,
        "refusal": SAID,
        "audio": st.fixed_dictionaries(
            {"id": NAME, "transcript": SAID, "data": SAID, "expires_at": st.integers(1)}
        ),
        "function_call": st.fixed_dictionaries({"name": NAME, "arguments": TEXT}),
        "tool_calls": st.lists(
            st.one_of(
                st.fixed_dictionaries(
                    {
                        "type": st.just("function"),
                        "function": st.fixed_dictionaries({"name": NAME, "arguments": TEXT}),
                    }
                ),
                st.fixed_dictionaries(
                    {
                        "type": st.just("custom"),
                        "custom": st.fixed_dictionaries({"name": NAME, "input": TEXT}),
                    }
                ),
            ),
            min_size=1,
            max_size=3,
        ).map(lambda calls: [{"id": f"call-{n}", **call} for n, call in enumerate(calls)]),
        "reasoning_details": st.lists(
            st.sampled_from(["text", "summary", "encrypted"]).flatmap(
                lambda kind: st.fixed_dictionaries({"type": st.just(f"reasoning.{kind}")}).flatmap(
                    lambda known: SAID.map(
                        lambda said: {**known, "format": "x-v1", _MEMBER[kind]: said}
                    )
                )
            ),
            min_size=1,
            max_size=4,
        ).map(lambda items: [{**item, "index": n} for n, item in enumerate(items)]),
        "images": st.lists(
            SAID.map(lambda url: {"type": "image_url", "image_url": {"url": url}}), min_size=1
        ),
        "tags": st.lists(SAID, min_size=1),
        "weather": st.dictionaries(st.sampled_from("abcdef"), OTHER, min_size=1, max_size=3),
    }
    names = draw(st.lists(st.sampled_from(sorted(kinds)), unique=True))
    return {"content": draw(TEXT), **{name: draw(kinds[name]) for name in names}}


_MEMBER = {"text": "text", "summary": "summary", "encrypted": "data"}
# Said whole in the first piece, and by some servers again in each.
_LABELS = ("id", "type", "name", "format", "index")


def cut(value: Any, random: Random) -> Iterator[Any]:
    """Pieces of a value, in their order."""
    if isinstance(value, str):
        places = sorted(random.randint(0, len(value)) for _ in range(random.randint(0, 3)))
        for start, end in zip([0, *places], [*places, len(value)], strict=True):
            yield value[start:end]
    elif isinstance(value, dict):
        named = {name: one for name, one in value.items() if name in _LABELS}
        rest = {name: one for name, one in value.items() if name not in _LABELS}
        if named or not rest:
            yield named
        for name, piece in shuffled({name: list(cut(one, random)) for name, one in rest.items()}):
            yield {name: piece}
    elif isinstance(value, list):
        yield from cut_list(value, random)
    else:
        yield value


def shuffled(pieces: dict[Any, list[Any]]) -> Iterator[tuple[Any, Any]]:
    """Pieces of several, each's in its order; the order among them follows from their sizes."""
    waiting = {name: list(some) for name, some in pieces.items()}
    while any(waiting.values()):
        name = max(waiting, key=lambda one: len(waiting[one]))
        yield name, waiting[name].pop(0)


def cut_list(items: list[Any], random: Random) -> Iterator[list[Any]]:
    """Calls and details piece by piece, with their index; other items whole."""
    for place, item in enumerate(items):
        if not isinstance(item, dict) or item["type"] == "image_url":
            yield [item]
            continue
        again = {"type": item["type"]} if "index" in item or random.random() < 0.3 else {}
        for piece in cut(item, random):
            yield [{"index": place, **again, **piece}]


@given(messages(), st.randoms(use_true_random=False))
def test_a_message_cut_up_anywhere_is_whole_again(message: dict[str, Any], random: Random) -> None:
    heard = StreamedAnswer()
    waiting = {name: list(cut(one, random)) for name, one in message.items()}
    handed = []
    while any(waiting.values()):
        name = random.choice([name for name, pieces in waiting.items() if pieces])
        if (chunk := heard.take(delta(**{name: waiting[name].pop(0)}))) is not None:
            handed.append(chunk)
    assert {"content": heard.text, **(heard.parts or {})} == message
    # And so it is for whoever puts together what was handed on.
    again = StreamedAnswer()
    for chunk in handed:
        again.take(chunk)
    assert (again.text, again.parts) == (heard.text, heard.parts)


@given(messages())
def test_a_message_that_comes_at_once_is_kept_as_it_is(message: dict[str, Any]) -> None:
    heard = StreamedAnswer()
    heard.take_whole({"choices": [{"message": {"role": "assistant", **message}}]})
    assert {"content": heard.text, **(heard.parts or {})} == message


NOTES = [{"type": "url_citation", "url": "https://a.example/"}]


@pytest.mark.parametrize(
    ("pieces", "text", "content"),
    [
        (
            [[{"type": "text", "text": "See ", "annotations": NOTES}]],
            "See ",
            [{"type": "text", "text": "See ", "annotations": NOTES}],
        ),
        (
            ["Do ", [{"type": "text", "text": "see ", "annotations": NOTES}], "it."],
            "Do see it.",
            [{"type": "text", "text": "Do see it.", "annotations": NOTES}],
        ),
        ([[{"type": "text", "text": "a", "annotations": [], "index": 0}]], "a", None),
        ([{"type": "text", "text": "plain"}], "plain", None),
        ([{"type": "text", "text": "a", "x": 0}], "a", {"type": "text", "text": "a", "x": 0}),
        ([{"answer": 4}], "", {"answer": 4}),
        ([4], "", 4),
        ([0], "", 0),
        ([False], "", False),
        ([{}], "", None),
        ([[]], "", None),
    ],
)
def test_what_stands_beside_a_text_is_kept(pieces: list[Any], text: str, content: Any) -> None:
    heard = StreamedAnswer()
    for piece in pieces:
        heard.take(delta(content=piece))
    assert heard.text == text
    in_parts = content if isinstance(content, list | None) else [content]
    assert (heard.parts or {}).get("content") == in_parts
    if len(pieces) == 1:
        whole = StreamedAnswer()
        whole.take_whole({"choices": [{"message": {"role": "assistant", "content": pieces[0]}}]})
        assert (whole.text, (whole.parts or {}).get("content")) == (text, content)


@given(st.text(), st.integers(0, 100), st.sampled_from(["json", "utf-8"]))
def test_letters_cut_in_two_are_joined(text: str, place: int, how: str) -> None:
    if how == "json":
        units = text.encode("utf-16-le", "surrogatepass")
        one, two = (
            part.decode("utf-16-le", "surrogatepass")
            for part in (units[: place * 2], units[place * 2 :])
        )
    else:
        raw = text.encode()
        one, two = (part.decode(errors="surrogateescape") for part in (raw[:place], raw[place:]))
    ready, rest = halves(one)
    more, left = halves(rest + two)
    assert (ready + more, left) == (text, "")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"[NaN, Infinity, -Infinity, 1e1000, -1e99999]", [None] * 5),
        (b"[1e400, -1e400]", [Decimal("1e400"), Decimal("-1e400")]),
        (b"[18446744073709551616, -9223372036854775809]", [2**64, -(2**63) - 1]),
        (b"[18446744073709551615, 1.5, 1e25]", [2**64 - 1, 1.5, 1e25]),
        (b'["a\nb\tc"]', ["a\nb\tc"]),
        (b'["a\\u0000b", "a\x00b"]', ["a\ufffdb", "a\ufffdb"]),
        (b'{"a\\ud83d": "\xff"}', {"a\ufffd": "\ufffd"}),
        (b"\xef\xbb\xbf[1]", [1]),
        (b"[" + b"9" * 5000 + b"]", [None]),
    ],
)
def test_json_that_is_not_quite_is_read(raw: bytes, expected: Any) -> None:
    value, _ = parsed(raw)
    assert mended(value) == expected


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"<html>",
        b"[" * 103 + b"]" * 103,
        b"[1e25," + b"[" * 103 + b"]" * 104,
        b"[" * 90000,
    ],
)
def test_what_is_no_json_is_not_read(raw: bytes) -> None:
    with pytest.raises(ValueError):
        parsed(raw)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 7.0, "completion_tokens": 2}, (7, 2, 9)),
        ({"prompt_tokens": 7, "cost": 0.1}, (7, 0, 7)),
        ({"prompt_tokens": 2**40, "completion_tokens": -1, "cost": 0.1}, (None, None, None)),
        ({"prompt_tokens": True, "total_tokens": 1.5}, (None, None, None)),
    ],
)
def test_counts_that_are_none_are_left_out(usage: dict[str, Any], expected: Any) -> None:
    made = counts(usage) or {}
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    assert tuple(made.get(name) for name in names) == expected
    assert made.get("cost") == usage.get("cost")


def test_what_grows_is_not_copied_for_each_piece() -> None:
    kept: dict[str, Any] = {}
    for _ in range(1000):
        merge(kept, {"function": {"arguments": "abcd"}})
    text = kept["function"]["arguments"]
    assert isinstance(text, GrowingText)
    assert len(text.pieces) == 1000
    assert grown(kept) == {"function": {"arguments": "abcd" * 1000}}
