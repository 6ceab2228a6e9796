"""Attacks on the keys of models: what somebody registers is not attached in place of another's."""

import pytest
from django.test import Client

from projects.models import Project, ProjectLlm, Team, User
from projects.services import llms, project_llms
from projects.services.access import Caller
from tests import make
from tests.asking import answer, ask, refused
from tests.projects.services.test_taking_names import (
    ADD_OLD,
    ATTACH,
    ATTACH_OLD,
    DEPLOY,
    MODEL,
    registered,
)

EVIL = "https://evil.example/v1"


def refusals(key: str, client: Client, use_case: str, model: str) -> list[str]:
    """What each door says that does not attach a model; "" of one that does."""
    tries = {
        "addModelsToProject": (ATTACH, {"project": use_case, "models": [model]}),
        "deployModel": (DEPLOY, {"project": use_case, "model": model}),
        "attachModel": (ATTACH_OLD, {"useCase": use_case, "model": model, "attached": True}),
        "addModelToUseCase": (ADD_OLD, {"useCase": use_case, "model": model}),
    }
    said = []
    for door, (query, variables) in tries.items():
        told = answer(key, query, i=variables)
        if told.get("errors"):
            said.append(told["errors"][0]["message"])
        else:
            done = told["data"][door]
            failures = done["failures"] if door == "addModelsToProject" else None
            said.append(failures[0]["reason"] if failures else "")
    page = client.post(f"/projects/{use_case}/models/attach/", {"model": model})
    return [*said, "" if page.status_code == 302 else page.text]


@pytest.mark.parametrize("by", ["administrator", "editor"])
def test_an_unshared_registration_of_a_strangers_never_answers_to_a_key(
    client: Client, charlie: User, alice: User, project: Project, by: str
) -> None:
    """Whoever shared with everybody first, and whoever attaches."""
    root = make.make_user("root", is_superuser=True, is_staff=True)
    house = registered(root, "atk-claude", "https://house.example/v1")
    assert house.registration is not None
    project_llms.share(Caller(root), house.registration, teams=[], is_for_all=True)
    registered(charlie, "atk-claude", EVIL)
    actor = make.make_user("second", is_superuser=True) if by == "administrator" else alice
    seen = ask(make.make_key(actor), MODEL, m="atk-claude")
    assert seen["id"] == str(house.shown_id)
    client.force_login(actor)
    assert refusals(make.make_key(actor), client, "maple", "atk-claude") == [""] * 5
    assert llms.attached(project, "atk-claude").base_url == "https://house.example/v1"


def test_what_only_strangers_registered_is_attached_by_its_id_alone(
    client: Client, charlie: User, project: Project
) -> None:
    theirs = registered(charlie, "atk-claude", EVIL)
    make.make_llm(project, "atk-logged")
    registered(charlie, "atk-logged", EVIL)
    root = make.make_user("root", is_superuser=True)
    key = make.make_key(root)
    client.force_login(root)
    assert all("not found" in said.lower() for said in refusals(key, client, "maple", "atk-claude"))
    refusals(key, client, "maple", "atk-logged")  # a name that is logged stays a name
    assert llms.attached(project, "atk-logged").provider == ""
    assert refusals(key, client, "maple", str(theirs.shown_id)) == [""] * 5


def test_of_several_lent_by_one_key_none_is_chosen_silently(
    client: Client, alice: User, bob: User, alice_key: str, project: Project
) -> None:
    root = make.make_user("root", is_superuser=True)
    house, bobs = registered(root, "atk-gpt"), registered(bob, "atk-gpt", EVIL)
    assert house.registration is not None and bobs.registration is not None
    project_llms.share(Caller(root), house.registration, teams=[], is_for_all=True)
    team = make.make_team("both", {alice: "owner", bob: "editor"})
    project_llms.share(Caller(bob), bobs.registration, teams=[team], is_for_all=None)
    client.force_login(alice)
    for said in refusals(alice_key, client, "maple", "atk-gpt"):
        assert "several models have this key; name one by its id" in said
        assert str(house.shown_id) in said
        assert str(bobs.shown_id) in said
    assert not ProjectLlm.objects.filter(project=project, llm__key="atk-gpt").exists()
    assert "by its id" in refused(alice_key, MODEL, m="atk-gpt")
    hers = registered(alice, "atk-gpt")
    assert refusals(alice_key, client, "maple", "atk-gpt") == [""] * 5
    assert llms.attached(project, "atk-gpt").registration == hers.registration


def test_who_only_reads_in_a_team_plants_no_model_there(
    client: Client, alice: User, alice_key: str, charlie: User, charlies_project: Project,
    project: Project,
) -> None:  # fmt: skip
    planted = registered(charlie, "atk-gpt", EVIL)
    team = make.make_team("maple-owners", {charlie: "viewer"})
    client.force_login(charlie)
    url = f"/projects/cherry/models/{planted.shown_id}/share/"
    page = client.post(url, {"team": str(team.uuid)})
    assert page.status_code == 403
    assert "interaction:create or project:manage in the team maple-owners" in page.text
    assert team not in Team.objects.where_may(Caller(charlie), *project_llms.MAY_SHARE)
    assert "not found" in refused(
        alice_key, ADD_OLD, i={"useCase": "maple", "model": "atk-gpt"}
    )  # fmt: skip
    make.make_team("maple-owners", {charlie: "editor"})
    assert client.post(url, {"team": str(team.uuid)}).status_code == 302
