"""The list in the order of a number: its address, its words, and what is said of a wrong one."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from adaptive_site.lib.database.time_limits import TookTooLong
from interactions.models import Interaction, SavedView
from interactions.services.analysis import percentiles, sample_sizes, sorted_matches
from projects.models import Metric, Project, ProjectLlm, User
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


@pytest.fixture
def timed(project: Project) -> list[UUID]:
    """60 interactions, oldest first: latencies up to 59 s, every third with feedback."""
    helpful = make.make_metric(project)
    wait = make.make_metric(project, "wait", "SCALAR", scoring_type="LOWER_IS_BETTER")
    ids = []
    for n in range(60):
        one = make.make_interaction(
            project,
            f"Question {n}",
            latency_ms=None if n == 0 else n * 1000 * (7 if n % 2 else 1) % 60_000 + n,
            usage={"prompt_tokens": n, "completion_tokens": 1},
            feedback={helpful: n % 2 == 0, wait: n} if n % 3 == 0 else {},
        )
        ids.append(one.id)
    return ids


def listing(client: Client, query: str) -> Any:
    return client.get(URL + query).context["listing"]


def shown(client: Client, query: str) -> list[UUID]:
    """The ids of all pages from this one on."""
    page = listing(client, query)
    found = [row.interaction.id for row in page.rows]
    while page.next:
        page = listing(client, page.next)
        found += [row.interaction.id for row in page.rows]
    return found


def by_latency(project: Project, ids: list[UUID], *, down: bool) -> list[UUID]:
    found = Interaction.objects.in_project(project).with_ids(ids)
    known = [(one.latency_ms, one.id) for one in found if one.latency_ms is not None]
    return [id for _, id in sorted(known, reverse=down)] + [ids[0]]


def test_the_slowest_stand_first_on_all_pages(
    watching: Client, project: Project, timed: list[UUID]
) -> None:
    assert shown(watching, "?sort=latency") == by_latency(project, timed, down=True)
    assert shown(watching, "?sort=latency&sort_order=asc") == by_latency(project, timed, down=False)


def test_back_from_the_second_page_is_the_first(watching: Client, timed: list[UUID]) -> None:
    first = listing(watching, "?sort=tokens")
    assert not first.previous
    second = listing(watching, first.next)
    assert [row.interaction.id for row in second.rows] == timed[9::-1]
    assert not second.next
    again = listing(watching, second.previous)
    assert [row.interaction.id for row in again.rows] == timed[:9:-1]


@pytest.mark.parametrize(
    ("query", "best"), [("?sort=metric:helpful&sort_order=asc", 57), ("?sort=metric:wait", 57)]
)
def test_the_worst_stand_first_and_those_without_last(
    watching: Client, timed: list[UUID], query: str, best: int
) -> None:
    page = listing(watching, query)
    assert page.rows[0].interaction.id == timed[best]
    assert page.sorted_as.startswith("Worst first, by ")
    assert page.without_number == f"40 without {query[13:].partition('&')[0]} come last"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?sort=latency", "Slowest first"),
        ("?sort=latency&sort_order=asc", "Fastest first"),
        ("?sort=ttft", "Slowest to begin first"),
        ("?sort=tokens", "Most tokens first"),
        ("?sort=cost&sort_order=asc", "Cheapest first"),
        ("?sort=metric:helpful", "Best first, by helpful"),
        ("?sort=metric:wait&sort_order=asc", "Best first, by wait"),
    ],
)
def test_one_sentence_says_the_order(
    watching: Client, timed: list[UUID], query: str, words: str
) -> None:
    answer = watching.get(URL + query)
    page = answer.context["listing"]
    assert page.sorted_as == words
    assert f"Interactions, {words.lower()}" in answer.text


def test_a_sentence_says_of_how_many_they_are_the_first(
    watching: Client, timed: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_sizes, "MOST_COUNTED", 55)
    page = listing(watching, "?sort=latency")
    assert page.sorted_as == "The slowest among the newest 55 of 60 matches"
    assert len(shown(watching, "?sort=latency")) == 55
    page = listing(watching, "?sort=metric:helpful&sort_order=asc&tokens=gte:1")
    assert page.sorted_as == "The worst by helpful among the newest 55 matches"


def test_a_number_that_nothing_has_is_told(watching: Client, timed: list[UUID]) -> None:
    page = listing(watching, "?sort=cost")
    assert page.without_number == "all are without a cost, so the newest stand first"
    assert page.rows[0].interaction.id == timed[-1]


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ("?sort=size", "sort", "expected one of latency, ttft, tokens, cost, or metric:KEY"),
        ("?sort=metric", "sort", "expected one of"),
        ("?sort=metric:", "sort", "expected one of"),
        ("?sort=latency:x", "sort", "expected one of"),
        ("?sort=metric:a%00b", "sort", "expected one of"),
        ("?sort=metric:unknown", "sort", "no interaction here has feedback under “unknown”"),
        ("?sort=latency&sort_order=up", "sort_order", "expected one of desc, asc"),
        ("?sort=latency&after=x", "after", "expected the id of an interaction"),
    ],
)
def test_what_cannot_be_read_is_marked_and_no_rows_are_shown(
    watching: Client, timed: list[UUID], query: str, name: str, message: str
) -> None:
    answer = watching.get(URL + query)
    page = answer.context["listing"]
    assert not page.rows
    (fault,) = page.faults
    assert (fault.name, message in fault.message) == (name, True)
    assert f"Remove {name}" in answer.text


def test_a_stranger_is_told_of_no_project(client: Client, charlie: User, project: Project) -> None:
    client.force_login(charlie)
    assert client.get(f"{URL}?sort=latency").status_code == 404
    assert client.get(f"{URL}percentiles/").status_code == 404


def test_what_takes_too_long_says_so_and_leads_back(
    watching: Client, timed: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object, **__: object) -> None:
        raise TookTooLong("stopped after 5 s; a label or a shorter time makes it quick")

    monkeypatch.setattr(sorted_matches, "page", late)
    answer = watching.get(f"{URL}?sort=latency&label=env")
    assert "sorting was stopped after 5 s" in answer.text
    (fault,) = answer.context["listing"].faults
    assert fault.remove == "?label=env"


def test_headings_of_numbers_are_links_that_sort(watching: Client, timed: list[UUID]) -> None:
    columns = "columns=time,tokens,latency,metric:helpful,metric:wait,label:env"
    text = watching.get(f"{URL}?{columns}").text
    heads = text.partition("<thead>")[2].partition("</thead>")[0]
    assert heads.count("aria-sort") == 1  # of the time
    for term in ("tokens", "latency", "metric:wait"):
        assert f"&amp;sort={term}&#34;" in heads.replace('"', "&#34;")
    assert "sort=metric:helpful&amp;sort_order=asc" in heads
    text = watching.get(f"{URL}?{columns}&sort=latency").text
    heads = text.partition("<thead>")[2].partition("</thead>")[0]
    assert heads.count("aria-sort") == heads.count('aria-sort="descending"') == 1
    assert "sort=latency&amp;sort_order=asc" in heads


def test_the_heading_of_times_leads_back_to_the_newest(watching: Client, timed: list[UUID]) -> None:
    page = listing(watching, "?sort=latency&sort_order=asc&order=oldest&label=env")
    assert page.display.turned == "?label=env"
    assert not page.display.is_oldest_first


def test_every_order_of_the_menu_can_be_opened(watching: Client, timed: list[UUID]) -> None:
    menu = listing(watching, "?tokens=gte:1&sort=latency").sort_menu
    for name, ends in menu.choices:
        for word, link, is_on in ends:
            page = listing(watching, link)
            assert page.rows and not page.faults, (name, word)
            assert link.startswith("?tokens=gte")
            assert is_on == (word == "slowest")
    assert menu.slowest.link == "?tokens=gte:1&sort=latency"
    menu = listing(watching, f"?before={timed[40]}&open={timed[3]}&order=oldest").sort_menu
    assert (menu.slowest.link, menu.newest.link) == ("?sort=latency", "?")  # at its top
    menu = listing(watching, "?tokens=gte:1&sort=latency").sort_menu
    assert menu.worst and menu.worst.link == "?tokens=gte:1&sort=metric:helpful&sort_order=asc"


def test_the_worst_is_that_of_the_primary_metric(
    watching: Client, project: Project, timed: list[UUID]
) -> None:
    project.primary_metric = Metric.objects.in_project(project).get(key="wait")
    project.save()
    menu = listing(watching, "").sort_menu
    assert menu.worst is not None
    assert (menu.worst.word, menu.worst.link) == ("wait", "?sort=metric:wait")


def test_a_saved_view_keeps_the_order(
    watching: Client, project: Project, timed: list[UUID]
) -> None:
    page = listing(watching, "?sort=latency&sort_order=asc")
    watching.post(f"{URL}views/save/", {"name": "Fast", "query": page.view_menu.present_query})
    view = SavedView.objects.in_project(project).get()
    found = listing(watching, f"?{view.query}&view={view.id}")
    assert found.sorted_as == "Fastest first"
    assert not found.view_menu.is_changed
    assert listing(watching, f"?{view.query}&sort=latency&view={view.id}").view_menu.shown == view
    changed = view.query.replace("sort_order=asc", "sort_order=desc")
    assert listing(watching, f"?{changed}&view={view.id}").view_menu.is_changed


def test_other_pages_get_the_filter_alone(watching: Client, timed: list[UUID]) -> None:
    links = listing(watching, "?sort=latency&sort_order=asc&label=env").links
    assert (links.tabs, links.fields_for_bar[0]) == ("?label=env", ("sort", "latency"))


def test_an_open_interaction_steps_in_the_order(
    watching: Client, project: Project, timed: list[UUID]
) -> None:
    wanted = by_latency(project, timed, down=True)
    page = listing(watching, f"?sort=latency&open={wanted[5]}")
    assert f"open={wanted[6]}" in page.open.older
    assert f"open={wanted[4]}" in page.open.newer
    text = watching.get(f"{URL}{wanted[5]}/?sort=latency").text
    assert f"{URL}{wanted[6]}/?sort=latency" in text
    assert "Next →" in text and "Older →" not in text


def test_what_an_interaction_cost_stands_in_its_row_and_on_its_page(
    watching: Client, project: Project
) -> None:
    llm = make.make_llm(project)
    ProjectLlm.objects.in_project(project).update(prompt_price="2.5", completion_price="10")
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "prompt_tokens_details": {"cached_tokens": 600},
    }
    one = make.make_interaction(project, llm=llm, usage=usage)
    make.make_interaction(project, llm=llm)
    page = watching.get(f"{URL}?columns=time,cost")
    costs = [row.interaction.cost is None for row in page.context["listing"].rows]
    assert sorted(costs) == [False, True]
    assert page.text.count("$0.0035") == 1
    text = watching.get(f"{URL}{one.id}/").text
    assert "<dt>Cost</dt><dd>$0.0035</dd>" in text
    assert "600 cached" in text


def test_percentiles_stand_above_the_list(watching: Client, timed: list[UUID]) -> None:
    text = watching.get(URL).text
    assert f'hx-get="{URL}percentiles/?"' in text
    answer = watching.get(f"{URL}percentiles/?sort=latency", headers={"HX-Request": "true"})
    page = answer.context["page"]
    assert page.found.tokens == percentiles.Percentiles(60, 30, 57, 60)
    assert f'href="{URL}?tokens=gte:57"' in answer.text
    rows = listing(watching, "?tokens=gte:57").rows
    assert len(rows) == 4
    assert "newest" not in answer.text
    assert "Percentiles" in watching.get(f"{URL}percentiles/").text  # without scripts a page


def test_percentiles_of_a_sample_say_so_and_late_ones_too(
    watching: Client, timed: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_sizes, "MOST_COUNTED", 55)
    assert "of the newest 55" in watching.get(f"{URL}percentiles/").text

    def late(*_: object) -> None:
        raise TookTooLong("late")

    monkeypatch.setattr(percentiles, "of_matches", late)
    assert "Percentiles took too long" in watching.get(f"{URL}percentiles/").text
    assert watching.get(f"{URL}percentiles/?label=").status_code == 200


def test_a_new_query_keeps_the_order(watching: Client, timed: list[UUID]) -> None:
    answer = watching.get(f"{URL}?sort=latency&bar=env:prod")
    assert answer["Location"] == "?sort=latency&label=env:prod"
