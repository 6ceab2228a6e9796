"""What is found in texts, and what stands there instead."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive_site.lib.errors import Invalid
from interactions.services.masking import change, finders
from interactions.services.masking.masker import WITHHELD, Masker
from interactions.services.masking.rules import MASKED_KINDS, MaskingRules

ALL = MaskingRules(kinds=tuple(MASKED_KINDS), region="DE")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mail a.b+c@x.example.co.uk now", "mail [email] now"),
        ("<mailto:o'neil@example.org>.", "<mailto:[email]>."),
        ("пользователь@пример.рф", "[email]"),
        ("not an@address, nor @name, nor a@b", "not an@address, nor @name, nor a@b"),
        ("ring 030 12345678 or +1 650-253-0000", "ring [phone] or [phone]"),
        ("2024-02-21T09:51:03Z 10.0.0.1", "2024-02-21T09:51:03Z 10.0.0.1"),
        ("card 4111 1111 1111 1111 12/26", "card [card] 12/26"),
        ("378282246310005,5555-5555-5555-4444", "[card],[card]"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("f37c7ba0-2183-5e93-9879-941322668012", "f37c7ba0-2183-5e93-9879-941322668012"),
        ("DE89 3704 0044 0532 0130 00 AND MORE", "[iban] AND MORE"),
        ("gb82west12345698765432", "[iban]"),
        ("GB82 WEST 1234 5698 7654 33", "GB82 WEST 1234 5698 7654 33"),
        ("image:" + "a1" * 32, "image:" + "a1" * 32),
        ("", ""),
    ],
)
def test_what_is_found_is_replaced_by_its_kind(text: str, masked: str) -> None:
    assert Masker(ALL).text(text) == masked


def test_only_the_kinds_that_are_wanted_are_looked_for() -> None:
    text = "a@example.org, 4111111111111111"
    assert Masker(MaskingRules(kinds=("card",))).text(text) == "a@example.org, [card]"
    assert Masker(MaskingRules(kinds=("phone",))).text("030 12345678") == "030 12345678"


def test_a_pattern_of_the_project_goes_first_and_overlaps_go_together() -> None:
    rules = MaskingRules(kinds=("email",), patterns={"staff": r"[a-z]+@corp\.example"})
    masker = Masker(rules)
    assert masker.text("eve@corp.example.org adam@corp.example") == "[email] [staff]"
    assert masker.replaced == {"email": 1, "staff": 1}


def test_json_is_masked_in_all_its_texts_and_names() -> None:
    masker = Masker(ALL)
    image = {"type": "image_url", "image_url": {"url": "https://a@example.org/x"}}
    given = {
        "a@example.org": 1,
        "b@example.org": [{"n": 4111111111111111, "x": True, "y": None, "z": 1.5}, image],
    }
    assert masker.value(given) == {
        "[email]": 1,
        "[email] 2": [{"n": "[card]", "x": True, "y": None, "z": 1.5}, image],
    }
    assert masker.replaced == {"email": 2, "card": 1}


SLOW = MaskingRules(patterns={"slow": r"(?:a|a|aa)+$", "order": r"ORD-\d+"})


def test_a_text_that_takes_too_long_is_withheld_and_so_are_later_ones() -> None:
    masker = Masker(SLOW)
    begun = time.process_time()
    assert masker.text("a" * 5_000 + "!") == f"[{WITHHELD}]"
    assert masker.text("ORD-1") == f"[{WITHHELD}]"
    assert time.process_time() - begun < 10  # for ever without the limit
    assert masker.replaced == {WITHHELD: 2}


def test_or_it_is_kept_where_the_project_says_so() -> None:
    rules = MaskingRules(patterns=SLOW.patterns, keeps_unsearched=True)
    assert Masker(rules).text("a" * 5_000 + "! ORD-1") == "a" * 5_000 + "! [order]"


@given(st.text(alphabet=st.sampled_from("a@.b 4-1+\n日DE8()"), max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = Masker(ALL).text(text)
    assert Masker(ALL).text(once) == once


@pytest.mark.parametrize(
    "text", ["a@" * 50_000, "1 " * 50_000, "+" * 50_000, "DE89 " * 20_000, "a." * 50_000 + "@"]
)
def test_hostile_texts_are_gone_through_in_linear_time(text: str) -> None:
    masker = Masker(ALL)
    begun = time.process_time()
    masker.text(text)
    short = time.process_time() - begun
    begun = time.process_time()
    masker.text(text * 4)
    assert time.process_time() - begun < 12 * max(short, 0.05)  # 16 if it were quadratic


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (MaskingRules(kinds=("mail",)), "kinds: expected some of"),
        (MaskingRules(kinds=("phone",), region="XX"), "region: expected the two letters"),
        (MaskingRules(patterns={"a b": "x"}), "patterns: expected names"),
        (MaskingRules(patterns={"email": "x"}), "patterns: email is the name of a kind"),
        (MaskingRules(patterns={"a": "("}), "patterns: a: missing \\)"),
        (MaskingRules(patterns={"a": "x*"}), "patterns: a: it finds the empty text"),
        (MaskingRules(patterns={"a": "x" * 501}), "patterns: a: expected at most 500"),
        (MaskingRules(patterns={f"p{n}": "x" for n in range(51)}), "patterns: expected at most 50"),
    ],
)
def test_wrong_rules_are_refused_by_name(rules: MaskingRules, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        change.check(rules)


def test_spans_are_those_of_the_text() -> None:
    text = "x 4111111111111111 y"
    assert [text[start:end] for start, end in finders.cards(text)] == ["4111111111111111"]
