"""Views of the list: kept, shared, opened, changed since; and who may what."""

from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client

from interactions.models import ListPreference, SavedView
from interactions.services.browsing import saved_views
from interactions.services.browsing.saved_views import LONGEST_VIEW_NAME, LONGEST_VIEW_QUERY
from projects.models import Event, Project, User
from projects.services.access import Caller
from tests import make
from tests.auditing import verbs_told

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def vera(project: Project) -> User:
    """Who may read `project`, and no more."""
    user = make.make_user("vera")
    make.share(project, user, "viewer")
    return user


def saved(user: User, **form: str) -> Any:
    """What saving a view answers."""
    return client_of(user).post(f"{URL}views/save/", form)


def save(project: Project, user: User, query: str = "label=env:prod", **more: Any) -> SavedView:
    return saved_views.save(project, caller=Caller(user), name="Prod", query=query, **more)


def test_a_view_keeps_the_filter_and_how_it_is_shown(alice: User, project: Project) -> None:
    query = "label=env:prod&time=7d&columns=time,ask&density=compact&order=oldest&open=1&before=2"
    answer = saved(alice, name="  Prod  week ", query=query)
    view = SavedView.objects.get()
    assert answer.url == f"{URL}?{view.query.replace(',', '%2C')}&view={view.id}"
    assert (view.name, view.is_shared, view.owner) == ("Prod week", False, alice)
    kept = QueryDict(view.query)
    assert dict(kept.lists()) == {
        "label": ["env:prod"],
        "time": ["7d"],  # relative, as it was said
        "columns": ["time,ask"],
        "density": ["compact"],
        "order": ["oldest"],
    }
    listing = client_of(alice).get(answer.url).context["listing"]
    assert listing.view_menu.shown == view
    assert not listing.view_menu.is_changed
    assert listing.display.is_compact
    assert listing.display.is_oldest_first


@pytest.mark.parametrize("more", ["&time=1h", "&density=comfortable", "&columns=time", "&label=a"])
def test_a_changed_address_is_a_draft_until_the_view_is_brought_up_to_date(
    alice: User, project: Project, more: str
) -> None:
    view = save(project, alice, "label=env:prod&columns=time,ask&density=compact&order=newest")
    client = client_of(alice)
    now = f"{view.query}{more}"
    shelf = client.get(f"{URL}?{now}&view={view.id}").context["listing"].view_menu
    assert shelf.is_changed
    answer = client.post(f"{URL}views/{view.id}/update/", {"query": shelf.present_query})
    assert not client.get(answer["Location"]).context["listing"].view_menu.is_changed


def test_the_bare_list_opens_with_my_default_then_the_projects(
    alice: User, bob: User, project: Project
) -> None:
    mine = save(project, bob)
    ours = saved_views.save(
        project, caller=Caller(alice), name="Ours", query="time=1h", is_shared=True
    )
    client = client_of(bob)
    assert client.get(URL).status_code == 200
    saved_views.begin_project_with(project, ours, caller=Caller(alice))
    assert client.get(URL)["Location"] == f"{URL}?time=1h&view={ours.id}"
    client.post(f"{URL}views/begin/", {"view": str(mine.id)})
    assert client.get(URL)["Location"] == f"{URL}?label=env:prod&view={mine.id}"
    plain = client.get(f"{URL}?view=none")
    assert plain.status_code == 200
    assert plain.context["listing"].path == f"{URL}?view=none"
    assert client.get(f"{URL}?time=24h").status_code == 200  # an address is as it says
    client.post(f"{URL}views/begin/", {"view": ""})
    assert client.get(URL)["Location"] == f"{URL}?time=1h&view={ours.id}"
    assert verbs_told("view.default")


def test_no_longer_shared_it_opens_for_nobody_else(
    alice: User, bob: User, project: Project
) -> None:
    view = save(project, alice, is_shared=True)
    saved_views.begin_project_with(project, view, caller=Caller(alice))
    saved_views.begin_with(project, view, caller=Caller(bob))
    saved_views.begin_with(project, view, caller=Caller(alice))
    saved_views.change(view, caller=Caller(alice), is_shared=False)
    assert client_of(bob).get(URL).status_code == 200
    assert client_of(alice).get(URL).status_code == 302
    assert ListPreference.objects.get(user=bob).default_view is None
    said = client_of(bob).get(f"{URL}?view={view.id}").context["listing"]
    assert [fault.name for fault in said.faults] == ["view"]


def test_another_persons_private_view_does_not_exist(
    alice: User, bob: User, project: Project
) -> None:
    view = save(project, alice)
    client = client_of(bob)
    for path in ("", "update/", "change/", "delete/"):
        call = client.post if path else client.get
        assert call(f"{URL}views/{view.id}/{path}").status_code == 404
    assert client.post(f"{URL}views/begin/", {"view": str(view.id)}).status_code == 404
    assert view.name not in client.get(f"{URL}views/").content.decode()


def test_a_shared_view_is_changed_by_its_owner_and_those_who_manage(
    alice: User, bob: User, vera: User, project: Project
) -> None:
    view = save(project, bob, is_shared=True)
    change = f"{URL}views/{view.id}/change/"
    assert client_of(vera).post(change, {"name": "Mine"}).status_code == 403
    assert client_of(alice).post(change, {"name": "Ours"}).status_code == 302
    assert client_of(bob).post(change, {"name": "Bob's"}).status_code == 302
    assert client_of(vera).get(f"{URL}views/{view.id}/").status_code == 302
    assert client_of(vera).post(f"{URL}views/{view.id}/delete/").status_code == 403
    assert client_of(alice).post(f"{URL}views/{view.id}/delete/").status_code == 302
    assert not SavedView.objects.exists()
    verbs = list(Event.objects.filter(project=project).values_list("verb", flat=True))
    assert {"view.save", "view.change", "view.delete"} <= set(verbs)


def test_a_viewer_saves_private_views_only(vera: User, project: Project) -> None:
    assert saved(vera, name="Mine", query="time=7d").status_code == 302
    assert saved(vera, name="Ours", query="time=7d", is_shared="1").status_code == 403
    view = SavedView.objects.get()
    begin = {"view": str(view.id), "for": "project"}
    assert client_of(vera).post(f"{URL}views/begin/", begin).status_code == 403
    page = client_of(vera).get(URL).content.decode()
    assert "Share with the project" not in page


def test_a_stranger_finds_nothing(charlie: User, alice: User, project: Project) -> None:
    view = save(project, alice, is_shared=True)
    client = client_of(charlie)
    for path in ("views/", f"views/{view.id}/"):
        assert client.get(URL + path).status_code == 404
    for path in ("views/save/", "views/begin/", "display/", "first/key/"):
        assert client.post(URL + path, {"name": "x"}).status_code == 404
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": " ", "query": ""}, "expected a name"),
        ({"name": "x" * (LONGEST_VIEW_NAME + 1), "query": ""}, "expected a name"),
        ({"name": "a\0b", "query": ""}, "expected a name"),
        ({"name": "Prod", "query": ""}, "already"),
        ({"name": "x", "query": "text=" + "x" * LONGEST_VIEW_QUERY}, "expected an address"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_kept(
    alice: User, project: Project, form: dict[str, str], said: str
) -> None:
    save(project, alice)
    answer = saved(alice, **form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert SavedView.objects.count() == 1


def test_only_a_shared_view_can_be_the_projects(alice: User, project: Project) -> None:
    view = save(project, alice)
    form = {"view": str(view.id), "for": "project"}
    answer = client_of(alice).post(f"{URL}views/begin/", form)
    assert answer.status_code == 422
    assert "expected a shared view" in answer.content.decode()
    form["view"] = "seven"
    assert client_of(alice).post(f"{URL}views/begin/", form).status_code == 400


def test_what_an_old_view_has_that_is_gone_is_named(alice: User, project: Project) -> None:
    view = save(project, alice, "colour=red&columns=time,ask,label:gone,metric:gone")
    client = client_of(alice)
    listing = client.get(f"{URL}?{view.query}&view={view.id}").context["listing"]
    assert [fault.name for fault in listing.faults] == ["colour"]
    (gone, also) = listing.column_menu.unknown
    assert (gone.term, also.term) == ("label:gone", "metric:gone")
    missing = client.get(f"{URL}?view={uuid4()}").context["listing"]
    assert [fault.name for fault in missing.faults] == ["view"]
