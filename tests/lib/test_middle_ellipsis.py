"""Long values that are shortened where they do not differ."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as some

from adaptive_site.lib.middle_ellipsis import (
    LETTERS_AT_END,
    MOST_LETTERS_WHOLE,
    middle,
    shares,
)

SUPPORT = "acme-production-europe-west-1-customer-support"


def parts(html: str) -> list[str]:
    """The texts of a value's parts."""
    return [unescape(one) for one in re.findall(r"<span>(.*?)</span>", html, re.DOTALL)]


@given(some.text(max_size=80), some.integers(0, 80))
def test_nothing_of_a_value_is_lost(text: str, shared: int) -> None:
    html = middle(text, shared)
    assert unescape(re.sub(r"<[^<>]*>", "", html)) == text
    assert len(parts(html)) == (2 if len(text) > MOST_LETTERS_WHOLE else 0)


def test_the_second_part_is_the_end_or_where_it_begins_to_differ() -> None:
    assert middle("short") == "short"
    assert parts(middle(SUPPORT)) == [SUPPORT[:-LETTERS_AT_END], SUPPORT[-LETTERS_AT_END:]]
    values = [f"{SUPPORT}-a-and-something-long", f"{SUPPORT}-b-and-something-long", "other"]
    shared = shares(values)
    for value in values[:2]:
        first, second = parts(middle(value, shared[value]))
        assert SUPPORT.startswith(first)
        assert second.removeprefix("t-")[:1] in "ab"
    assert shared["other"] == 0


def test_markup_in_a_value_stays_text() -> None:
    assert "<b>" not in middle("<b>bold and long enough</b>")
