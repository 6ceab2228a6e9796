"""Letters that mean the same are one for everything that looks for a text."""

import re
import sys
from collections.abc import Callable
from importlib import import_module
from random import Random
from time import perf_counter
from unicodedata import category, combining, normalize

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from interactions.textindex import letters
from interactions.textindex.letters import PLAIN_LETTERS, FoldedText, fold
from interactions.textindex.tokenizer import runs_of, terms_of

COLLATIONS = ["default", "C", "C.utf8", "und-x-icu", "tr-x-icu", "lt-x-icu", "el-x-icu"]
KNOWN = [
    letter
    for letter in map(chr, range(1, sys.maxunicode + 1))
    if category(letter) not in ("Cn", "Cs")
]
MARKED = [
    letter
    for letter in KNOWN
    if combining(letter) or all(map(combining, normalize("NFKD", letter)))
]
LETTERS = (
    "aBeiI  \n\t\ufe70¨.-’é\u0301İıßẞſΣςσﬁＡ日ガｶﾞ한\u1112\u1161\u11ab\u200b\xad\u00a0שׁلُ½…\u0307"
)
marks = st.sampled_from(["\u0307", "\u0301\u0316", "\u0f73\u0301", "\uff9e\u0344", "\u0323\u034f"])
texts = (
    st.text(st.sampled_from(LETTERS), max_size=30)
    | st.text(max_size=20)
    | st.builds("{}{}".format, st.sampled_from(["", *"aiİǖﬁ "]), marks.map(lambda of: of * 20))
)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("ο Σίσυφος", "ΣΊΣΥΦΟΣ"), ("ΟΔΟΣ", "οδος"), ("café", "cafe\u0301"), ("cafe\u0301", "CAFÉ"),
        ("10\u00a0000\u202f€", "10 000 €"), ("a\u3000b\u2009c", "A b C"), ("don’t", "don't"),
        ("don't", "don’t"), ("don´t", "donʼt"), ("“yes”", '"yes"'), ("«oui»", '"oui"'),
        ("2019–2021", "2019-2021"), ("well\u2011known", "well-known"), ("−5", "-5"),
        ("so\xadft", "soft"), ("zero\u200bwidth\ufeff", "zerowidth"), ("Ｆｕｌｌ　１２", "full 12"),
        ("Straße", "STRASSE"), ("STRASSE", "straße"), ("GROẞ", "groß"), ("İstanbul", "istanbul"),
        ("ISPARTA", "ısparta"), ("eﬃcient ﬁle", "EFFICIENT FILE"), ("ſo", "so"),
        ("שָׁלוֹם", "שלום"), ("مُحَمَّد", "محمد"), ("محـــمد", "محمد"), ("ｶﾞ", "ガ"), ("カ\u3099", "ガ"),
        ("x²", "x2"), ("❤️", "❤"), ("wait…", "wait..."), ("\u1112\u1161\u11ab", "한"), ("Ǆ", "dž"),
        ("①", "1"), ("𝐇𝐢", "hi"), ("line\u2028break", "line break"), ("ё", "е\u0308"),
        ("line\r\nbreak", "line break"), ("tab\tsep", "tab sep"), ("two  spaces", "two spaces"),
        ("two spaces", "two  spaces"), ("é\n\n\u3000ü", "é ü"), ("a \u200b b", "a b"),
        ("a\v\fb", "a b"), ("indented:\n    text", "indented: text"), ("a\u2028\u2028b", "a b"),
    ],
)  # fmt: skip
def test_what_means_the_same_is_found(said: str, wanted: str) -> None:
    assert fold(wanted) in fold(said)


@pytest.mark.parametrize(("said", "wanted"), [("café", "cafe"), ("が", "か"), ("й", "и")])
def test_what_means_something_else_is_not(said: str, wanted: str) -> None:
    assert fold(wanted) not in fold(said)


def in_postgresql(texts: list[str], collation: str = "default") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT search_fold(t COLLATE "{collation}") FROM unnest(%s::text[])'
            " WITH ORDINALITY AS u(t, n) ORDER BY n",
            [texts],
        )
        return [folded for (folded,) in cursor.fetchall()]


def run(length: int, seed: int) -> str:
    """Marks in a row: of one class, of a few, of all, with letters among them that are left out."""
    chance = Random(seed)
    some = chance.sample(MARKED, k=chance.choice([1, 2, 5, 50]))
    if seed % 3 == 0:
        some = [*some, "\u200b", "\u034f", "\u0307"]
    return "".join(chance.choices(some, k=length))


def test_postgresql_folds_as_python_does(db: None) -> None:
    chance = Random(3)
    odd = [letter for letter in KNOWN if fold(letter) != letter or combining(letter)]
    usual = "abC \n\r\t  iIS'Σσ" * 200
    some = [f"a{letter}b" for letter in KNOWN]
    some += ["".join(chance.choices([*odd, *usual], k=8)) for _ in range(20_000)]
    some += [f"{chance.choice(odd)}{run(chance.randint(28, 80), n)}b" for n in range(1_000)]
    assert [
        (ascii(said), ascii(folded), ascii(fold(said)))
        for said, folded in zip(some, in_postgresql(some), strict=True)
        if folded != fold(said)
    ] == []


@pytest.mark.parametrize("collation", COLLATIONS)
def test_the_databases_collation_changes_no_terms(db: None, collation: str) -> None:
    """Letters that only some of them lower are breaks between words (`tokenizer.py`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_collation WHERE collname = %s", [collation])
        if not cursor.fetchall():
            pytest.skip("this PostgreSQL was built without it")
    some = [f"a{letter}b" for letter in KNOWN if ord(letter) < 0x20000]
    some += ["ΑΣ", "ΑΣΑ", "Iİı", "I\u0307", "Ì\u0303", "SSẞß"]
    if collation == "C":  # it lowers ASCII alone
        some = [text for text in some if text.lower() == text]
    assert [
        (ascii(said), ascii(folded))
        for said, folded in zip(some, in_postgresql(some, collation), strict=True)
        if terms_of(folded) != terms_of(said) or runs_of(folded) != runs_of(said)
    ] == []


def test_the_migration_made_what_is_written_here() -> None:
    migration = import_module("interactions.migrations.0011_search_letters")
    here = {
        "PLAIN": letters.PLAIN_LETTERS,
        "SINGLE": letters.SINGLE_QUOTES,
        "DOUBLE": letters.DOUBLE_QUOTES,
        "DASHES": letters.DASHES,
        "BREAKS": letters.LINE_BREAKS,
        "SPACES": letters.SPACES,
        "UNSEEN": letters.INVISIBLE_LETTERS,
        "LATE": letters.NEWLY_DECOMPOSED,
        "MARKS": letters.COMBINING_MARKS,
    }
    for name, value in here.items():
        assert getattr(migration, name) == value


def test_plain_letters_need_no_more_than_lower_case() -> None:
    for letter in KNOWN:
        if letters._RUN.fullmatch(letter):
            assert len(fold(letter)) == 1, ascii(letter)
            assert fold(letter) == letter.lower().replace("ς", "σ")
            assert normalize("NFKC", letter) == letter
            assert not combining(letter)
    assert PLAIN_LETTERS


@given(texts)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts, texts, texts)
def test_a_place_holds_what_was_found_there(before: str, part: str, after: str) -> None:
    whole = before + part + after
    folded = FoldedText(whole)
    assert folded.text == fold(whole)
    wanted = fold(part)
    places = list(folded.find(wanted))
    assert len(places) == (fold(whole).count(wanted) if wanted else 0)
    last = 0
    for start, end in places:
        assert 0 <= start < end <= len(whole)
        assert start >= last or wanted in fold(whole[start:end])
        last = start
        assert wanted in fold(whole[start:end])


@pytest.mark.parametrize(
    ("whole", "wanted", "found"),
    [
        ("Die Straße!", "STRASSE", "Straße"), ("un cafe\u0301 noir", "café", "cafe\u0301"),
        ("ﬁle", "f", "ﬁ"), ("so\xadft drink", "soft", "so\xadft"), ("I don’t", "don't", "don’t"),
        ("مُحَمَّد قال", "محمد", "مُحَمَّد"), ("日本ｶﾞ", "ガ", "ｶﾞ"), ("10\u00a0000 kr", "0 0", "0\u00a00"),
        ("one\r\n  two", "e t", "e\r\n  t"), ("ü: one\n\n two.", "e t", "e\n\n t"),
        ("a  b \u200b  ü d", "ü d", "ü d"), ("a \xa8 b", "a ¨", "a \xa8"),
    ],
)  # fmt: skip
def test_marks_stand_at_their_place_in_the_original(whole: str, wanted: str, found: str) -> None:
    ((start, end),) = FoldedText(whole).find(fold(wanted))
    assert whole[start:end] == found


@pytest.mark.parametrize("length", [31, 32, 33, 100])
def test_of_many_marks_on_a_letter_the_first_count(db: None, length: int) -> None:
    runs = [run(length, seed) for seed in range(60)]
    some = [f"{letter}{marks}x" for marks in runs for letter in ("", "e", "i", "\u01d6", "\ufdfa")]
    folded = [fold(text) for text in some]
    assert in_postgresql(some) == folded
    assert [fold(text) for text in folded] == in_postgresql(folded) == folded
    for text in some:
        ((start, end),) = FoldedText(f"{text}y").find("xy")
        assert (start, end) == (len(text) - 1, len(text) + 1)
    one = "e" + "\u0316" * length
    assert fold(f"{one}x") == fold("e" + "\u0316" * min(length, 32) + "x")
    ((start, end),) = FoldedText(f"x{one}y").find(fold(one))
    assert (start, end) == (1, 1 + len(one))


def test_every_mark_of_this_unicode_is_counted() -> None:
    class_of_marks = re.compile(f"[{letters.COMBINING_MARKS}]").fullmatch
    assert [ascii(letter) for letter in MARKED if not class_of_marks(letter)] == []
    others = set(KNOWN) - set(MARKED)
    assert [ascii(letter) for letter in others if class_of_marks(letter)] == []
    # What begins a run brings at most three marks.
    for letter in others - set(letters.INVISIBLE_LETTERS):
        assert not combining(normalize("NFKD", letter)[0]), ascii(letter)


RUNS = ["\u0301\u0316", "\u0301\u0316\u200b", "\uff9e\u0316", "\u0f73\u0301\u05b0", "\u0344\u0327"]


@pytest.mark.parametrize("marks", RUNS)
def test_a_run_of_marks_costs_what_its_length_does(db: None, marks: str) -> None:
    """By swapping, as `normalize` sorts, four times the run costs sixteen times as much."""

    def cost(folds: Callable[[str], object], length: int) -> float:
        text = "e" + marks * length
        took = []
        for _ in range(5):
            before = perf_counter()
            folds(text)
            took.append(perf_counter() - before)
        return min(took)

    for folds in (fold, FoldedText, lambda text: in_postgresql([text])):
        # Squares are squares each time; what else runs on the machine is not.
        assert any(cost(folds, 20_000) < 8 * cost(folds, 5_000) for _ in range(5))
