"""The filter in an address: read, said back, and never left out in silence."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from adaptive_site.lib.ids import EPOCH
from interactions.filters.address.form import InteractionFilter
from interactions.filters.conditions import (
    Comparator,
    Contains,
    CreatedBy,
    CreatedIn,
    HasFeedback,
    HasLabel,
    HasLlm,
    HasNumber,
    HasPrompt,
    HasSource,
    InSession,
    Number,
)
from interactions.filters.notation import (
    parse_feedback,
    parse_label,
    parse_measure,
    parse_number,
    parse_span,
    parse_time,
    parse_words,
    spell_feedback,
    spell_label,
    spell_measure,
    spell_words,
)
from interactions.filters.tree import And, Not, Tree
from interactions.textindex.places import Place

NOW = datetime(2024, 2, 21, 12, tzinfo=UTC)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)


def tree_of(address: str) -> Tree:
    form = InteractionFilter(QueryDict(address))
    assert form.is_valid(), form.errors
    return form.tree(NOW)


@given(names | st.sampled_from(["*", "\\", ":", "a:b\\"]), st.none() | st.text(max_size=12))
def test_a_label_is_read_as_it_was_spelt(key: str, value: str | None) -> None:
    assert parse_label(spell_label(key, value)) == (key, value)


@given(st.none() | names | st.sampled_from(["*", "\\*", ":"]), st.sampled_from(Comparator), numbers)
def test_a_feedback_condition_is_read_as_it_was_spelt(
    metric: str | None, comparator: Comparator, value: float
) -> None:
    for condition in (HasFeedback(metric, comparator, value), HasFeedback(metric)):
        assert parse_feedback(spell_feedback(condition)) == condition


@pytest.mark.parametrize(
    ("condition", "term"),
    [
        (HasFeedback("helpful"), "helpful"),
        (HasFeedback(None), "*"),
        (HasFeedback("helpful", Comparator.EQUAL, 1.0), "helpful:eq:1"),
        (HasFeedback(None, Comparator.LESS, 0.1234567), "*:lt:0.1234567"),
        (HasFeedback("a:b", Comparator.AT_LEAST, -2.5), "a\\:b:gte:-2.5"),
        (HasFeedback("n", Comparator.MORE, 1234567.0), "n:gt:1234567"),
    ],
)
def test_terms_look_as_a_person_would_write_them(condition: HasFeedback, term: str) -> None:
    assert spell_feedback(condition) == term


def test_an_address_becomes_a_tree() -> None:
    session = UUID(int=5)
    address = (
        "label=env:prod&label=env:dev&label=team&not_label=version:2&feedback=helpful:eq:yes"
        f"&not_feedback=csat&model=gpt-4o&model=(none)&source=LIVE&session={session}"
        "&text=100%25&since=2024-02-20&until=2024-02-21T09:51"
    )
    assert tree_of(address) == And(
        (
            HasLabel("env", ("prod", "dev")),
            HasLabel("team", None),
            Not(HasLabel("version", ("2",))),
            HasFeedback("helpful", Comparator.EQUAL, 1.0),
            Not(HasFeedback("csat")),
            HasLlm(("gpt-4o", None)),
            HasSource(("LIVE",)),
            InSession(session),
            Contains("100%"),
            CreatedIn(datetime(2024, 2, 20, tzinfo=UTC), datetime(2024, 2, 21, 9, 51, tzinfo=UTC)),
        )
    )


def test_measures_people_prompts_and_places_of_text_are_parameters_too() -> None:
    prompt = UUID(int=7)
    address = (
        "latency=gte:500&latency=lt:2e3&ttft=lte:80.5&prompt_tokens=gt:10&completion_tokens=neq:0"
        f"&images=eq:2&user=ann@example.org&user=ben@example.org&prompt={prompt.hex}"
        '&text=refund+"next+week"&prompt_text=ask&completion_text="is+sorry"'
    )
    assert tree_of(address) == And(
        (
            CreatedBy(("ann@example.org", "ben@example.org")),
            HasPrompt(prompt),
            HasNumber(Number.LATENCY, Comparator.AT_LEAST, 500),
            HasNumber(Number.LATENCY, Comparator.LESS, 2000),
            HasNumber(Number.TTFT, Comparator.AT_MOST, 80.5),
            HasNumber(Number.PROMPT_TOKENS, Comparator.MORE, 10),
            HasNumber(Number.COMPLETION_TOKENS, Comparator.NOT_EQUAL, 0),
            HasNumber(Number.IMAGES, Comparator.EQUAL, 2),
            Contains("refund"),
            Contains("next week"),
            Contains("ask", Place.PROMPT),
            Contains("is sorry", Place.COMPLETION),
        )
    )


@given(st.sampled_from(Number), st.sampled_from(Comparator), numbers)
def test_a_measure_is_read_as_it_was_spelt(
    number: Number, comparator: Comparator, value: float
) -> None:
    condition = HasNumber(number, comparator, value)
    assert parse_measure(number, spell_measure(condition)) == condition


words = st.text(st.sampled_from('ab"\\ \t\nü日'), min_size=1, max_size=6) | names


@given(st.lists(words, unique=True, max_size=20))
def test_words_and_phrases_are_read_as_they_were_spelt(given: list[str]) -> None:
    assert parse_words(spell_words(given)) == tuple(given)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("refund", ("refund",)),
        ("  a  b a ", ("a", "b")),
        ('refund "next week"', ("refund", "next week")),
        ('say"hello there"now', ("say", "hello there", "now")),
        (r"say \"no\"", ("say", '"no"')),
        (r'"a \"b\" c"', ('a "b" c',)),
        (r"C:\temp \n \\", ("C:\\temp", "\\n", "\\")),
        (r'"\\" x', ("\\", "x")),
        ("100% a_b", ("100%", "a_b")),
        ("日本語 テスト", ("日本語", "テスト")),
    ],
)
def test_a_text_is_taken_as_words_and_phrases(text: str, wanted: tuple[str, ...]) -> None:
    assert parse_words(text) == wanted


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('refund "next week', "the quote at character 8 has no end"),
        ('5"', "the quote at character 2 has no end"),
        (r'"a\"', "the quote at character 1 has no end"),
        ('a ""', "expected text between the quotes at character 3"),
        (" ".join(map(str, range(21))), "at most 20 words"),
    ],
)
def test_a_text_that_cannot_be_taken_is_a_fault_at_its_place(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_words(text)
    data = QueryDict(mutable=True)
    data["text"] = text
    form = InteractionFilter(data)
    assert [name for name, message in form.faults if fault in message] == ["text"]


def test_an_empty_address_leaves_everything() -> None:
    assert tree_of("") == tree_of("label=&text=&time=") == And()


def test_a_span_counts_back_from_now() -> None:
    assert tree_of("time=36h") == And((CreatedIn(NOW - timedelta(hours=36)),))
    assert tree_of("time=99999w") == And((CreatedIn(EPOCH),))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("label", ":prod"), ("label", "\\"), ("label", "a%00:b"), ("not_label", "env:%00"),
        ("not_label", ":"), ("feedback", "helpful:1"), ("feedback", "helpful:eq:"),
        ("feedback", "helpful:eq:nan"), ("feedback", "helpful:eq:inf"), ("feedback", "h:is:1"),
        ("feedback", "a%00"), ("not_feedback", "helpful:eq:1e999"), ("not_feedback", ":"),
        ("model", "a%00"), ("source", "live"), ("source", "x"), ("session", "123"),
        ("text", "a%00b"), ("text", "x" * 1001), ("time", "7"), ("time", "0d"), ("time", "-1d"),
        ("time", "7y"), ("since", "yesterday"), ("since", "1969-12-31"), ("since", "2024-02-30"),
        ("latency", "500"), ("latency", "gte:"), ("images", "ge:1"), ("ttft", "lt:nan"),
        ("prompt_tokens", "eq:yes"), ("completion_tokens", "eq:1e999"), ("prompt", "12"),
        ("user", "a%00"), ("prompt_text", '"a'), ("completion_text", "x" * 1001),
        ("until", "2024-13-01"), ("until", "0001-01-01T00:00%2B23:00"), ("until", "9999-12-31"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_an_error_at_its_field(name: str, value: str) -> None:
    form = InteractionFilter(QueryDict(f"label=env:prod&{name}={value}"))
    assert not form.is_valid()
    assert list(form.errors) == [name]


def test_one_wrong_term_beside_a_good_one_is_still_an_error() -> None:
    form = InteractionFilter(QueryDict("feedback=helpful&feedback=csat:oops:1"))
    assert not form.is_valid()
    assert "csat:oops:1" in str(form.errors["feedback"])


@pytest.mark.parametrize(("text", "n"), [("yes", 1), ("FALSE", 0), (" 2.5 ", 2.5), ("-1e3", -1000)])
def test_numbers_and_words_for_them(text: str, n: float) -> None:
    assert parse_number(text) == n


@pytest.mark.parametrize(("text", "minutes"), [("90m", 90), ("36h", 2160), ("7D", 10080)])
def test_spans(text: str, minutes: int) -> None:
    assert parse_span(text) == timedelta(minutes=minutes)


def test_a_time_without_a_zone_is_utc() -> None:
    assert parse_time("2024-02-21") == datetime(2024, 2, 21, tzinfo=UTC)
    assert parse_time("2024-02-21T09:51+02:00") == datetime(2024, 2, 21, 7, 51, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("lable=env:prod", ["lable"]),
        ("label=env:prod&utm_source=x&Text=a", ["utm_source", "Text"]),
        ("time=7d&since=2024-02-20", ["time"]),
        ("time=7d&until=2024-02-20&session=x", ["session", "time"]),
        ("time=&since=2024-02-20&before=x&after=x&open=x&more=env&raw=1&label_key=a", []),
    ],
)
def test_what_is_unknown_or_contradicts_is_a_fault(address: str, names: list[str]) -> None:
    form = InteractionFilter(QueryDict(address))
    assert [name for name, _ in form.faults] == names
    assert form.is_valid() is not bool(names)
