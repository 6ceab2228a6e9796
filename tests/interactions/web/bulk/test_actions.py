"""The pages of selections and bulk actions: who sees what, and what a wrong argument is told."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from adaptive_site.lib.database.time_limits import TookTooLong
from interactions.models import BulkAction, Feedback, Interaction, Label, Selection
from interactions.services import selections
from interactions.services.bulk import actions as bulk_actions
from projects.models import Project, User
from projects.services.access import Caller
from tests import make
from tests.interactions.acting import agrees, everything, work
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
HERE = "/projects/maple/"


def read(answer: Any) -> str:
    """The page, whatever lines its template is written in."""
    return " ".join(answer.content.decode().split())


@pytest.fixture
def ids(project: Project) -> list[UUID]:
    helpful = make.make_metric(project)
    return make.make_interactions(project, 8, labels={"env": "dev"}, feedback={helpful: True})


@pytest.fixture
def selection(project: Project, ids: list[UUID], bob: User) -> Selection:
    return everything(project, bob)


@pytest.fixture
def viewer(project: Project) -> User:
    user = make.make_user("vera")
    make.share(project, user, "viewer")
    return user


def test_ticks_become_a_selection_with_or_without_scripts(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    plain = client.post(f"{HERE}selections/", {"id": ids[:2], "query": "?label=env:dev"})
    (one,) = Selection.objects.in_project(project)
    assert (plain.status_code, plain.url) == (303, f"{HERE}selections/{one.uuid}/")  # type: ignore[attr-defined]
    assert (one.includes, one.came_from) == (ids[:2], "label=env:dev")
    said = {"ids": f"{ids[0]},{ids[3]}", "of": "ticked", "action": "delete", "query": "?"}
    answer = client.post(f"{HERE}selections/", said)
    assert answer.url.endswith("/delete/")  # type: ignore[attr-defined]
    said = {"of": "all", "excepts": f"{ids[5]}", "query": "?label=env:dev", "action": "export"}
    answer = client.post(f"{HERE}selections/", said)
    assert answer.url.endswith("/export/")  # type: ignore[attr-defined]
    last = Selection.objects.in_project(project).order_by("id").last()
    assert last is not None and (last.query, last.excludes) == ("label=env:dev", [ids[5]])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "id: expected at least one"),
        ({"id": "x"}, "id: expected the id of an interaction"),
        ({"of": "all", "query": "?latency=x"}, "latency: "),
        ({"of": "all", "query": "?", "excepts": "x"}, "except: expected the id"),
    ],
)
def test_what_is_no_selection_is_told(
    client: Client, bob: User, data: dict[str, str], said: str
) -> None:
    client.force_login(bob)
    answer = client.post(f"{HERE}selections/", data)
    assert answer.status_code == 400
    assert said in read(answer)
    assert not Selection.objects.exists()


def test_a_person_looks_does_it_and_undoes_it(
    client: Client, project: Project, selection: Selection, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    address = f"{HERE}selections/{selection.uuid}/label/"
    asked = read(client.get(address))
    assert "What will change" not in asked
    looked = read(client.get(address, {"key": "env", "value": "prod"}))
    assert "<b>Label env = prod</b> will be set on <b>8</b> interactions" in looked
    assert "<b>8</b> have another value of env now" in looked and "<td>dev</td>" in looked
    assert not BulkAction.objects.exists()
    begun = client.post(address, {"key": "env", "value": "prod"})
    action = BulkAction.objects.in_project(project).get()
    page = f"{HERE}bulk-actions/{action.uuid}/"
    assert (begun.status_code, begun.url) == (303, page)  # type: ignore[attr-defined]
    waiting = read(client.get(page))
    assert "<progress" in waiting and "no worker is running" in waiting
    BulkAction.objects.filter(id=action.id).update(state="running", done=3, changed=2)
    assert "<b>3</b> of 8 done, 2 changed." in read(client.get(page))
    BulkAction.objects.filter(id=action.id).update(state="waiting", done=0, changed=0)
    work()
    fragment = read(client.get(page, headers={"HX-Request": "true"}))
    assert "8 of 8 interactions changed" in fragment and "<html" not in fragment
    assert "Label env = prod" in read(client.get(f"{HERE}bulk-actions/"))
    changed = client.post(f"{page}changed/")
    shown = read(client.get(changed.url))  # type: ignore[attr-defined]
    assert "<b>8</b> interactions" in shown and "Set a label" in shown
    assert client.post(f"{page}undo/").status_code == 303
    work()
    assert "<b>Undone.</b> 8 interactions are as before" in read(client.get(page))
    again = client.post(f"{page}undo/")
    assert (again.status_code, "cannot be undone" in read(again)) == (400, True)
    dev = Label.objects.in_project(project).get(key="env", value="dev")
    assert all(row.label_ids == [dev.id] for row in Interaction.objects.in_project(project))
    agrees(project)


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("label", {"key": "", "value": "x"}, "key: expected a key"),
        ("unlabel", {"key": "k" * 200}, "key: expected keys of 1 to 128 characters"),
        ("feedback", {"metric": "helpful", "value": "7"}, "value: expected true, false, 0 or 1"),
        ("feedback", {"metric": "none", "value": "1"}, "metric: expected a metric of this project"),
        ("withdraw", {"metric": "none"}, "metric: expected a metric of this project, or none"),
    ],
)
def test_a_wrong_argument_is_told_at_its_field(
    client: Client, selection: Selection, bob: User, kind: str, data: dict[str, str], said: str
) -> None:
    client.force_login(bob)
    address = f"{HERE}selections/{selection.uuid}/{kind}/"
    for answer, status in ((client.get(address, data), 200), (client.post(address, data), 422)):
        text = read(answer)
        assert answer.status_code == status
        assert said in text and 'aria-invalid="true"' in text
    assert not BulkAction.objects.exists()


def test_what_each_kind_will_touch_is_said(
    client: Client, project: Project, selection: Selection, ids: list[UUID], alice: User
) -> None:
    client.force_login(alice)
    address = f"{HERE}selections/{selection.uuid}/"
    deleting = read(client.get(f"{address}delete/"))
    assert "<b>8</b> interactions will be deleted, with 8 values of feedback" in deleting
    assert ">Delete 8 interactions</button>" in deleting
    assert "autofocus>Cancel</a>" in deleting and deleting.count("autofocus") == 1
    examples = deleting[deleting.index('class="examples"') :]
    assert examples[: examples.index("</ul>")].count("<li>") == 5
    withdrawing = read(client.get(f"{address}withdraw/", {"anybody": "1"}))
    assert "<b>8</b> values on <b>8</b> of <b>8</b> interactions" in withdrawing
    assert "<b>8</b> of these given by others" in withdrawing
    removing = read(client.get(f"{address}unlabel/", {"key": "env"}))
    assert "<b>env</b> will be removed from <b>8</b> of <b>8</b>" in removing
    judging = client.get(f"{address}feedback/", {"metric": "helpful", "value": "no"})
    assert "<b>Feedback helpful: no</b> will be given by you on <b>8</b>" in (read(judging))
    assert client.get(f"{address}burn/").status_code == 404


def test_a_stranger_finds_nothing(
    client: Client, selection: Selection, alice: User, charlie: User
) -> None:
    action = bulk_actions.begin(selection, "delete", {}, caller=Caller(alice))
    client.force_login(charlie)
    for page in (
        *(
            "bulk-actions/",
            f"bulk-actions/{action.uuid}/",
            f"selections/{selection.uuid}/",
        ),
        *(f"selections/{selection.uuid}/{name}/" for name in ("label", "export", "export/jsonl")),
    ):
        assert client.get(HERE + page).status_code == 404, page
    for page in (
        "selections/",
        "undo/",
        f"bulk-actions/{action.uuid}/undo/",
        f"selections/{selection.uuid}/delete/",
    ):
        assert client.post(HERE + page).status_code == 404, page
    action.refresh_from_db()
    assert action.state == "waiting"


def test_addresses_from_when_they_were_acts_redirect(client: Client, alice: User) -> None:
    client.force_login(alice)
    uuid = "0a13529c-59bc-4bbe-a8f7-7ad789f1fe77"
    for old, new in (
        ("acts/?before=7", "bulk-actions/?before=7"),
        (f"acts/{uuid}/", f"bulk-actions/{uuid}/"),
    ):
        found = client.get(HERE + old)
        assert (found.status_code, found.headers["Location"]) == (302, HERE + new)


def test_a_viewer_may_look_and_is_shown_no_bulk_actions(
    client: Client, selection: Selection, bob: User, viewer: User
) -> None:
    action = bulk_actions.begin(selection, "label", {"key": "a", "value": "b"}, caller=Caller(bob))
    client.force_login(viewer)
    page = read(client.get(f"{HERE}selections/{selection.uuid}/"))
    for action_of_others in ("Export…", "Delete…", "Set a label"):
        assert action_of_others not in page
    listed = read(client.get(f"{HERE}interactions/"))
    assert 'value="export"' not in listed and 'value="delete"' not in listed
    for kind in ("label", "unlabel", "feedback", "withdraw", "delete"):
        address = f"{HERE}selections/{selection.uuid}/{kind}/"
        assert client.get(address).status_code == client.post(address).status_code == 403
    assert client.get(f"{HERE}bulk-actions/{action.uuid}/").status_code == 404
    assert "Label a = b" not in read(client.get(f"{HERE}bulk-actions/"))


def test_undoing_is_for_who_did_it_and_for_owners(
    client: Client, project: Project, selection: Selection, alice: User, bob: User
) -> None:
    other = make.make_user("bea")
    make.share(project, other, "editor")
    action = bulk_actions.begin(
        selection, "feedback", {"metric": "helpful", "value": "1"}, caller=Caller(bob)
    )
    work()
    client.force_login(other)
    assert client.post(f"{HERE}bulk-actions/{action.uuid}/undo/").status_code == 404
    client.force_login(alice)
    assert client.post(f"{HERE}bulk-actions/{action.uuid}/undo/").status_code == 303
    work()
    action.refresh_from_db()
    assert (action.state, action.undone_by, action.undone) == ("undone", alice, 8)
    assert Feedback.objects.in_project(project).count() == 8


def test_pages_take_a_fixed_number_of_queries(
    client: Client, selection: Selection, bob: User, query_counts: QueryCounts
) -> None:
    action = bulk_actions.begin(selection, "label", {"key": "a", "value": "b"}, caller=Caller(bob))
    work()
    client.force_login(bob)
    for name, page in (
        ("a selection", f"selections/{selection.uuid}/"),
        ("before a bulk action", f"selections/{selection.uuid}/label/?key=env&value=x"),
        ("a bulk action", f"bulk-actions/{action.uuid}/"),
        ("the bulk actions", "bulk-actions/"),
    ):
        with query_counts(f"the page of {name}"):
            assert client.get(HERE + page).status_code == 200


def test_leaving_out_on_the_page_leads_to_another_selection(
    client: Client, project: Project, selection: Selection, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    address = f"{HERE}selections/{selection.uuid}/narrow/"
    answer = client.post(address, {"id": ids[:2]})
    made = Selection.objects.in_project(project).exclude(id=selection.id).get()
    assert answer.url == f"{HERE}selections/{made.uuid}/"  # type: ignore[attr-defined]
    assert selections.count(made).n == 6
    page = read(client.get(answer.url))  # type: ignore[attr-defined]
    assert "Excluded: 2" in page
    assert client.post(address, {}).status_code == 400


def test_a_deletion_that_cannot_be_counted_in_time_can_still_be_begun(
    client: Client,
    project: Project,
    ids: list[UUID],
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def late(*_: object, **__: object) -> None:
        raise TookTooLong("late")

    monkeypatch.setattr(bulk_actions, "preview", late)
    selection = everything(project, alice)
    client.force_login(alice)
    answer = client.get(f"{HERE}selections/{selection.uuid}/delete/")
    assert answer.status_code == 200
    assert "Counting took more than 3 s" in read(answer) and "Show all" in read(answer)
