"""Models through GraphQL: the registry, and what projects use of it."""

import json
from typing import Any

import pytest

from projects.models import Llm, Project, ProjectLlm, Registration, User
from projects.services import encryption, llms
from tests.asking import answer, ask, refused
from tests.make import make_key, make_llm, make_project, make_user

MODEL = """fragment M on Model {
  id key name online error isExternal providerName isAdapter isTraining createdAt size
  computeConfig { tp kvCacheLen maxSeqLen } projects { id key name } backbone { id }
}"""
LIST = "query ($f: ModelFilter!) { models(filter: $f) { ...M } }" + MODEL
GET = "query ($m: IdOrKey!) { model(idOrKey: $m) { ...M } }" + MODEL
ADD = "mutation ($i: AddExternalModelInput!) { addExternalModel(input: $i) { ...M } }" + MODEL
ATTACH = """mutation ($i: AddModelsToProjectInput!) { addModelsToProject(input: $i) {
    success failures { model reason } } }"""
DETACH = "mutation ($i: RemoveModelFromProjectInput!) { removeModelFromProject(input: $i) }"
SERVICE = "id key name isDefault desiredOnline createdAt attached model { key }"
DEPLOY = """mutation ($i: DeployModelInput!) { deployModel(input: $i) {
    %s modelService { %s } warnings } }""" % (SERVICE, SERVICE)  # noqa: UP031
UPDATE = "mutation ($i: UpdateModelService!) { updateModelService(input: $i) { %s } }" % SERVICE  # noqa: UP031
OPEN_AI = {
    "name": "GPT 4o",
    "provider": "OPEN_AI",
    "providerData": {
        "openAI": {
            "apiKey": "sk-secret",
            "externalModelId": "gpt-4o",
            "extraParams": {"base_url": "https://models.example/v1", "seed": 7},
        }
    },
}
GOOGLE = {"apiKey": "g", "externalModelId": "gemini"}


def keys(shown: list[dict[str, Any]]) -> list[str]:
    return [one["key"] for one in shown]


def test_an_external_model_is_registered_and_its_secret_kept(
    project: Project, alice_key: str
) -> None:
    told = answer(alice_key, ADD, i=OPEN_AI)
    assert "sk-secret" not in json.dumps(told)
    made = told["data"]["addExternalModel"]
    assert (made["key"], made["name"], made["online"]) == ("gpt-4o", "GPT 4o", "ONLINE")
    assert (made["isExternal"], made["providerName"]) == (True, "OPEN_AI")
    assert made["projects"] == []
    llm = Registration.objects.get(llm__key="gpt-4o")
    assert llm.base_url == "https://models.example/v1"
    assert llm.extra_params == {"seed": 7}
    assert llm.external_id == "gpt-4o"
    assert encryption.unseal(llm.encrypted_api_key) == "sk-secret"
    assert "exists" in refused(alice_key, ADD, i=OPEN_AI)
    other = {"name": "gemini", "provider": "GOOGLE", "providerData": {"google": GOOGLE}}
    assert ask(alice_key, ADD, i=other)["providerName"] == "GOOGLE"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "###"},
        {"providerData": None},
        {"providerData": {}},
        {"providerData": {"openAI": GOOGLE, "google": GOOGLE}},
        {"providerData": {"openAI": {"apiKey": "k", "externalModelId": "x", "endpoint": "ftp://x"}}},
        {"providerData": {"openAI": {"apiKey": "k", "externalModelId": "x", "extraParams": [1]}}},
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_registered_is_refused(
    project: Project, alice_key: str, change: dict[str, Any]
) -> None:
    before = Llm.objects.count()
    assert refused(alice_key, ADD, i={**OPEN_AI, **change})
    assert Llm.objects.count() == before


def test_models_of_others_are_neither_seen_nor_lent(
    project: Project, charlies_project: Project, alice_key: str, charlie_key: str
) -> None:
    ask(alice_key, ADD, i=OPEN_AI)
    assert ask(alice_key, ATTACH, i={"project": "maple", "models": ["gpt-4o"]})["success"]
    assert "gpt-4o" in keys(ask(alice_key, LIST, f={}))
    assert "gpt-4o" not in keys(ask(charlie_key, LIST, f={}))
    assert ask(charlie_key, GET, m="gpt-4o") is None
    told = ask(charlie_key, ATTACH, i={"project": "cherry", "models": ["gpt-4o", "absent"]})
    assert told["success"] is False
    reason = "EntityNotFound: model not found or not attached"
    assert told["failures"] == [
        {"model": "gpt-4o", "reason": reason},
        {"model": "absent", "reason": reason},
    ]
    assert refused(charlie_key, DEPLOY, i={"project": "cherry", "model": "gpt-4o"}) == reason
    assert ProjectLlm.objects.filter(project=charlies_project, llm__key="gpt-4o").count() == 0
    nobody = make_key(make_user("eve"))
    assert "project:manage" in refused(nobody, ADD, i={**OPEN_AI, "name": "x"})


def test_a_model_is_deployed_made_default_and_removed(project: Project, alice_key: str) -> None:
    ask(alice_key, ADD, i=OPEN_AI)
    made = ask(
        alice_key,
        DEPLOY,
        i={"project": "maple", "model": "gpt-4o", "wait": True, "placement": None},
    )
    assert made["modelService"] == {name: made[name] for name in made["modelService"]}
    assert (made["key"], made["warnings"], made["attached"]) == ("gpt-4o", [], True)
    again = ask(alice_key, DEPLOY, i={"useCase": "maple", "model": "gpt-4o"})
    assert again["id"] == made["id"]
    assert llms.attached(project, made["id"]).key == "gpt-4o"
    change = {"project": "maple", "modelService": "gpt-4o"}
    assert ask(alice_key, UPDATE, i={**change, "isDefault": True})["isDefault"] is True
    assert ProjectLlm.objects.filter(project=project, is_default=True).count() == 1
    kept = ask(alice_key, UPDATE, i={**change, "isDefault": None, "desiredOnline": False})
    assert (kept["isDefault"], kept["desiredOnline"]) == (True, False)
    by_id = {"project": "maple", "modelService": made["id"], "isDefault": False}
    assert ask(alice_key, UPDATE, i=by_id)["isDefault"] is False
    assert "name" in refused(alice_key, UPDATE, i={**change, "name": "x"})
    assert ask(alice_key, DETACH, i={"project": "maple", "model": "gpt-4o"}) is True
    said = refused(alice_key, DETACH, i={"project": "maple", "model": "gpt-4o"})
    assert said == "EntityNotFound: model not found or not attached"
    assert ask(alice_key, GET, m="gpt-4o")["projects"] == []


def test_members_use_models_and_do_not_change_them(
    project: Project, bob_key: str, charlie_key: str
) -> None:
    make_llm(project, "gpt")
    assert ask(bob_key, GET, m="gpt")["projects"][0]["key"] == "maple"
    for query, given in (
        (ATTACH, {"project": "maple", "models": ["gpt"]}),
        (DETACH, {"project": "maple", "model": "gpt"}),
        (DEPLOY, {"project": "maple", "model": "gpt"}),
        (UPDATE, {"project": "maple", "modelService": "gpt"}),
    ):
        assert "project:manage" in refused(bob_key, query, i=given)
        assert "project not found" in refused(charlie_key, query, i=given)


def test_older_clients_attach_one_by_one(project: Project, alice_key: str) -> None:
    ask(alice_key, ADD, i=OPEN_AI)
    given = {"useCase": "maple", "model": "gpt-4o"}
    add = "mutation ($i: AddModelToUseCaseInput!) { addModelToUseCase(input: $i) }"
    remove = "mutation ($i: RemoveModelFromUseCaseInput!) { removeModelFromUseCase(input: $i) }"
    oldest = "mutation ($i: AttachModel!) { attachModel(input: $i) { attached } }"
    assert ask(alice_key, add, i=given) is True
    assert ask(alice_key, add, i=given) is True
    assert ask(alice_key, remove, i=given) is True
    assert ask(alice_key, oldest, i={**given, "attached": True}) == {"attached": True}
    assert ask(alice_key, oldest, i={**given, "attached": False}) == {"attached": False}
    assert not ProjectLlm.objects.filter(project=project, llm__key="gpt-4o").exists()


def test_filters_of_models(project: Project, alice_key: str) -> None:
    llms.attach_echo(project)
    make_llm(project, "only-a-name")
    ask(alice_key, ADD, i=OPEN_AI)
    every = ["echo", "gpt-4o", "only-a-name"]
    for given, expected in (
        ({}, every),
        ({"capabilities": {"any": ["TextGeneration"]}, "viewAll": False, "online": None}, every),
        ({"trainable": True}, []),
        ({"available": True}, ["echo", "gpt-4o"]),
        ({"inStorage": True}, ["echo", "only-a-name"]),
        ({"online": ["OFFLINE", "ERROR"]}, ["only-a-name"]),
    ):
        assert keys(ask(alice_key, LIST, f=given)) == expected, given
    shown = {one["key"]: one for one in ask(alice_key, LIST, f={})}
    assert shown["echo"]["providerName"] == "HARMONY"
    assert shown["echo"]["isExternal"] is False


def test_what_only_self_hosted_models_need_does_no_harm(project: Project, alice_key: str) -> None:
    make_llm(project, "gpt")
    compute = """mutation { updateModelComputeConfig(idOrKey: "gpt", input: {tp: 2}) { key } }"""
    assert ask(alice_key, compute) == {"key": "gpt"}
    assert ask(alice_key, 'mutation { terminateModel(idOrKey: "gpt", force: true) }') == "gpt"
    said = refused(alice_key, 'mutation { terminateModel(idOrKey: "absent", force: true) }')
    assert said.startswith("EntityNotFound: model")


def test_lists_of_models_cost_no_query_a_model(
    alice: User, project: Project, alice_key: str, django_assert_max_num_queries: Any
) -> None:
    other = make_project("other", owner=alice)
    for number in range(8):
        make_llm(project, f"model-{number}")
        make_llm(other, f"model-{number}")
    query = (
        """{ models(filter: {}) { key projects { key modelServices { key model { key } } } } }"""
    )
    with django_assert_max_num_queries(8):
        shown = ask(alice_key, query)
    assert len(shown[-1]["projects"]) == 2
