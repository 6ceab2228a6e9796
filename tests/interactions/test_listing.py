"""The list's page and fragments, without a browser."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from interactions.services.log import log_interactions
from projects.models import Project, User
from tests import make
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


def get(user: User, query: str = "", **headers: str) -> Any:
    """The page as someone logged in sees it."""
    client = Client()
    client.force_login(user)
    return client.get(URL + query, headers=headers)


def rows(answer: Any) -> list[str]:
    """The ids of the rows, from the top."""
    return [str(row.interaction.id) for row in answer.context["listing"].rows]


@pytest.fixture
def filled(project: Project) -> Project:
    """120 interactions, a minute apart; every third is staging, every fourth judged."""
    metric = make.make_metric(project, "ok")
    drafts = [
        make.make_draft(
            f"Question {number}",
            created_at=make.NOON + timedelta(minutes=number),
            labels={"env": "staging" if number % 3 == 0 else "prod"},
            feedback={metric: number % 8 == 0} if number % 4 == 0 else None,
        )
        for number in range(120)
    ]
    log_interactions(project, drafts)
    return project


def test_pages_meet_without_gap_or_overlap(alice: User, filled: Project) -> None:
    answer, seen = get(alice), []
    while True:
        seen += rows(answer)
        if not answer.context["listing"].older:
            break
        answer = get(alice, answer.context["listing"].older)
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)
    back = rows(answer)
    while answer.context["listing"].newer:
        answer = get(alice, answer.context["listing"].newer)
        back = [*rows(answer), *back]
    assert back[-120:] == seen[-120:]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?label=env:staging", 40),
        ("?label=env:staging&label=env:prod", 120),
        ("?label=env", 120),
        ("?not_label=env:staging", 80),
        ("?not_label=env", 0),
        ("?feedback=ok:eq:1", 15),
        ("?feedback=ok:eq:yes", 15),
        ("?feedback=ok", 30),
        ("?not_feedback=ok", 90),
        ("?not_feedback=*", 90),
        ("?label=env:staging&feedback=ok:eq:0", 5),
        ("?since=2024-02-21T12:30&until=2024-02-21T12:40", 10),
        ("?text=question+11", 11),
        ("?model=(none)", 120),
        ("?model=gpt-4o", 0),
        ("?source=LIVE", 0),
        ("?time=1h", 0),
        ("?label=unknown:x", 0),
    ],
)
def test_filters_answer_right(alice: User, filled: Project, query: str, expected: int) -> None:
    assert len(rows(get(alice, query))) == min(expected, 50)
    client = Client()
    client.force_login(alice)
    said = client.get(f"{URL}count/{query}").content.decode()
    assert f"<b>{expected}</b>" in said


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("?session=me", "session"),
        ("?feedback=ok:above:1", "feedback"),
        ("?feedback=ok:eq:NaN", "feedback"),
        ("?time=soon", "time"),
        ("?since=31-02-2024", "since"),
        ("?source=ELSEWHERE", "source"),
        ("?before=1", "before"),
        ("?label=:x", "label"),
        ("?open=x", "open"),
        ("?label=env%00:x", "label"),
        ("?text=a%00b", "text"),
    ],
)
def test_what_cannot_be_read_is_named_and_shows_no_rows(
    alice: User, filled: Project, query: str, name: str
) -> None:
    answer = get(alice, query)
    assert answer.status_code == 200
    assert rows(answer) == []
    assert [fault.name for fault in answer.context["listing"].faults] == [name]
    client = Client()
    client.force_login(alice)
    for fragment in ("count/", "histogram/", "facets/"):
        assert client.get(URL + fragment + query).status_code == 200


@pytest.mark.parametrize(
    ("name", "path", "part"),
    [
        ("page", "", ""),
        ("rows", "?label=env:prod&feedback=ok:eq:1&since=2024-01-01", "results"),
        ("count", "count/?label=env:prod&feedback=ok:eq:1", "count"),
        ("histogram", "histogram/?label=env:prod", "histogram"),
        ("facets", "facets/", "facets"),
    ],
)
def test_pages_need_a_fixed_number_of_queries(
    alice: User, filled: Project, query_counts: QueryCounts, name: str, path: str, part: str
) -> None:
    client = Client()
    client.force_login(alice)
    headers = {"HX-Request": "true", "HX-Target": part} if part else {}
    with query_counts(f"list: {name}"):
        assert client.get(URL + path, headers=headers).status_code == 200


def test_the_forms_controls_become_the_address(alice: User, filled: Project) -> None:
    controls = (
        "?label_key=env&label_is=is_not&label_value=prod&metric=ok&metric_is=eq&metric_value=no"
    )
    answer = get(alice, controls)
    assert (answer.status_code, answer["Location"]) == (302, "?not_label=env:prod&feedback=ok:eq:0")
    htmx = {"HX-Request": "true", "HX-Target": "results"}
    swapped = get(alice, controls, **htmx)
    assert swapped["HX-Push-Url"] == "?not_label=env:prod&feedback=ok:eq:0"
    assert len(rows(swapped)) == 5


def test_htmx_gets_the_rows_alone(alice: User, filled: Project) -> None:
    whole, part = get(alice), get(alice, **{"HX-Request": "true", "HX-Target": "results"})
    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert part["HX-Trigger-After-Settle"] == "filtered"
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in whole["Vary"].split(",")}


def test_a_boosted_page_without_our_target_is_whole(alice: User, filled: Project) -> None:
    assert b"<html" in get(alice, **{"HX-Request": "true", "HX-Target": "elsewhere"}).content


def test_fragments_are_pages_without_htmx(alice: User, filled: Project) -> None:
    client = Client()
    client.force_login(alice)
    for fragment in ("count/", "histogram/", "facets/"):
        assert b"<html" in client.get(URL + fragment).content
        assert b"<html" not in client.get(URL + fragment, headers={"HX-Request": "true"}).content


def test_bars_add_up_to_the_count(alice: User, filled: Project) -> None:
    client = Client()
    client.force_login(alice)
    for query in ("", "?label=env:prod", "?label=env:prod&feedback=ok:eq:1", "?text=question"):
        chart = client.get(f"{URL}histogram/{query}").context["chart"]
        count = client.get(f"{URL}count/{query}").context["found"]
        assert chart.total == count.n
        bar = chart.most
        narrowed = client.get(f"{URL}count/{bar.link}").context["found"]
        assert narrowed.n == bar.n


def test_who_may_see_the_list(alice: User, bob: User, charlie: User, project: Project) -> None:
    assert get(bob).status_code == 200
    for fragment in ("", "count/", "histogram/", "facets/", "models/"):
        assert get(charlie, fragment).status_code == 404
        nobody = Client().get(URL + fragment)
        assert (nobody.status_code, nobody["Location"].split("?")[0]) == (302, "/login/")
    assert get(alice, "").status_code == 200
    client = Client()
    client.force_login(charlie)
    assert client.get("/projects/nowhere/interactions/").status_code == 404
    assert "maple" not in client.get("/").content.decode().lower()


def test_hostile_names_show_as_text(alice: User, project: Project) -> None:
    nasty = "<script>alert(1)</script>"
    make.make_interaction(
        project, nasty, nasty, labels={nasty: nasty}, llm=make.make_llm(project, nasty)
    )
    client = Client()
    client.force_login(alice)
    for path in ("", "facets/", "models/", f"?text={nasty}", f"?label={nasty}"):
        said = client.get(URL + path).content.decode()
        assert nasty not in said
        assert "alert(1)" in unescape(said)


def test_an_empty_project_says_how_to_log(alice: User, project: Project) -> None:
    said = get(alice).content.decode()
    assert "Nothing is logged here yet" in said
    assert "/api/v1/interactions" in said
