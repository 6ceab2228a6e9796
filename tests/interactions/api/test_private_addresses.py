"""Attacks through a provider's address: the network behind this server is not looked around in."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import DefaultResolver, web
from django.test import Client
from pytest_django import Settings

from interactions.providers.hops import HOPS_HEADER, MAX_HOPS
from projects.models import Project, Registration, User
from projects.services import llm_registration, llms
from tests import make
from tests.asking import ask as graphql
from tests.asking import refused
from tests.interactions.asking import ask
from tests.upstream import KEY, Upstream, upstream

pytestmark = pytest.mark.django_db

ADD = "mutation ($i: AddExternalModelInput!) { addExternalModel(input: $i) { id key } }"
INSIDE = [
    "http://127.0.0.1:22", "http://127.0.0.1:{port}/v1", "http://[::1]:{port}", "http://0.0.0.0:80",
    "http://localhost:{port}", "http://169.254.169.254/latest", "http://[fd00:ec2::254]",
    "http://[::ffff:127.0.0.1]:{port}", "http://2130706433:{port}", "http://0x7f.1:{port}",
    "http://10.0.0.1", "http://192.168.1.1:8080", "http://100.64.0.1", "http://224.0.0.1",
]  # fmt: skip


@pytest.fixture(autouse=True)
def as_on_a_server(settings: Settings) -> None:
    settings.PRIVATE_PROVIDERS = "admins"


@pytest.fixture
def inside() -> Iterator[Upstream]:
    """What nobody but an administrator may reach."""
    with upstream() as running:
        yield running


def port_of(inside: Upstream) -> str:
    return inside.url.rpartition(":")[2].partition("/")[0]


def given(url: str, *, by_extra: bool = False) -> dict[str, Any]:
    where: dict[str, Any] = {"extraParams": {"base_url": url}} if by_extra else {"endpoint": url}
    data = {"apiKey": KEY, "externalModelId": "m", **where}
    return {"name": "scan", "provider": "OPEN_AI", "providerData": {"openAI": data}}


def test_nobody_registers_what_is_inside_by_any_door(
    client: Client, alice: User, alice_key: str, project: Project, inside: Upstream
) -> None:
    client.force_login(alice)
    said = set()
    for url in (one.format(port=port_of(inside)) for one in INSIDE):
        said.add(refused(alice_key, ADD, i=given(url)))
        said.add(refused(alice_key, ADD, i=given(url, by_extra=True)))
    for url in (INSIDE[0], "http://169.254.169.254"):
        form = {"name": "scan", "provider": "OPEN_AI", "external_id": "m", "base_url": url}
        page = client.post("/projects/maple/models/register/", form)
        assert page.status_code == 422
        assert list(page.context["page"].form.errors) == ["base_url"]
    assert len(said) == 2  # what is there or not makes no difference: blocked, or written oddly
    assert not Registration.objects.filter(name="scan").exists()
    assert inside.seen == []


def private(project: Project, url: str, owner: User) -> None:
    """A model at this address that was registered before the setting forbade it."""
    llm = llm_registration.register_external(
        name="Big", provider="OPEN_AI", external_id="m", api_key=KEY, base_url="", owner=owner
    )
    assert llm.registration is not None
    Registration.objects.filter(id=llm.registration.id).update(base_url=url)
    llms.attach(project, llm)


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_inside_that_is_there_already_is_not_asked(
    alice: User, alice_key: str, project: Project, inside: Upstream, stream: bool
) -> None:
    private(project, inside.url, alice)
    answers = set()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        shut = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    for url in (inside.url, shut, "http://169.254.169.254/v1"):
        Registration.objects.filter(name="Big").update(base_url=url)
        answer = ask(alice_key, stream=stream)
        answers.add((answer.status_code, answer.text))
        answer = ask(alice_key, path="/api/v1/embeddings", input="x", messages=None)
        assert answer.status_code == 403
    assert len(answers) == 1
    assert inside.seen == []
    Registration.objects.filter(name="Big").update(may_be_private=True)
    Registration.objects.filter(name="Big").update(base_url=inside.url)
    assert ask(alice_key).status_code == 200


class Rebinding:
    """A name server whose host is public when it is looked at, and private when it counts."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        self.asked += 1
        address = self.addresses[min(self.asked, len(self.addresses)) - 1]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            {
                "hostname": host, "host": address, "port": port, "family": kind,
                "proto": 0, "flags": socket.AI_NUMERICHOST,
            }
        ]  # fmt: skip


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1", "0.0.0.0"]
)
def test_a_name_that_leads_inside_is_as_one_that_leads_nowhere(
    alice: User, alice_key: str, project: Project, inside: Upstream,
    monkeypatch: pytest.MonkeyPatch, address: str,
) -> None:  # fmt: skip
    """The name server stands in for the world's; what it says is what would be connected to."""
    names = Rebinding(address)
    monkeypatch.setattr(DefaultResolver, "resolve", lambda self, *a, **k: names.resolve(*a, **k))
    private(project, f"http://rebind.example.com:{port_of(inside)}/v1", alice)
    answer = ask(alice_key)
    assert names.asked == 1
    assert inside.seen == []

    async def nowhere(self: object, *args: object, **more: object) -> list[dict[str, Any]]:
        raise OSError(None, "no such host")

    monkeypatch.setattr(DefaultResolver, "resolve", nowhere)
    none = ask(alice_key)
    assert (answer.status_code, answer.text) == (none.status_code, none.text)
    assert "no address that may be asked" in none.text


def test_a_redirect_leads_nowhere(
    alice_key: str, project: Project, inside: Upstream, settings: Settings
) -> None:
    root = make.make_user("root", is_superuser=True)
    with upstream() as outside:

        async def elsewhere(request: web.Request) -> web.StreamResponse:
            return web.Response(status=307, headers={"Location": inside.url})

        outside.answer = elsewhere
        private(project, outside.url, root)
        Registration.objects.filter(name="Big").update(may_be_private=True)
        assert ask(alice_key).status_code == 502
        assert len(outside.seen) == 1
    assert inside.seen == []


def test_an_administrators_model_may_be_on_this_machine(
    alice_key: str, project: Project, inside: Upstream
) -> None:
    root = make.make_user("root", is_superuser=True)
    assert graphql(make.make_key(root), ADD, i=given(inside.url))["key"] == "scan"
    llm = Registration.objects.get(name="scan").llm
    llm.registration = Registration.objects.get(name="scan")
    llms.attach(project, llm)
    assert ask(alice_key, model="maple/scan").status_code == 200
    for never in ("http://169.254.169.254", "http://0.0.0.0:1", "http://[fd00:ec2::254]"):
        assert "may not be asked" in refused(make.make_key(root), ADD, i=given(never))


@pytest.mark.parametrize(("setting", "may"), [("on", True), ("off", False), ("127.0.0.0/8", True)])
def test_the_operator_may_say_otherwise(
    alice_key: str, project: Project, inside: Upstream, settings: Settings, setting: str, may: bool
) -> None:
    settings.PRIVATE_PROVIDERS = setting
    if not may:
        assert "may not be asked" in refused(alice_key, ADD, i=given(inside.url))
        return
    graphql(alice_key, ADD, i=given(inside.url))
    attach = "mutation ($i: DeployModelInput!) { deployModel(input: $i) { id } }"
    graphql(alice_key, attach, i={"project": "maple", "model": "scan"})
    assert ask(alice_key, model="maple/scan").status_code == 200


def test_the_console_lets_an_administrator_say_which_is_private(client: Client) -> None:
    client.force_login(make.make_user("root", is_superuser=True, is_staff=True))
    llm = make.make_llm(make.make_project("birch"), "local")
    form = {
        "llm": llm.id, "name": "Local", "provider": "OPEN_AI", "external_id": "m",
        "base_url": "http://127.0.0.1:11434/v1", "extra_params": "{}",
    }  # fmt: skip
    said = client.post("/admin/projects/registration/add/", form)
    assert "may not be asked" in said.text
    made = client.post("/admin/projects/registration/add/", form | {"may_be_private": "on"})
    assert made.status_code == 302
    assert Registration.objects.get(name="Local").may_be_private


def test_hops_are_counted_and_a_loop_ends(
    alice_key: str, project: Project, inside: Upstream
) -> None:
    private(project, inside.url, make.make_user("root", is_superuser=True))
    Registration.objects.filter(name="Big").update(may_be_private=True)
    for header, next in ((None, "1"), ("2", "3"), ("1, 2", "3")):
        assert ask(alice_key, headers={HOPS_HEADER: header} if header else {}).status_code == 200
        assert inside.seen[-1].headers[HOPS_HEADER.lower()] == next
    for header in (str(MAX_HOPS), "99", "1, 99", "x", "-1", "9" * 5_000, "0" * 5_000):
        for stream in (False, True):
            answer = ask(alice_key, headers={HOPS_HEADER: header}, stream=stream)
            assert answer.status_code == 508
            assert "leads back here" in answer.text
    embedding = ask(
        alice_key, path="/api/v1/embeddings", input="x", messages=None, headers={HOPS_HEADER: "4"}
    )
    assert embedding.status_code == 508
    assert len(inside.seen) == 3
