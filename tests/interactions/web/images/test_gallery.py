"""The contact sheet of a filter's images, and an image with the interactions that show it."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from interactions.services.browsing import gallery, rows
from interactions.web.images import gallery as page
from projects.models import Project, User
from tests import make
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.usefixtures("empty_storage")
URL = "/projects/maple/images/"


def picture(number: int) -> str:
    """The data URI of one of many images."""
    return make.data_uri(make.make_image(colour=(number % 256, number // 256, 7)))


def show(project: Project, *numbers: int, **known: Any) -> UUID:
    """The id of an interaction that shows these images."""
    message = make.image_message(*map(picture, numbers))
    return make.make_interaction(project, messages=[message], **known).id


def get(user: User, query: str = "", url: str = URL) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(url + query)


def tiles(answer: Any) -> list[tuple[UUID, int]]:
    """The newest interaction of each tile, and how many it stands for."""
    return [(tile.row.interaction.id, tile.n) for tile in answer.context["page"].sheet.tiles]


def test_an_image_is_shown_once_with_the_newest_that_has_it(alice: User, project: Project) -> None:
    first = show(project, 1)
    make.make_interaction(project)
    both = show(project, 1, 2)
    last = show(project, 1, 1)
    assert tiles(get(alice)) == [(last, 3), (both, 1)]
    assert tiles(get(alice, "?repeats=1")) == [(last, 1), (both, 1), (both, 1), (first, 1)]


def test_it_follows_the_filter(alice: User, project: Project) -> None:
    metric = make.make_metric(project)
    wrong = show(project, 1, labels={"env": "prod"}, feedback={metric: False})
    show(project, 2, labels={"env": "test"}, feedback={metric: True})
    assert tiles(get(alice, "?feedback=helpful:eq:0")) == [(wrong, 1)]
    assert tiles(get(alice, "?label=env:prod")) == [(wrong, 1)]
    assert "No image matches" in get(alice, "?label=env:prod&feedback=helpful:eq:1").text
    answer = get(alice, "?label=env:prod&size=large")
    assert f"/projects/maple/interactions/{wrong}/?label=env:prod" in answer.text
    assert 'href="/projects/maple/interactions/?label=env:prod"' in answer.text


def test_pages_meet_without_gap_or_overlap(
    alice: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "TILES_PER_PAGE", 4)
    monkeypatch.setattr(gallery, "INTERACTIONS_WALKED", 6)
    ids = [show(project, *range(n, n + 1 + n % 3)) for n in range(15)]
    answer, seen = get(alice), []
    pages = []
    while True:
        look = answer.context["page"]
        assert len(look.sheet.tiles) <= 4
        seen += look.sheet.interactions
        pages.append(look.sheet.interactions)
        if not look.older:
            break
        answer = get(alice, look.older)
    assert seen == ids[::-1]
    back: list[UUID] = []
    while answer.context["page"].newer:
        answer = get(alice, answer.context["page"].newer)
        back = [*answer.context["page"].sheet.interactions, *back]
    assert [id for id in back if id not in pages[-1]] == seen[: len(seen) - len(pages[-1])]


def test_of_one_with_very_many_images_the_first_are_shown(
    alice: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "TILES_PER_PAGE", 3)
    many = show(project, *range(gallery.IMAGES_PER_INTERACTION + 4))
    assert tiles(get(alice)) == [(many, 1)] * gallery.IMAGES_PER_INTERACTION


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("?size=huge", "size"),
        ("?repeats=yes", "repeats"),
        ("?before=1", "before"),
        ("?after=x", "after"),
        ("?since=yesterday", "since"),
        ("?colour=red", "colour"),
    ],
)
def test_what_cannot_be_read_is_named_and_shows_nothing(
    alice: User, project: Project, query: str, name: str
) -> None:
    show(project, 1)
    answer = get(alice, query)
    assert answer.status_code == 200
    assert tiles(answer) == []
    assert [fault.name for fault in answer.context["page"].faults] == [name]


def test_what_takes_too_long_says_so(
    alice: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = sha256(show(project, 1), project)

    def asleep(*args: object, **known: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    for name in ("GALLERY_LIMIT_MS", "NEAR_LIMIT_MS"):
        monkeypatch.setattr(page, name, 10)
    for name in ("sheet", "uses", "near"):
        monkeypatch.setattr(gallery, name, asleep)
    assert "stopped after 0.2 s" in get(alice).text
    one = get(alice, url=f"{URL}{image}/")
    assert "These interactions were not found in time" in one.text
    assert "Similar images were not found in time" in one.text


def sha256(id: UUID, project: Project) -> str:
    """The hash of the first image of an interaction."""
    (row,) = rows.rows(project, [id])
    return row.images[0].sha256


def test_an_image_leads_to_all_that_show_it_whatever_the_filter(
    alice: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "USES_PER_PAGE", 2)
    ids = [show(project, 1, labels={"n": str(n)}) for n in range(3)]
    ids.append(show(project, 1, 1))
    show(project, 200)
    url = f"{URL}{sha256(ids[0], project)}/"
    answer = get(alice, "?label=n:1", url)
    look = answer.context["page"]
    assert [row.interaction.id for row in look.rows] == ids[:-3:-1]
    assert 'href="/projects/maple/images/?label=n:1"' in answer.text
    older = get(alice, look.older, url).context["page"]
    assert [row.interaction.id for row in older.rows] == ids[1::-1]
    assert older.older == ""
    assert "expected the id of an interaction" in get(alice, "?before=x", url).text


def test_images_that_look_nearly_the_same_are_found(
    alice: User, project: Project, charlies_project: Project
) -> None:
    # Of one colour, so all alike for a hash of differences.
    one, other = show(project, 1), show(project, 2)
    show(charlies_project, 3)
    answer = get(alice, url=f"{URL}{sha256(one, project)}/")
    assert [image.sha256 for image in answer.context["page"].near] == [sha256(other, project)]


def test_a_stranger_finds_nothing(
    alice: User, charlie: User, project: Project, charlies_project: Project
) -> None:
    image = sha256(show(project, 1), project)
    assert get(charlie).status_code == 404
    assert get(charlie, url=f"{URL}{image}/").status_code == 404
    elsewhere = f"/projects/cherry/images/{image}/"
    assert get(charlie, url=elsewhere).status_code == 404
    assert get(alice, url=f"{URL}{'0' * 64}/").status_code == 404
    assert get(alice, url=f"{URL}%00/").status_code == 404
    assert Client().get(URL).status_code == 302


@pytest.mark.parametrize("n", [2, 20])
def test_queries(alice: User, project: Project, query_counts: QueryCounts, n: int) -> None:
    metric, llm = make.make_metric(project), make.make_llm(project)
    for number in range(n):
        id = show(project, number, labels={"n": str(number)}, feedback={metric: True}, llm=llm)
    client = Client()
    client.force_login(alice)
    with query_counts("the contact sheet"):
        assert client.get(URL).status_code == 200
    with query_counts("an image and its uses"):
        assert client.get(f"{URL}{sha256(id, project)}/").status_code == 200
