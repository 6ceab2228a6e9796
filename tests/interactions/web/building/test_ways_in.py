"""The ways to the builder of datasets: from ticks, from a filter, from groups, from other pages."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.test import Client

from interactions.models import Selection
from interactions.services import selections
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db
HERE = "/projects/maple/"
BUTTON = 'value="dataset"'


@pytest.fixture
def ids(project: Project) -> list[UUID]:
    """Two of prod in French and one of dev; the models are two."""
    return [
        make.make_interaction(
            project, f"Question {n}", labels=labels, llm=make.make_llm(project, llm)
        ).id
        for n, (labels, llm) in enumerate(
            [
                ({"env": "prod", "language": "fr"}, "small"),
                ({"env": "prod", "language": "fr"}, "large"),
                ({"env": "dev"}, "large"),
            ]
        )
    ]


def selected(project: Project, answer: Any) -> tuple[list[UUID], dict[str, list[str]]]:
    """The ids of the selection that the builder was opened with, and all of its parameters."""
    assert answer.status_code == 303
    where = urlsplit(answer["Location"])
    assert where.path == f"{HERE}datasets/new/"
    asked = parse_qs(where.query)
    made = selections.known(project, UUID(asked["of"][0]))
    return selections.piece(made, after=None, limit=100).ids, asked


def test_what_is_ticked(client: Client, project: Project, ids: list[UUID], bob: User) -> None:
    client.force_login(bob)
    assert BUTTON in client.get(f"{HERE}interactions/").content.decode()
    sent = {"ids": f"{ids[0]},{ids[2]}", "action": "dataset", "query": "?"}
    found, asked = selected(project, client.post(f"{HERE}selections/", sent))
    assert found == [ids[0], ids[2]] and list(asked) == ["of"]


def test_all_that_match_but_one(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    sent = {"of": "all", "action": "dataset", "query": "?label=env:prod", "excepts": str(ids[0])}
    found, _ = selected(project, client.post(f"{HERE}selections/", sent))
    assert found == [ids[1]]


def test_pairs_ask_for_preferences(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    for page in ("pairs", "review"):
        make.make_metric(project)
        assert 'form="to-dataset"' in client.get(f"{HERE}{page}/").content.decode()
    sent = {"of": "all", "action": "dataset", "query": "?label=env:prod", "kind": "preference"}
    found, asked = selected(project, client.post(f"{HERE}selections/", sent))
    assert found == ids[:2] and asked["kind"] == ["preference"]


def test_the_page_of_a_selection_leads_there(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    made = selections.tick(project, ids, by=bob)
    page = client.get(f"{HERE}selections/{made.uuid}/").content.decode()
    assert f'href="{HERE}datasets/new/?of={made.uuid}"' in page


@pytest.mark.parametrize(
    ("by", "groups", "found"),
    [
        ("label:env", ["env:prod"], [0, 1]),
        ("label:env", ["env:prod", "env:dev"], [0, 1, 2]),
        ("label:language", ["language:fr"], [0, 1]),
        ("model", ["small"], [0]),
        ("model", ["small", "large"], [0, 1, 2]),
        ("model", [], [0, 1, 2]),
        ("source", ["nowhere"], None),
    ],
)
def test_groups_ticked_or_all(
    client: Client,
    project: Project,
    ids: list[UUID],
    bob: User,
    by: str,
    groups: list[str],
    found: list[int] | None,
) -> None:
    client.force_login(bob)
    sent = {"by": by, "group": groups}
    answer = client.post(f"{HERE}groups/to-dataset/", sent)
    if found is None:
        assert answer.status_code == 400
        return
    taken, _ = selected(project, answer)
    assert taken == [ids[n] for n in found]


def test_groups_keep_the_filter(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    sent = {"by": "model", "group": ["small", "large"], "label": "env:prod"}
    found, _ = selected(project, client.post(f"{HERE}groups/to-dataset/", sent))
    assert found == ids[:2]
    page = client.get(f"{HERE}groups/?label=env:prod").content.decode()
    assert 'id="groups-to-dataset"' in page and 'name="label" value="env:prod"' in page


def test_who_may_not_write_is_offered_nothing(
    client: Client, project: Project, ids: list[UUID], charlie: User
) -> None:
    client.force_login(charlie)
    assert client.post(f"{HERE}groups/to-dataset/", {"by": "model"}).status_code == 404
    make.share(project, charlie, "viewer")
    make.make_metric(project)
    assert BUTTON not in client.get(f"{HERE}interactions/").content.decode()
    for page in ("groups", "pairs", "review"):
        assert 'to-dataset"' not in client.get(f"{HERE}{page}/").content.decode()
    assert client.post(f"{HERE}groups/to-dataset/", {"by": "model"}).status_code == 403
    assert not Selection.objects.exists()


def test_nonsense_is_told_at_its_parameter(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    for sent in ({"by": "colour"}, {"by": "label:env", "group": ["size:xl"]}):
        answer = client.post(f"{HERE}groups/to-dataset/", sent)
        assert answer.status_code == 400 and "expected" in answer.content.decode().lower()
    assert not Selection.objects.exists()
