"""What the query bar writes it reads back, and nothing one may type does more than be refused."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interactions.filters.address.controls import canonical
from interactions.filters.address.form import InteractionFilter
from interactions.filters.conditions import (
    Comparator,
    Condition,
    Contains,
    CreatedBy,
    CreatedIn,
    CreatedWithin,
    HasFeedback,
    HasId,
    HasLabel,
    HasLlm,
    HasNumber,
    HasPrompt,
    HasSource,
    InSession,
    IsCompared,
    Number,
    Reads,
)
from interactions.filters.query import grammar
from interactions.filters.query.errors import QueryError
from interactions.filters.query.grammar import parse
from interactions.filters.query.spelling import spell
from interactions.filters.tree import And, Not, Or, Tree, conjuncts, normal
from interactions.models import Source
from interactions.textindex.places import Place
from tests.running.examples import examples

# Words that mean something, and letters that are something, in the language itself.
HARD = [
    "AND",
    "OR",
    "NOT",
    "none",
    "*",
    "by:x",
    "because:",
    "label.x",
    "model",
    "feedback.a",
    "a:b",
]
HARD += [
    "-a",
    "",
    " ",
    '"',
    "\\",
    '\\"',
    "a b",
    "(",
    "x)",
    ">3",
    "!=1",
    "a..b",
    "é",
    "(none)",
    "\n",
]
TEXTS = st.sampled_from(HARD) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
FINITE = st.floats(-1e6, 1e6, allow_nan=False) | st.integers(-3, 100_000).map(float)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))
DAYS = st.dates(datetime(1971, 1, 1).date(), datetime(2998, 1, 1).date()).map(
    lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC)
)
SPANS = st.integers(1, 99_999).map(lambda n: timedelta(minutes=n)) | st.integers(1, 999).map(
    lambda n: timedelta(days=n)
)


def several(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=3).map(tuple)


def is_forward(one: CreatedIn) -> bool:
    """Whether it does not end before it begins, which no query can say."""
    return one.start is None or one.end is None or one.start <= one.end


def conditions() -> st.SearchStrategy[Condition]:
    """Any condition, of the most awkward names."""
    signs = st.sampled_from(Comparator)
    whole_spans = DAYS.flatmap(
        lambda day: st.sampled_from(
            [
                CreatedIn(day, day + timedelta(days=1)),
                CreatedIn(day.replace(day=1), (day.replace(day=1) + timedelta(32)).replace(day=1)),
                CreatedIn(
                    day.replace(month=1, day=1), day.replace(year=day.year + 1, month=1, day=1)
                ),
            ]
        )
    )
    ends = st.none() | TIMES | DAYS
    return st.one_of(
        st.builds(HasLabel, TEXTS, st.none() | several(TEXTS)),
        st.builds(Contains, TEXTS, st.sampled_from(Place)),
        st.builds(Reads, TEXTS, st.sampled_from(Place)),
        st.lists(st.none() | TEXTS, max_size=3).map(tuple).map(HasLlm),
        several(st.sampled_from(Source.values)).map(HasSource),
        several(TEXTS).map(CreatedBy),
        st.uuids().map(InSession),
        st.uuids().map(HasPrompt),
        st.uuids().map(HasId),
        st.builds(HasNumber, st.sampled_from(Number), signs, FINITE),
        st.builds(CreatedIn, ends, ends).filter(is_forward),
        whole_spans,
        SPANS.map(CreatedWithin),
        (st.none() | TEXTS.filter(bool)).map(IsCompared),
        st.builds(
            HasFeedback,
            st.none() | TEXTS,
            st.none() | signs,
            st.none() | FINITE,
            st.lists(st.tuples(signs, FINITE), max_size=2).map(tuple),
            st.none() | several(TEXTS),
            st.none() | TEXTS,
        ),
    )


def trees() -> st.SearchStrategy[Tree]:
    """Trees of a few conditions, nested anyhow."""

    def grow(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        some = st.lists(children, max_size=4).map(tuple)
        return some.map(And) | some.map(Or) | children.map(Not)

    return st.recursive(conditions(), grow, max_leaves=8)


def meaning(tree: Tree) -> set[Tree]:
    """What must all hold, each as plainly as parameters say it."""
    made: set[Tree] = set()
    for child in conjuncts(normal(tree)):
        match child:
            case Not(HasLabel(key, tuple() as values)):
                made |= {Not(HasLabel(key, (value,))) for value in values}
            case CreatedIn(start, end) if start and end:
                made |= {CreatedIn(start), CreatedIn(None, end)}
            case Or(children) if all(isinstance(c, HasLabel) and c.values for c in children):
                labels = [child for child in children if isinstance(child, HasLabel)]
                values = tuple(dict.fromkeys(v for one in labels for v in one.values or ()))
                is_one = len({one.key for one in labels}) == 1
                made.add(HasLabel(labels[0].key, values) if is_one else child)
            case HasLabel(key, tuple() as values):
                made.add(HasLabel(key, tuple(dict.fromkeys(values))))
            case HasLlm(keys):
                made.add(HasLlm(tuple(dict.fromkeys(keys))))
            case HasSource(sources):
                made.add(HasSource(tuple(dict.fromkeys(sources))))
            case CreatedBy(users):
                made.add(CreatedBy(tuple(dict.fromkeys(users))))
            case And(()):
                pass
            case _:
                made.add(child)
    return made


@settings(max_examples=examples(400), deadline=None)
@given(trees())
@example(And((HasNumber(Number.LATENCY, Comparator.AT_LEAST, 1000.0), Contains("a"))))
@example(Or((And(()), Not(And(())))))
@example(HasFeedback("a", None, None, ((Comparator.LESS, 3.0),), ("x", "y z"), "ann@x"))
def test_what_is_written_reads_back_as_the_same_filter(tree: Tree) -> None:
    assert parse(spell(tree)) == normal(tree)


@settings(max_examples=examples(400), deadline=None)
@given(trees())
@example(HasLlm(("",)))
def test_an_address_says_what_the_bar_says(tree: Tree) -> None:
    address = canonical(QueryDict(urlencode({"bar": spell(tree), "label": "old:1"})))
    form = InteractionFilter(address)

    assert form.faults == []
    assert meaning(form.asked()) == meaning(tree)
    # And the bar of that address leads to that address.
    again = InteractionFilter(canonical(QueryDict(urlencode({"bar": spell(form.asked())}))))
    assert again.is_valid()
    assert meaning(again.asked()) == meaning(tree)


PIECES = [
    "env:",
    "a",
    "(",
    ")",
    '"',
    " ",
    "OR ",
    "AND ",
    "NOT ",
    "-",
    "*",
    ":",
    ">",
    "<=",
    "..",
    "\\",
]
PIECES += [
    "feedback.x:",
    "feedback:(",
    "by:",
    "because:(",
    "latency:",
    "time:",
    "7d",
    "since:",
    "1",
]
PIECES += [
    'label."k":',
    "model:",
    "none",
    "id:",
    "via:",
    "\0",
    "\n",
    "e9",
    "-1",
    "９",
    "=",
    "2023-13",
]


@settings(max_examples=examples(1500), deadline=None)
@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example("(" * 3999)
@example("-" * 3999 + "a")
@example("a:(" * 1300)
@example("x" * 5000)
@example("time:9999-12-31")
@example("time:99999w")
@example("0:((")
def test_whatever_is_typed_is_read_or_refused_at_its_place(text: str) -> None:
    try:
        tree = parse(text)
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(text)
        assert error.expected.startswith("expected ")
    else:
        assert parse(spell(tree)) == tree


def test_a_query_has_at_most_100_conditions() -> None:
    assert len("a " * (grammar.MOST_CONDITIONS)) < grammar.LONGEST_QUERY
    parse("a " * grammar.MOST_CONDITIONS)
    for text in (
        "a " * (grammar.MOST_CONDITIONS + 1),
        "env:(" + "a OR " * grammar.MOST_CONDITIONS + "a)",
    ):
        try:
            parse(text)
        except QueryError as error:
            assert error.expected == "expected at most 100 conditions"
        else:
            raise AssertionError(text)
