"""Tool calls in a conversation: in one line, and linked with their results."""

from interactions.models import Interaction
from interactions.services.browsing import rows
from interactions.web.rendering.json_blocks import Data
from interactions.web.rendering.text_parts import TextPart
from interactions.web.rendering.turns import Turn, turns_of
from projects.models import Project
from tests import make


def turns(project: Project, interaction: Interaction, *, is_raw: bool = False) -> list[Turn]:
    return turns_of(project, rows.whole(project, interaction.id), is_raw=is_raw)


def test_a_call_whose_one_line_shows_it_whole_begins_folded(project: Project) -> None:
    def called(arguments: str) -> Data:
        call = {"id": "c", "function": {"name": "look", "arguments": arguments}}
        messages = [{"role": "assistant", "content": None, "tool_calls": [call]}]
        asked, _ = turns(project, make.make_interaction(project, messages=messages))
        assert isinstance(asked.parts[0], Data)
        return asked.parts[0]

    short = called('{"order": "FF-1", "all": true}')
    assert (short.preview, short.is_open) == ('order: "FF-1", all: true', False)
    nested = called('{"a": {"b": 1}}')
    assert (nested.preview, nested.is_open) == ("a: …", True)
    assert called("not JSON").preview == "not JSON"
    assert called("[1, 2]").preview == "2 items …"


def test_results_find_their_calls_by_id_and_else_in_order(project: Project) -> None:
    def calls(*ids: str | None) -> list[dict[str, object]]:
        return [
            {"function": {"name": f"tool-{n}", "arguments": "{}"}} | ({"id": id} if id else {})
            for n, id in enumerate(ids)
        ]

    def answered(*ids: str | None) -> list[dict[str, object]]:
        said: list[dict[str, object]] = []
        for id in ids:
            said.append({"role": "tool", "content": "x"})
            if id:
                said[-1]["tool_call_id"] = id
        return said

    def found(asked: list[dict[str, object]], said: list[dict[str, object]]) -> list[str]:
        messages = [{"role": "assistant", "content": None, "tool_calls": asked}, *said]
        made = turns(project, make.make_interaction(project, messages=messages))
        return [turn.call.name if turn.call else "" for turn in made if turn.role == "tool"]

    assert found(calls("a", "b"), answered("b", "a")) == ["tool-1", "tool-0"]
    assert found(calls(None, None), answered(None, None)) == ["tool-0", "tool-1"]
    assert found(calls("a"), answered("z")) == [""]
    assert found(calls("a"), answered("a", "a")) == ["tool-0", ""]


def test_calls_logged_at_the_end_of_a_text_are_calls(project: Project) -> None:
    text = 'Let me look.\n{"tool_calls": [{"name": "look", "arguments": "{}"}]}'
    one = make.make_interaction(project, completion=text)
    *_, answer = turns(project, one)
    assert [part.kind for part in answer.parts] == ["text", "data"]
    assert isinstance(answer.parts[0], TextPart)
    assert answer.parts[0].text == "Let me look."
    *_, raw = turns(project, one, is_raw=True)
    assert isinstance(raw.parts[0], TextPart)
    assert raw.parts[0].text == text
