"""The list's page and fragments, without a browser."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from interactions.services.browsing import rows as browsing_rows
from interactions.services.recording.drafts import FeedbackDraft
from interactions.services.recording.log import log_interactions
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
        ("?since=3000-01-02", "since"),
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
        ("rows of a text", "?text=question", "results"),
        ("facets", "facets/", "facets"),
        ("facet", "facet/?of=label:env", "facet"),
        ("facet under a filter", "facet/?of=model&label=env:prod&feedback=ok:eq:1", "facet"),
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
    controls = "?label_key=env&label_is=is_not&label_value=prod&given=ok&given_is=eq&given_value=no"
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


def test_who_may_see_the_list(alice: User, bob: User, charlie: User, project: Project) -> None:
    assert get(bob).status_code == 200
    for fragment in ("", "count/", "histogram/", "facets/", "facet/", "models/"):
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


@pytest.mark.parametrize(
    ("query", "chips"),
    [
        ("?feedback=ok:eq:1&feedback=ok:eq:yes", 1),
        ("?not_feedback=ok&not_feedback=\\ok&label=env", 2),
        ("?not_label=env:x&not_label=\\env:x", 1),
        ("?label=env:x&label=\\env:x", 1),
    ],
)
def test_a_condition_spelt_twice_is_one_chip_that_takes_both_away(
    alice: User, filled: Project, query: str, chips: int
) -> None:
    answer = get(alice, query)
    assert answer.status_code == 200
    shown = answer.context["listing"].chips
    assert len(shown) == chips
    (gone,) = {chip.remove for chip in shown if chip.subject != "env" or chip.verb != "is there"}
    assert gone == ("?label=env" if chips == 2 else "?")


@pytest.mark.parametrize("part", ["results", ""])
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("?lable=env:prod", "lable"),
        ("?Label=env:prod&label=env:prod", "Label"),
        ("?time=7d&since=2024-02-20", "time"),
        ("?until=2024-02-22&time=7d", "time"),
    ],
)
def test_what_is_not_known_or_contradicts_is_named(
    alice: User, filled: Project, query: str, name: str, part: str
) -> None:
    headers = {"HX-Request": "true", "HX-Target": part} if part else {}
    answer = get(alice, query, **headers)
    assert rows(answer) == []
    (fault,) = answer.context["listing"].faults
    assert fault.name == name
    assert name not in fault.remove.split("=")[0]
    client = Client()
    client.force_login(alice)
    assert "cannot be read" in client.get(f"{URL}count/{query}").content.decode()
    assert client.get(f"{URL}histogram/{query}").context["page"].chart is None


def test_what_belongs_to_the_page_is_no_fault(alice: User, filled: Project) -> None:
    (newest, *_), place = rows(get(alice)), "before=&after=&raw=1&more=env&label_key="
    answer = get(
        alice, f"?open={newest}&{place}", **{"HX-Request": "true", "HX-Target": "open-interaction"}
    )
    assert answer.context["listing"].faults == []
    assert answer.context["listing"].open is not None


def test_the_forms_own_ends_win_over_its_span(alice: User, filled: Project) -> None:
    answer = get(alice, "?text=&span=7d&since=2024-02-20T00:00&until=")
    assert (answer.status_code, answer["Location"]) == (302, "?since=2024-02-20T00:00")
    assert get(alice, "?text=&span=36h&since=&until=")["Location"] == "?time=36h"


def test_many_judgements_are_counted_and_few_are_read(alice: User, project: Project) -> None:
    metric = make.make_metric(project, "score", "SCALAR")
    given = [
        FeedbackDraft(metric=metric, value=float(n)) for n in range(browsing_rows.FEEDBACK_READ + 5)
    ]
    judged = make.make_draft(labels={"env": "prod"})
    judged.feedback = given
    log_interactions(project, [judged, make.make_draft(feedback={metric: 1.0})])
    first, second = get(alice).context["listing"].rows
    counts = {row.feedback_count: len(row.feedback) for row in (first, second)}
    assert counts == {browsing_rows.FEEDBACK_READ + 5: browsing_rows.FEEDBACK_READ, 1: 1}
    assert "score: 5, and 5 more" in get(alice).content.decode()
