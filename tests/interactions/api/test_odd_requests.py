"""What cannot be kept is refused by its name; the gateway bears what it can."""

from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from django.test import Client

from adaptive_site.lib.errors import Invalid
from interactions.models import Interaction
from interactions.textindex import upkeep
from projects.models import Project, User
from tests import make
from tests.interactions.asking import make_external
from tests.interactions.serving import body, exact, imported, log, served
from tests.upstream import Upstream, whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client, alice: User, project: Project) -> Client:
    client.force_login(alice)
    make.make_metric(project)
    return client


REFUSED = [
    (body('{"role":"user","content":"hi","a":{"b":1,"b":2}}'), "messages.0.a.b"),
    (body('{"role":"user","content":"\\ud83d"}'), "messages.0.content"),
    (body(completion='"\\ude00"'), "completion"),
    (body('{"role":"user","content":"hi","weight":1e1000}'), "messages.0.weight"),
    (body('{"role":"user","content":"hi","weight":%s}' % ("9" * 1001)), "messages.0.weight"),
    ('{"project":"maple","project":"oak"}', "project"),
]


@pytest.mark.parametrize(("given", "field"), REFUSED)
def test_what_could_not_be_kept_is_refused_by_name(
    alice_key: str, project: Project, given: str, field: str
) -> None:
    assert str(log(alice_key, given, 400)["error"]).startswith(f"{field}: ")
    with pytest.raises(Invalid) as caught:
        imported(project, given.encode())
    assert caught.value.field == field
    assert not Interaction.objects.in_project(project).exists()


@pytest.mark.parametrize(
    "value", ["1e400", "9007199254740993", "0.12345678901234567890", "1e99999"]
)
def test_feedback_is_a_number_that_a_double_holds(
    alice_key: str, project: Project, value: str
) -> None:
    make.make_metric(project, "score", "SCALAR")
    given = f'{{"metric":"score","value":{value}}}'
    whole = body()[:-1] + f',"feedbacks":[{given}]}}'
    assert "feedbacks.0.value" in log(alice_key, whole, 400)["error"]
    kept = body()[:-1] + ',"feedbacks":[{"metric":"score","value":18446744073709551616}]}'
    log(alice_key, kept)


def told(provider: Upstream, answer: Any) -> list[bytes]:
    """What the provider is sent, letter for letter."""
    seen: list[bytes] = []

    async def listening(request: web.Request) -> web.StreamResponse:
        seen.append(await request.read())
        return await answer(request)  # type: ignore[no-any-return]

    provider.answer = listening
    return seen


@pytest.mark.parametrize("number", ["18446744073709551616", "1e25", "3.14159265358979323846"])
def test_the_gateway_passes_numbers_on_and_logs_them(
    reader: Client, alice_key: str, project: Project, provider: Upstream, number: str
) -> None:
    make_external(project, provider)
    seen = told(provider, whole('{"title":"x \\ud83d"}'))
    message = f'{{"role":"user","content":"hi","weight":{number}}}'
    sent = f'{{"model":"maple/big","messages":[{message}],"seed":{number},"temperature":{number}}}'
    answer = chat(alice_key, sent)
    assert answer.status_code == 200, answer.text
    assert exact(seen[0])["seed"] == exact(seen[0])["temperature"] == Decimal(number)
    assert exact(seen[0])["messages"] == [exact(message)]
    line = served(reader, alice_key, answer.json()["id"], answer.json()["session_id"])
    assert line["parameters"] == {"seed": Decimal(number), "temperature": Decimal(number)}
    assert line["messages"] == [exact(message)]
    assert line["completion"] == '{"title":"x \\ud83d"}'


def chat(key: str, sent: str) -> Any:
    return Client().post(
        "/api/v1/chat/completions",
        sent,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )


def test_the_gateway_bears_what_it_cannot_keep(
    reader: Client, alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    seen = told(provider, whole("fine"))
    sent = (
        '{"model":"maple/big","messages":[{"role":"user","content":"cut \\ud83d"}],'
        '"logit_bias":{"1":1,"1":2}}'
    )
    answer = chat(alice_key, sent)
    assert answer.status_code == 200, answer.text
    assert exact(seen[0])["messages"][0]["content"] == "cut \ufffd"
    line = served(reader, alice_key, answer.json()["id"], answer.json()["session_id"])
    assert line["messages"][0]["content"] == "cut \ufffd"
    assert line["parameters"] == {"logit_bias": {"1": 2}}
    assert line["user_metadata"]["nul_replaced"] is True


def test_a_search_finds_rows_whose_numbers_no_double_holds(
    reader: Client, alice_key: str, project: Project
) -> None:
    logged = log(alice_key, body('{"role":"user","content":"zebra crossing","weight":1e400}'))
    for _ in range(2):  # before its texts are indexed, and after
        page = reader.get("/projects/maple/interactions/?text=zebra").text
        assert str(logged["completion_id"]) in page
        upkeep.index_some(project)
