"""Pages with parameters of their own beside the filter: what keeps them, and what does not."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils.html import escape

from projects.models import Project, User
from tests import make

HOME = "/projects/maple/"
PAGES = {
    "groups": "by=label:env&metric=helpful&least=2",
    "feedback": "metric=helpful&by=month",
    "images": "size=large&repeats=1",
    "review": "metric=helpful&whose=all",
    "pairs": "metric=helpful&diff=1&view=list",
    "sessions": "",
}
SHOWN = "columns=time&density=dense&compare=model:a&live=1"  # of the list alone


@pytest.fixture
def reading(client: Client, alice: User, project: Project) -> Client:
    metric = make.make_metric(project)
    make.make_interaction(project, labels={"env": "prod"}, feedback={metric: True})
    client.force_login(alice)
    return client


def look(answer: Any) -> Any:
    assert answer.status_code == 200
    assert answer.context["page"].faults == []
    return answer.context["page"]


@pytest.mark.parametrize("page", PAGES)
def test_another_filter_keeps_what_is_the_pages_own(reading: Client, page: str) -> None:
    own = PAGES[page]
    shown = look(reading.get(f"{HOME}{page}/?label=env:prod&{own}"))
    form = [
        *shown.links.fields_but_time,
        ("given", "helpful"),
        ("given_is", "has"),
        ("text", ""),
        ("span", ""),
    ]
    led = reading.get(f"{HOME}{page}/?{urlencode(form)}")["Location"]
    assert led == f"?label=env:prod&feedback=helpful&{own}".rstrip("&")
    assert shown.chips[0].remove == f"?{own}"
    assert shown.links.cleared.partition("?")[2] == own
    assert str(shown.links.filter) == shown.links.tabs == "?label=env:prod"
    assert ("label", "env:prod") in shown.links.fields_for_options


@pytest.mark.parametrize("page", PAGES)
def test_how_the_list_shows_its_rows_does_not_come_along(reading: Client, page: str) -> None:
    shown = look(reading.get(f"{HOME}{page}/?label=env:prod&{SHOWN}"))
    assert str(shown.links.filter) == "?label=env:prod"
    names = {name for name, _ in shown.links.fields_but_time}
    assert not names & {"columns", "density", "live"}
    assert ("compare" in names) == shown.has_facets  # of the panel beside the rows, which is there


@pytest.mark.parametrize("page", ["groups", "images", "review", "sessions"])
def test_the_panel_and_the_histogram_lead_back_to_the_page_as_it_was(
    reading: Client, page: str
) -> None:
    own = PAGES[page]
    asked = f"?label=env:prod&{own}&page={page}".replace("&&", "&")
    kept = f"?label=env:prod&{own}".rstrip("&")
    facet = reading.get(f"{HOME}interactions/facet/{asked}&of=source")
    assert f'href="{escape(f"{HOME}{page}/{kept}&source=OFFLINE")}"' in facet.text
    chart = reading.get(f"{HOME}interactions/histogram/{asked}").context["page"]
    assert (chart.path, chart.any_time) == (f"{HOME}{page}/", kept)
    assert chart.chart.bars[0].link.startswith(f"{kept}&since=")
    panel = reading.get(f"{HOME}interactions/facets/{asked}", headers={"HX-Request": "true"})
    compared = escape(f"{HOME}{page}/{kept}&compare=all")
    assert f'href="{compared}"' in panel.text
    assert f"?of=model&amp;page={page}" in panel.text


@pytest.mark.parametrize("part", ["histogram/?", "facets/?", "facet/?of=model&", "calendar/?"])
def test_a_part_of_no_page_is_refused(reading: Client, part: str) -> None:
    assert reading.get(f"{HOME}interactions/{part}page=elsewhere").status_code == 400


@pytest.mark.parametrize("page", PAGES)
def test_pages_with_a_filter_have_a_panel_and_a_histogram(reading: Client, page: str) -> None:
    shown = reading.get(f"{HOME}{page}/?label=env:prod")
    has_facets = page in ("groups", "images", "review", "sessions")
    assert ('id="facets"' in shown.text, 'id="histogram"' in shown.text) == (has_facets,) * 2
    assert (f"facets/?page={page}" in shown.text) == has_facets


@pytest.mark.parametrize("page", PAGES)
def test_the_calendar_leads_back_to_the_page_as_it_was(reading: Client, page: str) -> None:
    own = PAGES[page]
    asked = f"?label=env:prod&{own}&page={page}&month=2024-02".replace("&&", "&")
    month = reading.get(f"{HOME}interactions/calendar/{asked}").context["page"].month
    kept = f"?label=env:prod&{own}".rstrip("&")
    assert month.whole == f"{HOME}{page}/{kept}&since=2024-02-01&until=2024-03-01"
    assert kept in month.later


@pytest.mark.parametrize("page", PAGES)
def test_why_takes_the_filter_alone(reading: Client, page: str) -> None:
    shown = look(reading.get(f"{HOME}{page}/?label=env:prod&time=7d&{PAGES[page]}"))
    assert shown.links.fields == [("label", "env:prod"), ("time", "7d")]
    form = urlencode([*shown.links.fields, ("id", "x")])
    look_there = reading.get(f"{HOME}interactions/why/?{form}").context["page"]
    assert look_there.faults == []
