"""Whatever a door takes is served everywhere, and comes back as it was; what is not, is named."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adaptive_site.lib.errors import Invalid
from interactions.models import Interaction
from interactions.services import acts, images
from interactions.services.export import jsonl
from interactions.services.export.asked import Asked, Promised
from interactions.services.import_rows import Directory, LineReader
from interactions.services.incoming import Draft
from interactions.services.log import log_interactions
from projects.models import Project, User
from projects.services.access import Caller
from tests import make
from tests.asking import send
from tests.interactions.acting import everything, work
from tests.interactions.asking import make_external
from tests.interactions.test_export import LATER
from tests.interactions.test_graphql_list import WHOLE
from tests.upstream import Upstream, whole

pytestmark = pytest.mark.django_db

NUMBERS = [
    "18446744073709551616", "-9223372036854775809", "1e20", "1E+25", "1e400", "-1e-400", "-0",
    "-0.0", "1.10", "3.14159265358979323846", "9" * 900, "5e-324", "9007199254740993",
]  # fmt: skip
TEXTS = [
    '{"title":"x \\ud83d"}', '{"a":1,"a":2}', '{"x":1e400,"y":-0,"z":1.10}', "[" * 5_000,
    "[" * 99 + "]" * 99, "[" * 50_000 + "]" * 50_000, '{"a":' * 5_000, "\u202eabc\u2066",
    "\u0001\u001b[31m\u007f", "\ufeff\u200b",
    '{"tool_calls": [{"name": "f", "arguments": "\\ud83d"}]}',
    '{"tool_calls": [{"function": {"name": 7, "arguments": {"a": 1e400}}}]}', '{"tool_calls": 1}',
    'x\n{"tool_calls": [{"name": "f", "arguments": "{\\"a\\":1,\\"a\\":2}"}]}', "```\\ud83d",
    "[a]: b\n\n&#0; &#xD83D;", "{" + '"n":' + "9" * 5_000 + "}", '{"%s": 1}' % ("k" * 30_000),
    "", " ", "\n\n", "$$\n", "|a|\n|-|\n" + "|x" * 2_000, "> " * 2_000,
]  # fmt: skip


def exact(text: str | bytes) -> Any:
    """JSON with every number as it was written."""
    return json.loads(text, parse_int=Decimal, parse_float=Decimal)


def log(key: str, body: str, expected: int = 201) -> Any:
    """What the manual door says to a body."""
    answer = Client().post(
        "/api/v1/interactions",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == expected, answer.text
    return answer.json()


def body(message: str = '{"role":"user","content":"hi"}', completion: str = '"A tree."') -> str:
    """A body of the manual door, its members as JSON."""
    return f'{{"project":"maple","messages":[{message}],"completion":{completion}}}'


def served(client: Client, key: str, id: UUID | str, session: UUID | str | None) -> Any:
    """The line that `raw` gives, once every other page and list has given its own."""
    one, many = f"/projects/maple/interactions/{id}/", "/projects/maple/interactions/"
    pages = [
        one, f"{one}?raw=1", f"{one}siblings/", f"{one}siblings/?view=formatted", f"{one}text/",
        f"{one}text/?message=1", f"{one}history/", f"{one}system/", many, f"{many}?open={id}",
        "/projects/maple/review/", "/projects/maple/pairs/", "/projects/maple/pairs/?diff=1",
        "/projects/maple/pairs/?view=list", "/projects/maple/groups/", "/projects/maple/sessions/",
    ]  # fmt: skip
    if session:
        pages.append(f"/projects/maple/sessions/{session}/")
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        answer.text.encode()
    with_key = {"headers": {"Authorization": f"Bearer {key}"}}
    for path in ("", f"/{id}", f"/{id}/messages"):
        answer = client.get(f"/api/v1/chat/completions{path}", **with_key)  # type: ignore[arg-type]
        assert answer.status_code == 200, path
        exact(answer.content)
    told = send(key, {"query": WHOLE, "variables": {"filter": {"project": "maple"}, "page": {}}})
    assert not exact(told.content).get("errors"), told.text
    raw = client.get(f"{one}raw/")
    assert raw.status_code == 200
    return exact(raw.content)


def imported(project: Project, line: bytes) -> None:
    """Store a line of a file."""
    read = LineReader(Directory(project, dict), by=None, kept=Counter()).read(line)
    assert isinstance(read, Draft)
    read.llm, read.feedback = None, []
    log_interactions(project, [read])


def exported(project: Project, by: User) -> list[bytes]:
    asked = Asked(everything(project, by), LATER, images.as_data_uri)
    parts = jsonl.parts(asked, Promised(asked.selection))
    return b"".join(part.data for part in parts).splitlines()


@pytest.fixture
def reader(client: Client, alice: User, project: Project) -> Client:
    client.force_login(alice)
    make.make_metric(project)
    return client


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_kept_from_door_to_door(
    reader: Client, alice: User, alice_key: str, project: Project, number: str
) -> None:
    call = f'{{"id":"c","function":{{"name":"f","arguments":{{"n":{number}}}}},"x":{number}}}'
    message = f'{{"role":"user","content":"hi","weight":{number},"tool_calls":[{call}]}}'
    logged = log(alice_key, body(message))
    line = served(reader, alice_key, logged["completion_id"], logged["session_id"])
    assert line["messages"] == [exact(message)]
    more = (
        f'{{"messages":[{message}],"completion":"x","parameters":{{"seed":{number}}},'
        f'"user_metadata":{{"id":[{number}]}},"mine":{number},'
        f'"usage":{{"prompt_tokens":1,"completion_tokens":2,"cost":{number}}},'
        f'"completion_parts":{{"tool_calls":[{call}]}}}}'
    )
    imported(project, more.encode())
    first, second = (exact(one) for one in exported(project, alice))
    out = first if "parameters" in first else second
    assert out["parameters"] == {"seed": Decimal(number)}
    assert out["usage"]["cost"] == Decimal(number)
    assert out["user_metadata"]["mine"] == Decimal(number)
    assert out["user_metadata"]["id"] == [Decimal(number)]
    served(reader, alice_key, out["id"], None)
    # What was exported is taken again, into another project, and is the same there.
    other = make.make_project("oak", owner=alice)
    for one in exported(project, alice):
        imported(other, one)
    copies = [exact(one) for one in exported(other, alice)]
    for mine, copy in zip((first, second), copies, strict=True):
        for name in ("messages", "completion", "parameters", "usage", "completion_parts"):
            assert mine.get(name) == copy.get(name)


@pytest.mark.parametrize("text", TEXTS[:4] + TEXTS[-1:])
def test_a_text_is_shown_whatever_is_in_it(
    reader: Client, alice_key: str, project: Project, text: str
) -> None:
    """The texts all at once as messages, names and arguments; and some as the completion."""
    messages = []
    for said in map(json.dumps, TEXTS):
        call = f'{{"id":"c","type":"function","function":{{"name":{said},"arguments":{said}}}}}'
        messages += [
            f'{{"role":"system","content":{said}}}',
            f'{{"role":"assistant","content":null,"tool_calls":[{call}]}}',
            f'{{"role":"tool","tool_call_id":"c","content":{said}}}',
            f'{{"role":"user","name":{said},"content":[{{"type":"text","text":{said}}}]}}',
        ]
    asked = ",".join(messages)
    log(alice_key, body(asked, '"another"'))
    logged = log(alice_key, body(asked, json.dumps(text)))
    line = served(reader, alice_key, logged["completion_id"], logged["session_id"])
    assert (line["messages"], line["completion"]) == (exact(f"[{asked}]"), text)
    one = f"/projects/maple/interactions/{logged['completion_id']}/text/"
    assert reader.get(one).content == text.encode()


def nested(levels: int) -> Any:
    made: Any = []
    for _ in range(levels - 1):
        made = [made]
    return made


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | names | st.floats(allow_nan=False).map(
        lambda number: number if abs(number) < 1e300 else 0.5
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(values)
@example(nested(90))
@example({"": {"": ""}})
@example({"k" * 50_000: 1})
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_value_that_is_taken_is_served_and_comes_back(
    reader: Client, alice_key: str, alice: User, project: Project, value: Any
) -> None:
    Interaction.objects.in_project(project).delete()
    said = json.dumps(value)
    call = f'{{"id":"c","function":{{"name":"f","arguments":{said}}}}}'
    message = (
        f'{{"role":"user","content":"hi","name":{said},"tool_call_id":{said},"x":{said},'
        f'"tool_calls":[{call},{said}]}}'
    )
    logged = log(alice_key, body(message, json.dumps(said)))
    line = served(reader, alice_key, logged["completion_id"], logged["session_id"])
    assert line["messages"] == [exact(message)]
    assert line["completion"] == said
    (out,) = exported(project, alice)
    assert exact(out)["messages"] == [exact(message)]


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


def test_rows_stored_before_are_served_too(
    reader: Client, alice: User, alice_key: str, project: Project, empty_storage: Path
) -> None:
    """What older releases let in: numbers, counts beyond 32 bits, members of any kind."""
    odd = exact('{"n":[18446744073709551616,1e30,0.12345678901234567890123]}')
    one = make.make_interaction(
        project,
        user_metadata=odd,
        parameters=odd,
        usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 99_999_999_999},
        completion_parts={"tool_calls": [odd, 7, None], "refusal": False, "x": odd},
        system=odd,
    )
    line = served(reader, alice_key, one.id, one.session_id)
    assert line["user_metadata"] == odd


def test_a_bulk_action_over_odd_rows_leaves_them_as_they_were(
    alice: User, alice_key: str, project: Project
) -> None:
    for number in NUMBERS[:4]:
        log(alice_key, body(f'{{"role":"user","content":"hi","weight":{number}}}'))
    before = [exact(one)["messages"] for one in exported(project, alice)]
    selection = everything(project, alice)
    act = acts.begin(selection, "label", {"key": "a", "value": "b"}, caller=Caller(alice))
    work()
    assert all(exact(one)["labels"] == {"a": "b"} for one in exported(project, alice))
    acts.undo(act, caller=Caller(alice))
    work()
    assert [exact(one)["messages"] for one in exported(project, alice)] == before
