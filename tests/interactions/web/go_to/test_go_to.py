"""An id pasted anywhere opens what has it, and only for who may read that."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from interactions.models import Feedback, Image, Interaction
from interactions.services.browsing import saved_views
from interactions.services.browsing.ids_in_text import ids_in
from interactions.web.go_to.destinations import Destination
from projects.models import Project, User
from projects.services.access import Caller
from tests import make

LIST = "/projects/maple/interactions/"
ID = "0192abcd-1234-7000-8abc-0123456789ab"


@pytest.mark.parametrize(
    "text",
    [
        ID, ID.upper(), ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", f" {ID}\n",
        f"completion_id={ID}", f'"completion_id": "{ID}",', f"2026-11-30 INFO done id={ID} 200",
        f"https://x.test/projects/maple/interactions/{ID}/?text=a", f"%7B{ID}%7D",
        f"id{ID}", f"chat{ID}", f"completion_id%253D{ID}", f"x%25253D{ID.replace('-', '%25252D')}",
        f"{ID[:9]}\n{ID[9:]}", f"{ID[:14]}\r\n  {ID[14:]}", f"{ID[:8]}\n{ID[8:]}",
        ID.replace("-", "_"), f"id_{ID.replace('-', '_')}.json", f"{ID}\n{ID}",
        ID.replace("-", "\u2011"), f"\u200b{ID}\ufeff",
    ],
)  # fmt: skip
def test_an_id_is_known_however_it_is_written(text: str) -> None:
    assert ids_in(text) == [UUID(ID).hex]


@pytest.mark.parametrize("text", ["", "refund", ID[:-1], f"{ID}0", "a" * 63, "0192abcd"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert ids_in(text) == []


@pytest.fixture
def one(project: Project) -> Interaction:
    return make.make_interaction(project, "hello", "hi", session_id=uuid4())


def page_of(one: Interaction, project: Project) -> str:
    return reverse("interaction", kwargs={"key": project.key, "id": one.id})


def asked(client: Client, text: str, **headers: str) -> Any:
    return client.get(LIST, {"bar": text}, headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["{id}", "completion_id={id}", '"completion_id": "{id}"', "id: {id}", "see {id} (bad)"]
)
def test_an_id_in_the_query_opens_its_interaction(
    client: Client, bob: User, project: Project, one: Interaction, text: str
) -> None:
    client.force_login(bob)
    answer = asked(client, text.format(id=one.id))
    assert (answer.status_code, answer["Location"]) == (302, page_of(one, project))
    boosted = asked(client, text.format(id=one.id), **{"HX-Request": "true"})
    assert boosted["HX-Redirect"] == page_of(one, project)


@pytest.mark.django_db
def test_an_id_that_a_condition_asks_for_stays_a_condition(
    client: Client, bob: User, project: Project
) -> None:
    client.force_login(bob)
    session = uuid4()
    other = make.make_interaction(project, session_id=session, labels={"run": str(session)})
    for text in (f"session:{session}", f"id:{other.id}", f"run:{session}", f"-session:{session}"):
        assert asked(client, text).status_code == 302
        assert asked(client, text)["Location"].startswith("?"), text
    assert "/sessions/" in asked(client, f"{session}")["Location"]
    assert "/sessions/" in asked(client, f"trace_id:{session}")["Location"]  # no such label


@pytest.mark.django_db
def test_sessions_prompts_feedback_and_images_are_opened_too(
    client: Client, alice: User, project: Project, one: Interaction
) -> None:
    client.force_login(alice)
    metric = make.make_metric(project, "helpful")
    given = Feedback.objects.create(
        id=uuid4(), project=project, interaction=one, metric=metric, value=1.0,
        created_at=make.NOON,
    )  # fmt: skip
    image = Image.objects.create(
        project=project, sha256="ab" * 32, format="png", width=1, height=1, size=1, dhash=0
    )
    links = {
        str(one.session_id): reverse(
            "session", kwargs={"key": project.key, "session": one.session_id}
        ),
        str(given.id): page_of(one, project),
        str(one.prompt_hash): f"{LIST}?prompt={one.prompt_hash}",
        f"/images/{image.sha256}.png": f"/projects/maple/images/{image.sha256}/",
    }
    for text, link in links.items():
        assert asked(client, text)["Location"] == link


@pytest.mark.django_db
def test_another_project_opens_for_who_may_read_it_and_is_unknown_to_others(
    client: Client, alice: User, charlie: User, charlies_project: Project, one: Interaction
) -> None:
    theirs = make.make_interaction(charlies_project, session_id=uuid4())
    client.force_login(alice)
    said = []
    for id in (theirs.id, theirs.session_id, uuid4()):
        answer = asked(client, str(id))
        assert answer["Location"] == f"?text={id}"
        page = client.get("/go/", {"q": str(id)}, headers={"HX-Request": "true"})
        assert page.status_code == 200
        said.append(page.text.replace(str(id), ""))
    assert said[0] == said[1] == said[2]
    assert "Nothing that you may read has this id" in said[0]
    client.force_login(charlie)
    found = client.get("/projects/cherry/interactions/", {"bar": str(theirs.id)})
    assert found["Location"] == page_of(theirs, charlies_project)
    make.share(charlies_project, alice, "editor")
    client.force_login(alice)
    assert asked(client, str(theirs.id))["Location"] == page_of(theirs, charlies_project)


@pytest.mark.django_db
def test_several_ids_are_listed(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)
    some = [make.make_interaction(project, session_id=uuid4()) for _ in range(2)]
    log = f"trace={uuid4()} " + " ".join(f"id={one.id}" for one in some)
    where = asked(client, log)["Location"]
    assert where.startswith("/go/?q=")
    page = client.get(where).text
    assert all(page_of(one, project) in page for one in some)
    # A line with an interaction and its session is of the interaction.
    line = f"session={some[0].session_id} completion={some[0].id}"
    assert asked(client, line)["Location"] == page_of(some[0], project)


@pytest.mark.django_db
@pytest.mark.parametrize("tab", ["sessions", "groups", "images", "feedback", "pairs", "review"])
def test_every_page_with_a_query_opens_ids(
    client: Client, bob: User, project: Project, one: Interaction, tab: str
) -> None:
    client.force_login(bob)
    answer = client.get(f"/projects/maple/{tab}/", {"bar": f"x={one.id}"})
    assert answer["Location"] == page_of(one, project)


@pytest.mark.django_db
def test_go_to_knows_projects_pages_and_views_of_ones_own(
    client: Client, alice: User, bob: User, project: Project, charlies_project: Project
) -> None:
    saved_views.save(project, caller=Caller(alice), name="Bad refunds", query="text=refund")
    client.force_login(bob)

    def ways(text: str, here: str = "maple") -> list[str]:
        answer = client.get("/go/", {"q": text, "in": here}, headers={"HX-Request": "true"})
        assert "<html" not in answer.text
        return [way.name for way in answer.context["page"].destinations]

    assert ways("sess") == ["Sessions"]
    assert ways("maple")[0] == "Maple"
    assert ways("cherry") == []
    assert ways("bad ref") == []
    assert "All projects" in ways("", here="cherry")
    client.force_login(alice)
    assert ways("bad ref") == ["Bad refunds"]
    assert client.get("/go/", {"q": "nothing like it"}).status_code == 200
    client.logout()
    assert client.get("/go/").status_code == 302


def ways(client: Client, text: str, at: str = "") -> list[Destination]:
    answer = client.get("/go/", {"q": text, "at": at}, headers={"HX-Request": "true"})
    found: list[Destination] = answer.context["page"].destinations
    return found


@pytest.mark.django_db
def test_pages_keep_the_filter_of_the_page_one_is_on(
    client: Client, bob: User, project: Project
) -> None:
    client.force_login(bob)
    here = "/projects/maple/groups/?label=env:prod&by=model"
    links = {way.name: way.link for way in ways(client, "", here)}
    assert links["Images"] == "/projects/maple/images/?label=env:prod"
    assert links["Models"] == "/projects/maple/models/"
    assert links["Save this view"] == f"{LIST}view-menu/?label=env:prod#view-name"
    shown = "?label=env:prod&density=compact"
    saving = ways(client, "save", LIST + shown)[0].link
    assert saving == f"{LIST}view-menu/{shown}#view-name"
    assert 'id="view-name"' in client.get(saving).text


@pytest.mark.django_db
def test_actions_are_found_by_their_words_and_done(
    client: Client, alice: User, bob: User, charlie: User, project: Project
) -> None:
    make.make_interaction(project, "hello", "hi", labels={"env": "prod"})
    client.force_login(bob)
    (export,) = ways(client, "export", f"{LIST}?label=env:prod")
    made = client.post(export.link, dict(export.fields))
    assert (made.status_code, made["Location"].endswith("/export/")) == (303, True)
    assert "<b>1</b> interaction" in client.get(made["Location"]).text
    assert ways(client, "key new", LIST)[0].link == "/projects/maple/connect/#api-key"
    dark = next(way for way in ways(client, "dark theme", LIST) if way.fields)
    answer = client.post(dark.link, dict(dark.fields))
    assert (answer["Location"], answer.cookies["theme"].value) == (LIST, "dark")
    assert "Switch to the light theme" in [way.name for way in ways(client, "theme")]
    assert not ways(client, "register a model", LIST)  # members manage nothing
    client.force_login(alice)
    assert ways(client, "register a model", LIST)[0].link.endswith("/models/#register")
    client.force_login(charlie)
    assert not ways(client, "export", LIST)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "at", ["//[", "\0", "nowhere", "//x.test/", "/projects/", "/nowhere/", "?" * 99]
)
def test_odd_places_are_no_place(client: Client, bob: User, project: Project, at: str) -> None:
    client.force_login(bob)
    assert [way.name for way in ways(client, "all projects", at)] == ["All projects"]
    theme = ways(client, "dark", at)[0]
    assert client.post(theme.link, dict(theme.fields)).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["\0", "(" * 50, '"', "a" * 5000, "%", "\u202e" + ID])
def test_odd_texts_are_answered(client: Client, bob: User, project: Project, text: str) -> None:
    client.force_login(bob)
    assert client.get("/go/", {"q": text}).status_code in (200, 302)
    assert asked(client, text).status_code in (200, 302)
