"""Whatever a door takes is served everywhere, and comes back as it was; what is not, is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from interactions.models import Interaction
from interactions.services.bulk import actions as bulk_actions
from projects.models import Project, User
from projects.services.access import Caller
from tests import make
from tests.interactions.acting import everything, work
from tests.interactions.serving import body, exact, exported, imported, log, served

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


@pytest.fixture
def reader(client: Client, alice: User, project: Project) -> Client:
    client.force_login(alice)
    make.make_metric(project)
    return client


def test_numbers_are_kept_from_door_to_door(
    reader: Client, alice: User, alice_key: str, project: Project
) -> None:
    n = f"[{','.join(NUMBERS)}]"
    call = f'{{"id":"c","function":{{"name":"f","arguments":{{"n":{n}}}}},"x":{n}}}'
    message = f'{{"role":"user","content":"hi","weight":{n},"tool_calls":[{call}]}}'
    logged = log(alice_key, body(message))
    line = served(reader, alice_key, logged["completion_id"], logged["session_id"])
    assert line["messages"] == [exact(message)]
    more = (
        f'{{"messages":[{message}],"completion":"x","parameters":{{"seed":{n}}},'
        f'"user_metadata":{{"id":[{n}]}},"mine":{n},'
        f'"usage":{{"prompt_tokens":1,"completion_tokens":2,"cost":{n}}},'
        f'"completion_parts":{{"tool_calls":[{call}]}}}}'
    )
    imported(project, more.encode())
    first, second = (exact(one) for one in exported(project, alice))
    out = first if "parameters" in first else second
    assert out["parameters"] == {"seed": exact(n)}
    assert out["usage"]["cost"] == exact(n)
    assert out["user_metadata"]["mine"] == exact(n)
    assert out["user_metadata"]["id"] == [exact(n)]
    served(reader, alice_key, out["id"], None)
    # What was exported is taken again, into another project, and is the same there.
    other = make.make_project("oak", owner=alice)
    for one in exported(project, alice):
        imported(other, one)
    copies = [exact(one) for one in exported(other, alice)]
    for mine, copy in zip((first, second), copies, strict=True):
        for name in ("messages", "completion", "parameters", "usage", "completion_parts"):
            assert mine.get(name) == copy.get(name)


@pytest.mark.parametrize("text", TEXTS[:3])
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
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
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
    act = bulk_actions.begin(selection, "label", {"key": "a", "value": "b"}, caller=Caller(alice))
    work()
    assert all(exact(one)["labels"] == {"a": "b"} for one in exported(project, alice))
    bulk_actions.undo(act, caller=Caller(alice))
    work()
    assert [exact(one)["messages"] for one in exported(project, alice)] == before
