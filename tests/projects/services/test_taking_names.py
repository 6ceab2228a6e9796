"""Attacks on models: nobody takes over a name in another's logs, nobody borrows another's key."""

import re
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from interactions.models import Interaction
from projects.models import Llm, Project, ProjectLlm, Registration, Team, User
from projects.services import llm_registration, llms, people, project_llms
from projects.services.access import Caller
from tests import make
from tests.asking import answer, ask, refused
from tests.auditing import verbs_told
from tests.interactions.asking import CHAT, QUESTION
from tests.upstream import KEY, upstream, whole

ADD = "mutation ($i: AddExternalModelInput!) { addExternalModel(input: $i) { id key } }"
ATTACH = """mutation ($i: AddModelsToProjectInput!) { addModelsToProject(input: $i) {
    success failures { model reason } } }"""
DEPLOY = "mutation ($i: DeployModelInput!) { deployModel(input: $i) { id key } }"
ATTACH_OLD = "mutation ($i: AttachModel!) { attachModel(input: $i) { key } }"
ADD_OLD = "mutation ($i: AddModelToUseCaseInput!) { addModelToUseCase(input: $i) }"
MODELS = "{ models(filter: {}) { id key online projects { key } } }"
MODEL = "query ($m: IdOrKey!) { model(idOrKey: $m) { id key } }"


def chat(key: str, model: str) -> Any:
    return Client(raise_request_exception=False).post(
        CHAT,
        {"model": model, "messages": [QUESTION]},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )


def given(name: str, url: str) -> dict[str, Any]:
    """What GraphQL registers a model with."""
    data = {"apiKey": KEY, "externalModelId": "big-1", "endpoint": url}
    return {"name": name, "provider": "OPEN_AI", "providerData": {"openAI": data}}


def registered(owner: User | None, name: str, url: str = "") -> Llm:
    return llm_registration.register_external(
        name=name, provider="OPEN_AI", external_id="big-1", api_key=KEY, base_url=url, owner=owner
    )


@pytest.mark.parametrize("door", ["graphql", "web"])
def test_registering_a_name_of_anothers_logs_changes_nothing_there(
    client: Client, alice_key: str, charlie: User, charlie_key: str, project: Project, door: str
) -> None:
    make.make_interaction(project, llm=make.make_llm(project, "gpt-4o"))
    with upstream() as theirs:
        if door == "graphql":
            ask(charlie_key, ADD, i=given("GPT-4o", theirs.url))
        else:
            client.force_login(charlie)
            form = {"name": "gpt-4o", "provider": "OPEN_AI", "external_id": "x"}
            made = client.post("/projects/cherry/models/register/", form | {"base_url": theirs.url})
            assert made.status_code == 302
        assert chat(alice_key, "maple/gpt-4o").status_code == 400
        assert chat(alice_key, "maple").json()["model"] == "maple/echo"
        assert theirs.seen == []
    assert llms.attached(project, "gpt-4o").provider == ""
    # Alice registers hers all the same, and hers alone answers in her project.
    with upstream() as hers:
        hers.answer = whole("Hers.")
        ask(alice_key, ADD, i=given("gpt-4o", hers.url))
        assert chat(alice_key, "maple/gpt-4o").status_code == 400
        assert ask(alice_key, ATTACH, i={"project": "maple", "models": ["gpt-4o"]})["success"]
        assert chat(alice_key, "maple/gpt-4o").json()["choices"][0]["message"]["content"] == "Hers."
        assert len(hers.seen) == 1
    # What was logged under the name, and what is now, is one model to read.
    named = Interaction.objects.in_project(project).filter(llm__key="gpt-4o")
    assert named.count() == 2


@pytest.mark.parametrize("name", ["GPT-4o", "gpt-4o", "Gpt-4O"])
def test_no_other_case_of_a_name_takes_it_either(
    alice_key: str, charlie_key: str, charlies_project: Project, project: Project, name: str
) -> None:
    make.make_llm(project, name)
    with upstream() as theirs:
        ask(charlie_key, ADD, i=given(name, theirs.url))
        ask(charlie_key, DEPLOY, i={"project": "cherry", "model": "gpt-4o"})
        assert chat(alice_key, f"maple/{name}").status_code == 400
        assert theirs.seen == []


def test_a_name_that_reads_as_the_id_of_a_model_does_not_stand_for_it(
    alice: User, alice_key: str, project: Project
) -> None:
    with upstream() as hers:
        llm = registered(alice, "big", hers.url)
        link = llms.attach(project, llm)
        for id in (link.uuid, llm.shown_id, llm.uuid):
            make.make_llm(project, str(id))  # as an import would have it
            assert llms.attached(project, str(id)).key == "big"
            assert chat(alice_key, f"maple/{id}").status_code == 200


def test_to_import_a_name_lends_nobodys_key(
    alice: User, charlie_key: str, project: Project, charlies_project: Project
) -> None:
    with upstream() as hers:
        llms.attach(project, registered(alice, "big", hers.url))
        make.make_interaction(charlies_project, llm=make.make_llm(charlies_project, "big"))
        make.make_llm(charlies_project, "echo")
        assert chat(charlie_key, "cherry/big").status_code == 400
        assert hers.seen == []
    assert llms.attached(charlies_project, "big").provider == ""


def doors(key: str, client: Client, name: str, id: str) -> list[str]:
    """Try to attach a model to Charlie's project by every door; the doors that gave way."""
    open_doors = []
    for model in (name, id):
        tries = {
            "addModelsToProject": (ATTACH, {"project": "cherry", "models": [model]}),
            "deployModel": (DEPLOY, {"project": "cherry", "model": model}),
            "attachModel": (ATTACH_OLD, {"useCase": "cherry", "model": model, "attached": True}),
            "addModelToUseCase": (ADD_OLD, {"useCase": "cherry", "model": model}),
        }
        for door, (query, variables) in tries.items():
            told = answer(key, query, i=variables)
            if not told.get("errors") and told["data"].get(door) != {
                "success": False,
                "failures": [{"model": model, "reason": llms.NOT_ATTACHED}],
            }:
                open_doors.append(door)
        page = client.post("/projects/cherry/models/attach/", {"model": model})
        if page.status_code != 404:
            open_doors.append("web")
    return open_doors


@pytest.mark.parametrize("where", ["nowhere", "alone", "read", "editor"])
def test_a_model_of_anothers_is_not_borrowed_by_any_door(
    client: Client, alice: User, charlie: User, charlie_key: str, project: Project, where: str
) -> None:
    """Standing in no project; in one Charlie does not see, reads, or chats in."""
    with upstream() as hers:
        llm = registered(alice, "big", hers.url)
        if where != "nowhere":
            llms.attach(project, llm)
        if where in ("read", "editor"):
            make.share(project, charlie, "viewer" if where == "read" else "editor")
        client.force_login(charlie)
        is_seen = where in ("read", "editor")
        assert ("big" in str(ask(charlie_key, MODELS))) == is_seen
        assert (ask(charlie_key, MODEL, m="big") is not None) == is_seen
        # As a word: the page has tokens of random letters.
        assert not re.search(r"\bbig\b", client.get("/projects/cherry/models/").text)
        assert doors(charlie_key, client, "big", str(llm.shown_id)) == []
        assert chat(charlie_key, "cherry/big").status_code == 404
        assert hers.seen == []
    assert not ProjectLlm.objects.filter(project__key="cherry", llm=llm).exists()


def test_sharing_is_said_and_is_the_owners(
    client: Client, alice: User, charlie: User, charlie_key: str, project: Project,
    charlies_project: Project,
) -> None:  # fmt: skip
    llm = registered(alice, "big")
    assert llm.registration is not None
    both = make.make_team("both", {alice: "editor", charlie: "owner"})
    url = f"/projects/maple/models/{llm.shown_id}/share/"
    make.share(project, charlie, "owner")
    client.force_login(charlie)  # who manages the project, and does not own the model
    assert client.post(url, {"team": str(both.uuid)}).status_code == 404
    client.force_login(alice)
    other = make.make_team("other")
    assert client.post(url, {"team": str(other.uuid)}).status_code == 404  # none of hers
    assert client.post(url, {"everybody": "on"}).status_code == 302
    llm.registration.refresh_from_db()
    assert not llm.registration.is_for_all  # for administrators to say
    assert client.post(url, {"team": str(both.uuid)}).status_code == 302
    assert "yours, shared with both" in client.get("/projects/maple/models/").text
    assert ask(charlie_key, ATTACH, i={"project": "cherry", "models": ["big"]})["success"]
    client.force_login(charlie)
    assert "Alice’s" in client.get("/projects/cherry/models/").text
    # Shared on by others than its owner: no.
    assert client.post(url.replace("maple", "cherry"), {}).status_code == 403
    client.force_login(alice)
    assert client.post(url, {}).status_code == 302
    fresh = make.make_project("birch", owner=charlie)
    assert "not found" in refused(charlie_key, DEPLOY, i={"project": "birch", "model": "big"})
    assert llms.attached(charlies_project, "big").provider  # where it was attached it stays
    assert not ProjectLlm.objects.filter(project=fresh, llm=llm).exists()
    assert verbs_told("model.shared")


def test_what_an_administrator_shares_with_everybody_is_attachable(
    client: Client, charlie_key: str, charlies_project: Project
) -> None:
    root = make.make_user("root", is_superuser=True, is_staff=True)
    llm = registered(root, "house-model")
    at_home = make.make_project("home")
    client.force_login(root)
    assert client.post(
        f"/projects/home/models/{llm.shown_id}/share/", {"everybody": "on"}
    ).status_code == 302  # fmt: skip
    assert ask(charlie_key, DEPLOY, i={"project": "cherry", "model": "house-model"})
    assert not ProjectLlm.objects.filter(project=at_home, llm=llm).exists()


def test_where_prompts_go_is_not_changed_in_passing(
    alice: User, alice_key: str, project: Project
) -> None:
    mine, everybodys = registered(alice, "big"), registered(None, "big")
    assert everybodys.registration is not None
    Registration.objects.filter(id=everybodys.registration.id).update(is_for_all=True)
    ask(alice_key, DEPLOY, i={"project": "maple", "model": "big"})
    assert llms.attached(project, "big").registration == mine.registration  # one's own first
    ask(alice_key, DEPLOY, i={"project": "maple", "model": "big"})
    told = ask(alice_key, ATTACH, i={"project": "maple", "models": [str(everybodys.shown_id)]})
    assert "detach that one first" in told["failures"][0]["reason"]
    assert llms.attached(project, "big").registration == mine.registration


def test_the_console_neither_renames_nor_reroutes(client: Client, project: Project) -> None:
    llm = make.make_llm(project, "gpt-4o")
    root = make.make_user("root", is_superuser=True, is_staff=True)
    other = registered(root, "other")
    assert other.registration is not None
    client.force_login(root)
    page = f"/admin/projects/llm/{llm.id}/change/"
    client.post(page, {"key": "other-key", "name": "GPT", "provider": "OPEN_AI"})
    llm.refresh_from_db()
    assert (llm.key, llms.attached(project, "gpt-4o").provider) == ("gpt-4o", "")
    link = ProjectLlm.objects.get(project=project, llm=llm)
    answered = {"project": project.id, "llm": llm.id, "registration": other.registration.id}
    said = client.post(f"/admin/projects/projectllm/{link.id}/change/", answered)
    assert said.status_code == 403
    assert ProjectLlm.objects.get(pk=link.pk).registration_id == link.registration_id


@pytest.mark.django_db(transaction=True)
def test_two_who_register_at_once_get_one_each_and_an_owner_one(project: Project) -> None:
    alice, bob = project.shares.get().team.memberships.get().user, make.make_user("bea")
    faults: list[str] = []
    start = threading.Barrier(6)

    def register(owner: User) -> None:
        start.wait()
        try:
            registered(owner, "big")
        except Exception as error:
            faults.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=register, args=(one,)) for one in (alice, bob) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == ["name: a model with the key big exists"] * 4
    assert Registration.objects.filter(llm__key="big").count() == 2


def test_a_model_registered_twice_is_found_by_the_id_clients_know(
    alice: User, alice_key: str, project: Project
) -> None:
    make.make_interaction(project, llm=make.make_llm(project, "big"))
    llm = registered(alice, "big")
    project_llms.attach(Caller(alice), project, "big")
    one = ask(
        alice_key,
        """query ($m: String!) { completions(page: {}, filter: {project: "maple", advancedFilter:
        {and: [{model: {in: [$m]}}]}}) { nodes { model { id key } } } }""".replace(
            "$m: String!", "$m: IdOrKey!"
        ),
        m=str(llm.shown_id),
    )
    assert one["nodes"] == [{"model": {"id": str(llm.shown_id), "key": "big"}}]


def test_teams_are_named_by_their_members_alone(alice: User, charlie: User) -> None:
    assert people.team("solo")
    make.make_team("hers", {alice: "owner"})
    assert [
        team.key for team in Team.objects.where_may(Caller(alice), *project_llms.MAY_SHARE)
    ] == ["hers"]
    assert list(Team.objects.where_may(Caller(charlie), *project_llms.MAY_SHARE)) == []
