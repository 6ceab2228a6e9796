"""A model that is off line in a project: not asked there until it is put on line again."""

from django.test import Client

from projects.models import Project, User
from projects.services import llms
from tests import make
from tests.asking import ask
from tests.auditing import verbs_told
from tests.projects.services.test_taking_names import MODELS, chat, registered
from tests.upstream import upstream, whole


def test_an_offline_model_is_not_asked_until_it_is_online_again(
    client: Client, alice: User, alice_key: str, project: Project
) -> None:
    update = (
        "mutation ($i: UpdateModelService!) { updateModelService(input: $i) { desiredOnline } }"
    )
    with upstream() as hers:
        hers.answer = whole("Hers.")
        llms.attach(project, registered(alice, "big", hers.url))
        wanted = {"project": "maple", "modelService": "big"}
        ask(alice_key, update, i={**wanted, "desiredOnline": False})
        said = chat(alice_key, "maple/big")
        assert said.status_code == 400
        assert "the model big is offline in this project" in said.json()["error"]
        assert hers.seen == []
        shown = {one["key"]: one["online"] for one in ask(alice_key, MODELS)}
        assert shown["big"] == "OFFLINE"
        client.force_login(alice)
        assert "offline" in client.get("/projects/maple/models/").text
        listed = client.get("/api/v1/models", headers={"Authorization": f"Bearer {alice_key}"})
        assert "maple/big" not in [one["id"] for one in listed.json()["data"]]
        make.make_interaction(project, llm=llms.attached(project, "big"))  # by hand it is logged
        url = f"/projects/maple/models/{llms.attached(project, 'big').uuid}/online/"
        assert client.post(url, {"is_online": "1"}).status_code == 302
        assert chat(alice_key, "maple/big").status_code == 200
        assert client.post(url, {"is_online": "0"}).status_code == 302
        assert chat(alice_key, "maple/big").status_code == 400
        # The echo, too.
        echo = {**wanted, "modelService": "echo", "desiredOnline": False}
        ask(alice_key, update, i=echo)
        assert chat(alice_key, "maple/echo").status_code == 400
    assert verbs_told("model.online")


def test_only_managers_put_a_model_off_line(client: Client, bob: User, project: Project) -> None:
    make.make_llm(project, "big")
    client.force_login(bob)
    url = f"/projects/maple/models/{llms.attached(project, 'big').uuid}/online/"
    assert client.post(url, {"is_online": "0"}).status_code == 403
