"""The query bar's page and fragments, without a browser."""

from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from django.test import Client

from interactions.filters.conditions import Comparator, HasFeedback, HasLabel
from interactions.filters.notation import TimeTerm
from interactions.filters.tree import And, Not, Or, Tree
from interactions.services.browsing.explanations import explain
from interactions.web.filtering.time_control import neighbouring_spans
from projects.models import Project, User
from tests import make
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"
FRAGMENTS = (
    *("complete/?bar=env:", "calendar/", "empty/?label=env:x", f"why/?id={UUID(int=1)}"),
    *("add-filter/", "view-menu/", "column-menu/", "syntax/"),
)


def get(user: User, query: str = "", **headers: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(URL + query, headers=headers)


def text(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_a_stranger_finds_nothing(charlie: User, filled: Project, fragment: str) -> None:
    assert get(charlie, fragment).status_code == 404


def test_the_bar_leads_to_an_address_of_parameters(alice: User, filled: Project) -> None:
    answer = get(alice, "?bar=env:staging+OR+feedback.ok:1&label=env:x&order=oldest")
    assert answer.status_code == 302
    assert unquote(answer.url) == "?order=oldest&q=env:staging OR feedback.ok:1"
    listing = get(alice, answer.url).context["listing"]
    assert listing.faults == []
    assert listing.bar.text == "env:staging OR feedback.ok:yes"
    assert [chip.subject for chip in listing.chips] == ["env is staging or ok: yes"]
    assert "<b>50</b>" in text(get(alice, f"count/{answer.url}"))
    # Facets count under it, and the chart too.
    assert "prod" in text(get(alice, f"facet/{answer.url}&of=label:env", **{"HX-Request": "true"}))
    assert "50 in" in text(get(alice, f"histogram/{answer.url}", **{"HX-Request": "true"}))


def test_a_wrong_query_is_shown_as_typed_with_its_place_marked(
    alice: User, filled: Project
) -> None:
    answer = get(alice, "?bar=<b>+env:+x", **{"HX-Request": "true", "HX-Target": "results"})
    assert unquote(answer["HX-Push-Url"]) == "?typed=<b> env: x"
    said = answer.content.decode()
    assert 'value="&lt;b&gt; env: x"' in said
    assert "&lt;b&gt; <mark>env:</mark> x" in said
    assert 'aria-describedby="bar-error"' in said
    assert answer.context["listing"].rows == []
    page = get(alice, "?typed=%3Cb%3E+env:+x").content.decode()
    for shown in (said, page):
        assert shown.casefold().count("expected a value right after <code>env:</code>") == 1
        assert "cannot be read where it is marked above" in shown


def test_a_wrong_filter_keeps_its_time_and_its_message_has_no_backticks(
    alice: User, filled: Project
) -> None:
    said = get(alice, "?q=%3Cb%3E+(").content.decode()
    assert "“&lt;b&gt; (”: expected a condition after <code>(</code>" in said
    for query, name in (
        ("?q=(", "Any time"),
        ("?q=(&time=7d", "Last 7 days"),
        ("?time=soon", "Any time"),
        ("?nonsense=1&since=2024-02-20&until=2024-02-21", "2024-02-20"),
    ):
        assert f'aria-label="Time: {name}, UTC"' in get(alice, query).content.decode()


def test_each_chip_has_its_form_and_its_end(alice: User, filled: Project) -> None:
    query = "?label=env:prod&not_label=a:b&feedback=ok:eq:1&latency=gt:5&text=x+y&model=m"
    query += "&q=a+OR+b&q=-model:z&time=7d&user=u&source=LIVE&order=oldest"
    look = get(alice, query).context["listing"]
    assert [chip.kind for chip in look.chips] == [
        *("label", "label", "metric", "model", "source", "user", "measure"),
        *("word", "word", "part", "model", "time"),
    ]
    for chip in look.chips:
        assert get(alice, chip.remove).context["listing"].faults == []
        assert "order=oldest" in chip.remove
    without = get(alice, look.chips[7].remove).context["listing"]
    assert len(without.chips) == len(look.chips) - 1
    assert without.data["text"] == "y"


def options(answer: Any) -> list[str]:
    return [one.text for one in answer.context["options"].found]


def test_completion_knows_the_names_and_values_of_this_project(
    alice: User, filled: Project, charlies_project: Project
) -> None:
    make.make_interaction(charlies_project, labels={"env": "secret", "entry": "x"})
    make.make_interaction(filled, labels={"my key": "a value", "model": "x"})
    assert options(get(alice, "complete/?bar=en&at=2"))[:1] == ["env:"]
    assert "entry:" not in options(get(alice, "complete/?bar=en&at=2"))
    assert options(get(alice, "complete/?bar=env:&at=4")) == ["prod", "staging", "*"]
    assert options(get(alice, "complete/?bar=env:AG&at=6")) == ["staging"]
    assert options(get(alice, "complete/?bar=my&at=2")) == ['label."my key":']
    assert options(get(alice, 'complete/?bar=label."my key":&at=15')) == ['"a value"', "*"]
    assert options(get(alice, "complete/?bar=label.model:&at=12")) == ["x", "*"]
    assert options(get(alice, "complete/?bar=feedback.o&at=10")) == ["feedback.ok:"]
    assert options(get(alice, "complete/?bar=feedback.ok:&at=12")) == ["yes", "no", "*"]
    assert options(get(alice, "complete/?bar=via:&at=4"))[0] == "live"
    assert options(get(alice, "complete/?bar=env:prod+O&at=10"))[0] == "OR"
    assert options(get(alice, "complete/?bar=unknown:&at=8")) == []
    said = get(alice, "complete/?bar=env:st&at=6").content.decode()
    assert 'data-start="4" data-end="6" data-text="staging"' in said
    assert '<span class="n">40</span>' in said


@pytest.mark.parametrize("query", ["?at=-1", "?bar=%00&at=x", "?bar=" + "(" * 9000, "?at=99999999"])
def test_completion_of_anything_answers(alice: User, filled: Project, query: str) -> None:
    assert get(alice, f"complete/{query}").status_code == 200


def test_a_calendar_picks_a_first_day_then_a_last_one(alice: User, filled: Project) -> None:
    month = get(alice, "calendar/?label=env:prod").context["page"].month
    assert month.name == "February 2024"  # of the newest interaction
    day = next(day for week in month.weeks for day in week if day.date.day == 21)
    assert day.link.endswith("/calendar/?label=env:prod&month=2024-02&first=2024-02-21")
    picked = get(alice, day.link.removeprefix(URL)).context["page"].month
    assert picked.only.endswith("?label=env:prod&since=2024-02-21&until=2024-02-22")
    before = next(day for week in picked.weeks for day in week if day.date.day == 19)
    assert before.link == f"{URL}?label=env:prod&since=2024-02-19&until=2024-02-22"
    assert month.whole == f"{URL}?label=env:prod&since=2024-02-01&until=2024-03-01"
    assert "month=2024-01" in month.earlier
    assert "month=2024-03" in month.later


@pytest.mark.parametrize(
    "query", ["?month=soon", "?month=2024-13", "?month=1969-12", "?first=x", "?page=nowhere"]
)
def test_a_calendar_of_nonsense_is_refused(alice: User, filled: Project, query: str) -> None:
    answer = get(alice, f"calendar/{query}")
    assert answer.status_code == 400
    assert "expected" in text(answer)


def test_the_spans_before_and_after_are_as_long() -> None:
    now = datetime(2024, 3, 1, 12, tzinfo=UTC)
    start, end = datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 2, 8, tzinfo=UTC)
    earlier, later = neighbouring_spans(TimeTerm(start=start, end=end), now)
    assert earlier == (datetime(2024, 1, 25, tzinfo=UTC), start)
    assert later == (end, datetime(2024, 2, 15, tzinfo=UTC))
    assert neighbouring_spans(TimeTerm(span=end - start), now)[1] is None
    assert neighbouring_spans(TimeTerm(end=end), now) == (None, None)
    assert neighbouring_spans(TimeTerm(start=start), now)[0] == (
        datetime(2024, 1, 2, 12, tzinfo=UTC),
        start,
    )


def test_why_says_each_condition_of_the_interaction(
    alice: User, filled: Project, query_counts: QueryCounts
) -> None:
    metric = make.make_metric(filled, "csat", kind="SCALAR")
    one = make.make_interaction(
        filled, "Where is my refund?", labels={"env": "prod"}, feedback={metric: 2}
    )
    address = f"why/?id={one.id}&label=env:staging&not_label=lang&q=refund+OR+csat:x"
    address += "&feedback=csat:lt:3&latency=gt:5&time=7d"
    with query_counts("why an interaction is not here"):
        answer = get(alice, address)
    assert answer.status_code == 200
    result = answer.context["page"].explained.result
    assert not result.is_true
    told = [(part.is_true, *part.said, part.has) for part in result.parts]
    assert told[0] == (False, "env", "is", "staging", "prod")
    assert told[1] == (True, "lang", "is not there", "", "not set")
    assert told[2][:4] == (True, "csat:", "", "< 3")
    assert told[2][4].startswith("2")
    assert told[3] == (False, "latency", ">", "5 ms", "not known")
    assert told[4][:2] == (True, "at least one")
    assert [part.is_true for part in result.parts[4].parts] == [True, False]
    assert told[5][0] is False
    assert "Not in these rows" in text(answer)


def test_why_of_what_is_not_there(alice: User, filled: Project, charlies_project: Project) -> None:
    other = make.make_interaction(charlies_project)
    for id in (UUID(int=7), other.id):
        answer = get(alice, f"why/?id={id}")
        assert answer.status_code == 404
        assert "There is no interaction with this id in this project." in text(answer)
    assert "This is not an id" in text(get(alice, "why/?id=x"))
    assert get(alice, "why/").status_code == 200
    assert "cannot be answered" in text(get(alice, f"why/?id={UUID(int=7)}&q=("))


def test_the_result_is_the_filters_own(filled: Project) -> None:
    one = make.make_interaction(filled, labels={"env": "prod"})
    prod, ok = HasLabel("env", ("prod",)), HasFeedback("ok", Comparator.EQUAL, 1)
    cases: list[tuple[Tree, bool]] = [
        (And(), True),
        (prod, True),
        (Not(prod), False),
        (Or((prod, ok)), True),
        (Not(Or((prod, ok))), False),
        (Not(And((prod, ok))), True),
        (Not(Not(prod)), True),
        (Not(Not(Or((ok,)))), False),
    ]
    for tree, is_true in cases:
        found = explain(filled, tree, one.id)
        assert found is not None
        assert found.result.is_true is is_true, tree


def test_when_nothing_matches_each_condition_is_counted(
    alice: User, filled: Project, query_counts: QueryCounts
) -> None:
    query = "?label=env:staging&text=nowhere"
    assert "empty/" in get(alice, query).content.decode()
    with query_counts("what to do when nothing matches"):
        answer = get(alice, f"empty/{query}", **{"HX-Request": "true"})
    said = text(answer)
    assert "<b>0</b> match this alone" in said
    assert "40 without the condition" in said
    assert f'href="{URL}?label=env:staging"' in said
    assert said.index("40 without the condition") < said.index(">0 without the condition")


@pytest.mark.parametrize(
    ("query", "meant", "link"),
    [
        ("?label=enw:prod", "env", "?label=env:prod"),
        ("?label=modle:gpt", "model", "?model=gpt"),
        ("?not_label=enw:prod", "env", "?not_label=env:prod"),
        ("?feedback=okk:eq:1", "feedback.ok", "?feedback=ok:eq:1"),
    ],
)
def test_names_that_were_meant_are_offered(
    alice: User, filled: Project, query: str, meant: str, link: str
) -> None:
    (found,) = get(alice, f"empty/{query}").context["page"].suggestions
    assert (found.meant, found.link) == (meant, URL + link)
