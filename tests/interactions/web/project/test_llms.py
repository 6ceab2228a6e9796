"""The Models page: what there is, and what owners may change."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interactions.web.project.llms import MOST_SHOWN
from projects.models import Event, Llm, Project, ProjectLlm, Registration, User
from projects.services import llm_registration, llms
from tests import make

URL = "/projects/maple/models/"
SECRET = "sk-a-secret-of-the-tests"
VALID = {
    "name": "GPT 4o",
    "provider": "OPEN_AI",
    "external_id": "gpt-4o-2024",
    "base_url": "http://127.0.0.1:9/v1/",
    "api_key": SECRET,
    "extra_params": '{"temperature": 0}',
}


def register(client: Client, **changed: str) -> Any:
    return client.post(f"{URL}register/", VALID | changed)


def external(project: Project | None, name: str, owner: User | None = None) -> Llm:
    """A model at a provider; attached to `project`, if one is given."""
    llm = llm_registration.register_external(
        name=name, provider="OPEN_AI", external_id=name, api_key=SECRET, base_url="", owner=owner
    )
    if project is not None:
        llms.attach(project, llm)
    return llm


def test_the_page_says_who_answers_and_how_often(
    client: Client, bob: User, project: Project
) -> None:
    llm = external(project, "gpt-4o")
    llms.set_default(project, llm)
    make.make_interaction(project, llm=llm)
    make.make_llm(project, "only-a-name")
    client.force_login(bob)
    lines = {line.llm.key: line for line in client.get(URL).context["page"].lines}
    assert lines["gpt-4o"].link.is_default
    assert (lines["gpt-4o"].provider, lines["gpt-4o"].n) == ("OpenAI-compatible", 1)
    assert (lines["only-a-name"].provider, lines["only-a-name"].n) == ("only logged", 0)


def test_an_owner_registers_a_model_and_its_key_is_never_shown(
    client: Client, alice: User, project: Project
) -> None:
    client.force_login(alice)
    answer = register(client, is_default="on")
    assert answer.status_code == 302
    link = ProjectLlm.objects.select_related("llm").get(project=project, llm__key="gpt-4o")
    assert link.is_default
    llm = link.resolved
    assert (llm.shown_name, llm.external_id) == ("GPT 4o", "gpt-4o-2024")
    assert (llm.base_url, llm.extra_params) == (
        "http://127.0.0.1:9/v1", {"temperature": 0},
    )  # fmt: skip
    text = client.get(URL).text
    assert "GPT 4o" in text
    assert SECRET not in text
    assert SECRET.encode() not in llm.encrypted_api_key
    event = Event.objects.get(verb="model.registered")
    assert (event.actor, event.subject) == (alice, "gpt-4o")
    assert SECRET not in str(event.details)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "echo"),
        ("name", "日本"),
        ("name", "taken"),
        ("provider", "ECHO"),
        ("external_id", ""),
        ("base_url", "ftp://example.org"),
        ("base_url", "http://user:password@example.org/v1"),
        ("api_key", "two words"),
        ("extra_params", "{"),
        ("extra_params", "[1]"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    client: Client, alice: User, project: Project, field: str, value: str
) -> None:
    external(project, "taken")
    before = Registration.objects.count()
    client.force_login(alice)
    answer = register(client, **{field: value})
    assert answer.status_code == 422
    assert list(answer.context["page"].form.errors) == [field]
    assert "gpt-4o-2024" in answer.text or field == "external_id"  # what was typed stays
    assert SECRET not in answer.text
    assert Registration.objects.count() == before


def test_an_owner_attaches_detaches_and_chooses_the_default(
    client: Client, alice: User, project: Project
) -> None:
    llm = external(make.make_project("birch", owner=alice), "gpt-4o", alice)
    client.force_login(alice)
    assert client.post(f"{URL}attach/", {"model": str(llm.shown_id)}).status_code == 302
    assert client.post(f"{URL}{llm.uuid}/default/").status_code == 302
    assert ProjectLlm.objects.get(project=project, is_default=True).llm == llm
    assert client.post(f"{URL}{llm.uuid}/default/", {"is_default": "0"}).status_code == 302
    assert not ProjectLlm.objects.filter(project=project, is_default=True).exists()
    assert client.post(f"{URL}{llm.uuid}/detach/").status_code == 302
    assert client.post(f"{URL}{llm.uuid}/detach/").status_code == 404
    verbs = Event.objects.filter(project=project).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["model.attached", "model.default", "model.default", "model.detached"]


def test_a_strangers_model_cannot_be_borrowed(
    client: Client, alice: User, project: Project, charlies_project: Project
) -> None:
    llm = external(charlies_project, "theirs")
    client.force_login(alice)
    assert llm.key not in client.get(URL).text
    assert client.post(f"{URL}attach/", {"model": str(llm.uuid)}).status_code == 404
    assert not ProjectLlm.objects.filter(project=project, llm=llm).exists()


@pytest.mark.parametrize("path", ["register/", "attach/", "{id}/detach/", "{id}/default/"])
def test_members_see_but_cannot_change(
    client: Client, bob: User, charlie: User, project: Project, path: str
) -> None:
    llm = external(project, "gpt-4o")
    address = URL + path.format(id=llm.uuid)
    client.force_login(bob)
    assert "Register" not in client.get(URL).text
    assert client.post(address, VALID).status_code == 403
    client.force_login(charlie)
    assert client.get(URL).status_code == 404
    assert client.post(address, VALID).status_code == 404
    assert client.get(address).status_code == 405


def test_the_page_needs_as_many_queries_for_many_models_as_for_one(
    client: Client, alice: User, project: Project
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(URL).status_code == 200
        return len(captured)

    other = make.make_project("birch", owner=alice)
    external(project, "first")
    external(other, "elsewhere")
    client.force_login(alice)
    few = queries()
    for number in range(8):
        llm = external(project, f"model-{number}")
        external(other, f"other-{number}")
        make.make_interaction(project, llm=llm)
    assert queries() == few


def test_many_models_are_found_by_name(
    client: Client, bob: User, charlie: User, project: Project
) -> None:
    for n in range(MOST_SHOWN + 5):
        make.make_llm(project, f"llama-{n}")
    client.force_login(bob)
    page = client.get(URL).context["page"]
    assert (len(page.first), len(page.rest)) == (MOST_SHOWN, len(page.lines) - MOST_SHOWN)
    assert f"<summary>{len(page.rest)} more models</summary>" in client.get(URL).text
    found = client.get(URL, {"find": " LLAMA-44 "})
    assert [line.llm.key for line in found.context["page"].found] == ["llama-44"]
    assert "more models" not in found.text
    assert "No model here has that name" in client.get(URL, {"find": "\0<b>"}).text
    client.force_login(charlie)
    assert client.get(URL, {"find": "llama"}).status_code == 404
