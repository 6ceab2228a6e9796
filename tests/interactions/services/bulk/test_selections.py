"""Selections: frozen, exact, and never changed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.models import Selection
from interactions.services import selections
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(project: Project) -> list[UUID]:
    return make.make_interactions(project, 12, labels={"env": "prod"})


def all_of(selection: Selection, limit: int = 5) -> list[UUID]:
    return [id for ids in selections.pieces(selection, limit=limit) for id in ids]


def frozen(project: Project, by: User, query: str, excludes: list[UUID] | None = None) -> Selection:
    made = selections.freeze(project, QueryDict(query), by=by, excludes=excludes or [])
    return selections.known(project, made.uuid)


def test_all_but_some_is_read_piece_by_piece_and_counted(
    project: Project, ids: list[UUID], alice: User
) -> None:
    stranger = uuid4()
    one = frozen(project, alice, "label=env:prod", [ids[3], ids[4], stranger])
    kept = [id for id in ids if id not in ids[3:5]]
    for limit in (1, 2, 5, 100):
        assert all_of(one, limit) == kept
    assert (selections.count(one).n, selections.count(one, is_exact=True).n) == (10, 10)
    assert one.includes == []
    assert selections.shown(one, limit=3) == kept[:-4:-1]
    assert selections.shown(one, limit=30, before=kept[6]) == kept[5::-1]
    assert selections.sentence(one) == "all interactions where env is prod, 3 excluded"


def test_what_came_later_is_not_in_it_and_is_told(
    project: Project, ids: list[UUID], alice: User
) -> None:
    one = frozen(project, alice, "label=env:prod")
    later = datetime.now(UTC) + timedelta(seconds=1)
    make.make_interaction(project, created_at=later, labels={"env": "prod"})
    make.make_interaction(project, created_at=later, labels={"env": "dev"})
    assert all_of(one) == ids
    assert selections.count(one).n == 12
    since = selections.since(one)
    assert since is not None and since.n == 1


def test_a_relative_time_stays_where_it_was(project: Project, alice: User) -> None:
    recent = make.make_interaction(project, created_at=datetime.now(UTC) - timedelta(hours=1))
    make.make_interaction(project)
    one = frozen(project, alice, "time=2h&before=x&open=y")
    assert one.query is not None and one.query.startswith("since=")
    Selection.objects.in_project(project).update(created_at=one.created_at + timedelta(days=9))
    again = selections.known(project, one.uuid)
    assert all_of(again) == [recent.id]


def test_ticked_ones_are_those_of_the_project(
    project: Project, charlies_project: Project, ids: list[UUID], alice: User
) -> None:
    foreign = make.make_interaction(charlies_project).id
    one = selections.tick(project, [ids[2], foreign, ids[0]], by=alice, came_from="label=env")
    assert one.includes == [ids[0], ids[2]]
    assert all_of(one, 1) == [ids[0], ids[2]]
    assert selections.count(one).n == 2
    assert selections.since(one) is None
    with pytest.raises(Invalid, match="id: expected the ids of interactions of this project"):
        selections.tick(project, [foreign], by=alice)
    with pytest.raises(NotFound):
        selections.known(charlies_project, one.uuid)


def test_leaving_out_makes_another_one(project: Project, ids: list[UUID], alice: User) -> None:
    one = frozen(project, alice, "label=env:prod")
    two = selections.without(one, ids[:2], by=alice)
    three = selections.with_again(two, ids[:1], by=alice)
    assert [len(all_of(each)) for each in (one, two, three)] == [12, 10, 11]
    ticked = selections.tick(project, ids[:2], by=alice)
    assert all_of(selections.without(ticked, ids[:1], by=alice)) == ids[1:2]
    with pytest.raises(Invalid, match="at least one"):
        selections.without(ticked, ids[:2], by=alice)


def test_a_filter_that_cannot_be_read_is_no_selection(project: Project, alice: User) -> None:
    with pytest.raises(Invalid, match="session: .*expected a UUID"):
        frozen(project, alice, "session=x")
    assert not Selection.objects.in_project(project).exists()


def test_a_text_is_a_filter_too(project: Project, ids: list[UUID], alice: User) -> None:
    one = frozen(project, alice, "text=question+11")
    assert all_of(one) == ids[11:]
    assert selections.count(one).n == 1
