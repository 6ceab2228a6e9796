"""What helps to write a query: offers of an empty bar, links of ids, the menu of conditions."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from interactions.filters.query.grammar import parse
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


def get(user: User, query: str = "", **headers: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(URL + query, headers=headers)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_an_empty_query_is_offered_the_projects_labels_and_every_kind_of_field(
    alice: User, filled: Project
) -> None:
    answer = get(alice, "complete/?bar=&at=0")
    offers = {one.text: one.example for one in answer.context["options"].offers}
    assert offers["env:"] == "env:prod"
    assert offers["feedback.ok:"] == "feedback.ok:no"
    assert offers["time:"] == "time:3h"
    assert f'data-href="{URL}syntax/"' in answer.content.decode()
    for example in offers.values():
        parse(example)


def test_a_pasted_id_is_offered_its_page_and_why_the_filter_leaves_it_out(
    alice: User, filled: Project, charlies_project: Project
) -> None:
    one = make.make_interaction(filled, labels={"env": "prod"})
    for env, asked in (("prod", "in these rows?"), ("staging", "not in these rows?")):
        within = quote(f"label=env:{env}&order=oldest")
        answer = get(alice, f"complete/?bar={one.id}&at=36&within={within}")
        opens, explains = answer.context["options"].links
        assert opens.link == f"{URL}{one.id}/"
        assert explains.text == f"Why is it {asked}"
        assert explains.link == f"{URL}why/?label=env:{env}&id={one.id}"
        assert get(alice, explains.link.removeprefix(URL)).status_code == 200
    for within in ("", "label=", "since=never", "nonsense=1"):
        answer = get(alice, f"complete/?bar={one.id}&at=36&within={quote(within)}")
        assert len(answer.context["options"].links) == 1
    other = make.make_interaction(charlies_project)
    assert get(alice, f"complete/?bar={other.id}&at=36").context["options"].links == []


def test_the_menu_of_conditions_leads_to_the_page_it_was_opened_on(
    alice: User, filled: Project
) -> None:
    answer = get(alice, "add-filter/?label=env:prod&time=7d&page=groups&by=model")
    said = text(answer)
    assert 'action="/projects/maple/groups/"' in said
    for name, value in (("label", "env:prod"), ("time", "7d"), ("by", "model")):
        assert f'name="{name}" value="{value}"' in said
    assert '<option value="env"></option>' in said
    assert '<option value="ok">ok</option>' in said
    assert "<h1>" in said
    assert "<h1>" not in text(get(alice, "add-filter/", **{"HX-Request": "true"}))
    assert get(alice, "add-filter/?page=nowhere").status_code == 400
