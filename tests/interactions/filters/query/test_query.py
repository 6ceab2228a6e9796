"""The query bar's language: what is meant, and what a wrong query is told."""

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlencode
from uuid import UUID

import pytest
from django.http import QueryDict

from interactions.filters.address.controls import canonical
from interactions.filters.address.form import InteractionFilter
from interactions.filters.address.parameters import PLACE
from interactions.filters.conditions import (
    Comparator,
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
from interactions.filters.query.caret import at_caret
from interactions.filters.query.errors import QueryError
from interactions.filters.query.grammar import parse
from interactions.filters.query.spelling import spell
from interactions.filters.tree import And, Not, Or, Tree, conjuncts, normal
from interactions.textindex.places import Place

A = UUID(int=10)
PROD = HasLabel("env", ("prod",))
REFUND = Contains("refund")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", And()),
        ("refund", REFUND),
        ('"next week"', Contains("next week")),
        ("env:prod", PROD),
        ("env:(prod OR dev)", HasLabel("env", ("prod", "dev"))),
        ("env:*", HasLabel("env")),
        ("env:!=prod", Not(PROD)),
        ('env:"*"', HasLabel("env", ("*",))),
        ('label."my key":"a value"', HasLabel("my key", ("a value",))),
        ("label.model:x", HasLabel("model", ("x",))),
        ("label:env", HasLabel("env")),
        ("source:web", HasLabel("source", ("web",))),
        ("url:https://a.example/b?c=d", HasLabel("url", ("https://a.example/b?c=d",))),
        ("-env:prod", Not(PROD)),
        ("NOT env:prod", Not(PROD)),
        ("env:prod refund", And((PROD, REFUND))),
        ("env:prod AND refund", And((PROD, REFUND))),
        ("env:prod OR refund", Or((PROD, REFUND))),
        ("a env:prod OR refund", Or((And((Contains("a"), PROD)), REFUND))),
        ("a (env:prod OR refund)", And((Contains("a"), Or((PROD, REFUND))))),
        ("NOT (env:prod OR refund)", Not(Or((PROD, REFUND)))),
        ("model:gpt-4o", HasLlm(("gpt-4o",))),
        ("model:none", HasLlm((None,))),
        ('model:"none"', HasLlm(("none",))),
        ("model:(gpt-4o OR none)", HasLlm(("gpt-4o", None))),
        (f"session:{A}", InSession(A)),
        (f"id:{A}", HasId(A)),
        (f"prompt_hash:{A}", HasPrompt(A)),
        ("user:a@b", CreatedBy(("a@b",))),
        ("via:live", HasSource(("LIVE",))),
        ('prompt:"a b"', Contains("a b", Place.PROMPT)),
        ("completion:=no", Reads("no", Place.COMPLETION)),
        ("feedback:*", HasFeedback()),
        ("feedback.csat:*", HasFeedback("csat")),
        ("feedback.csat:<3", HasFeedback("csat", Comparator.LESS, 3)),
        ("feedback.csat:≥3", HasFeedback("csat", Comparator.AT_LEAST, 3)),
        ("feedback.helpful:no", HasFeedback("helpful", Comparator.EQUAL, 0)),
        (
            "feedback.csat:2..3",
            HasFeedback("csat", Comparator.AT_LEAST, 2, ((Comparator.AT_MOST, 3),)),
        ),
        (
            'feedback.csat:(<3 by:ann@x because:(="too slow" OR =rude))',
            HasFeedback("csat", Comparator.LESS, 3, reasons=("too slow", "rude"), given_by="ann@x"),
        ),
        ("compared:*", IsCompared()),
        ("compared:csat", IsCompared("csat")),
        ("latency:>500ms", HasNumber(Number.LATENCY, Comparator.MORE, 500)),
        ("latency:>1.5s", HasNumber(Number.LATENCY, Comparator.MORE, 1500)),
        (
            "latency:1s..2s",
            And(
                (
                    HasNumber(Number.LATENCY, Comparator.AT_LEAST, 1000),
                    HasNumber(Number.LATENCY, Comparator.AT_MOST, 2000),
                )
            ),
        ),
        ("tokens:>=100", HasNumber(Number.TOKENS, Comparator.AT_LEAST, 100)),
        ("images:>0", HasNumber(Number.IMAGES, Comparator.MORE, 0)),
        ("time:36h", CreatedWithin(timedelta(hours=36))),
        ("time:2024-02-21..2024-03-01", CreatedIn(at(2024, 2, 21), at(2024, 3, 2))),
        ("time:2024-02-21..<2024-03-01", CreatedIn(at(2024, 2, 21), at(2024, 3, 1))),
        ("time:2024-02..2024-03", CreatedIn(at(2024, 2, 1), at(2024, 4, 1))),
        ("time:..2024", CreatedIn(None, at(2025, 1, 1))),
        ("time:2024-02-21..2024-03-01T10:00", CreatedIn(at(2024, 2, 21), at(2024, 3, 1, 10))),
        ("time:2024-02", CreatedIn(at(2024, 2, 1), at(2024, 3, 1))),
        ("time:2024-02-21", CreatedIn(at(2024, 2, 21), at(2024, 2, 22))),
        ("since:2024-02-21T09:51", CreatedIn(at(2024, 2, 21, 9, 51))),
        ("until:2024", CreatedIn(None, at(2025, 1, 1))),
        ("until:<2024", CreatedIn(None, at(2024, 1, 1))),
        ("until:2024-01-01T08:00", CreatedIn(None, at(2024, 1, 1, 8))),
    ],
)
def test_what_is_written_is_meant(text: str, tree: Tree) -> None:
    assert parse(text) == tree
    assert parse(spell(tree)) == tree


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("a env: b", "env:", "expected a value right after `env:`"),
        ("a env:", "env:", "expected a value right after `env:`"),
        ("a (b OR", "", "expected a condition after `OR`"),
        ("a (b", "(", "expected `)` to close this `(`"),
        ("a) b", ")", "expected no `)`, since none is open; in quotes it is text"),
        ('a "b c', '"b c', 'expected another `"`, since this one has no end'),
        ('"a b":c', '"a b":', 'expected `label."a b":`, if it is a label\'s key'),
        ("print(x)", "print(", "expected a space here, or quotes around text with"),
        ("OR a", "OR", "expected something before `OR`"),
        ("via:live via:lve", "lve", "expected one of live, offline"),
        ("latency:fast", "fast", "expected a time such as 500ms or 1.5s"),
        ("tokens:5s", "5s", "expected a number"),
        ("feedback.csat:good", "good", "expected a number, yes or no"),
        ("session:x", "x", "expected a UUID"),
        ("time:yesterday", "yesterday", "expected a span such as 36h or 7d"),
        ("time:1969", "1969", "expected a time from 1970 to 3000"),
        ("env:>3", ">3", "expected a value without `>`"),
        ("env:(a by:b)", "by:b", "expected no `by:` or `because:` here"),
        ("(" * 21 + "a" + ")" * 21, None, "expected at most 20 groups"),
        ("a\0b", "\0", "expected text without the character NUL"),
    ],
)
def test_a_wrong_query_is_marked_at_its_place(text: str, marked: str | None, expected: str) -> None:
    with pytest.raises(QueryError, match=r"^expected ") as caught:
        parse(text)
    assert caught.value.expected.startswith(expected)
    if marked is not None:
        assert text[caught.value.start : caught.value.end] == marked


def written(bar: str, **beside: str) -> str:
    """The address that a text in the bar leads to."""
    return unquote(canonical(QueryDict(urlencode({**beside, "bar": bar}))).urlencode())


@pytest.mark.parametrize(
    ("bar", "address"),
    [
        ("env:(prod OR dev) -v:3", "label=env:prod&label=env:dev&not_label=v:3"),
        ("env:prod OR env:dev", "label=env:prod&label=env:dev"),
        ("env:prod env:dev", "label=env:prod&q=env:dev"),
        ("env:prod OR refund", "q=env:prod+OR+refund"),
        ("-model:a", "q=-model:a"),
        ("model:(a OR none)", "model=a&model=(none)"),
        ('refund "next week"', 'text=refund+"next+week"'),
        ("feedback.csat:<3 -feedback:*", "feedback=csat:lt:3&not_feedback=*"),
        ("feedback.csat:(<3 by:a@b)", "q=feedback.csat:(<3+by:a@b)"),
        ("latency:>1s", "latency=gt:1000"),
        ("time:36h", "time=36h"),
        ("time:2023-06", "since=2023-06-01&until=2023-07-01"),
        ("time:2023-06 since:2023-06-12", "since=2023-06-01&until=2023-07-01&q=since:2023-06-12"),
        ("time:36h until:<2024", "time=36h&q=until:<2024-01-01"),
        ("env: x", "typed=env:+x"),
        ("*", ""),
    ],
)
def test_the_bar_becomes_parameters_where_they_can_say_it(bar: str, address: str) -> None:
    assert written(bar) == address
    assert written(bar, label="old:1", before=str(A), time="7d") == address


def test_the_bar_keeps_how_the_rows_are_shown() -> None:
    assert written("refund", order="latency", density="compact", q="old") == (
        "order=latency&density=compact&text=refund"
    )


def test_controls_add_to_the_filter() -> None:
    def after(query: str) -> str:
        return unquote(canonical(QueryDict(query)).urlencode())

    assert after("label_key=env&label_value=a&label_value=b&label_value=") == (
        "label=env:a&label=env:b"
    )
    assert after("label_key=env&label_is=not_there&label_value=a") == "not_label=env"
    assert after("measure=latency&measure_is=gt&measure_value=1.5s") == "latency=gt:1500"
    assert after("text=a&word=b+c") == 'text=a+"b+c"'
    assert after("word=b&word_in=prompt") == "prompt_text=b"
    assert after("model=a&model=b&model_is=is_not") == "q=-model:(a+OR+b)"
    assert after("given=csat&given_is=lt&given_value=3&given_by=a@b") == (
        "q=feedback.csat:(<3+by:a@b)"
    )
    assert after("part=a+OR+b&label=c:d") == "label=c:d&q=a+OR+b"
    wrong = InteractionFilter(canonical(QueryDict("measure=latency&measure_value=soon")))
    assert wrong.faults == [("latency", "“gte:soon”: expected a number; got “soon”")]


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("q=lang:ja+feedback:*", "label=lang:ja&feedback=*"),
        ("q=lang:ja+(a:b+OR+refund)", "label=lang:ja&q=a:b+OR+refund"),
        ("q=lang:ja+-(a:b+c:d)", "label=lang:ja&q=NOT+(a:b+c:d)"),
        ("q=env:a+env:b", "label=env:a&q=env:b"),
        ("label=env:a&q=env:b+x:y", "label=env:a&q=env:b&label=x:y"),
        ("text=a&q=refund+time:7d", "text=a+refund&time=7d"),
        ("since=2024-01-01&q=time:7d", "since=2024-01-01&q=time:7d"),
        ('text="a&q=refund', 'text="a&q=refund'),
        ("q=lang:ja+(", "q=lang:ja+("),
    ],
)
def test_a_q_of_several_conditions_becomes_a_parameter_for_each(address: str, meant: str) -> None:
    data = canonical(QueryDict(address))
    assert sorted(unquote(data.urlencode()).split("&")) == sorted(meant.split("&"))
    assert canonical(data) == data
    form, said = InteractionFilter(data), InteractionFilter(QueryDict(address))
    assert form.faults == said.faults
    if form.is_valid():
        assert set(conjuncts(normal(form.asked()))) == set(conjuncts(normal(said.asked())))


def test_a_wrong_part_of_an_address_is_a_fault() -> None:
    form = InteractionFilter(canonical(QueryDict("q=env:")))
    assert form.faults == [("q", "“env:”: expected a value right after `env:`")]
    assert not set(PLACE) & set(form.base_filters)


@pytest.mark.parametrize(
    ("text", "field", "prefix", "piece"),
    [
        ("|", "", "", ""),
        ("en|", "", "en", "en"),
        ("-en|", "", "en", "en"),
        ("e|nv:prod", "", "e", "env:"),
        ("env:|", "env", "", ""),
        ("env:pr|od x", "env", "pr", "prod"),
        ("a env:(prod OR d|", "env", "d", "d"),
        ("env:prod |", "", "", ""),
        ("feedback.csat:>=|3", "feedback.csat", "", "3"),
        ("feedback:(>3 by:an|", "by", "an", "an"),
        ('label."my k":"va l|', 'label."my k"', "va l", '"va l'),
        ("time:12:3|0", "time", "12:3", "12:30"),
    ],
)
def test_the_caret_knows_what_is_being_written(
    text: str, field: str, prefix: str, piece: str
) -> None:
    query = text.replace("|", "")
    caret = at_caret(query, text.index("|"))
    assert (caret.field, caret.prefix) == (field, prefix)
    assert query[caret.start : caret.end] == piece
