"""Texts of 200,000 signs are read in a moment: what is logged and shown is whose it is.

Where a pattern tries each beginning against all that follows, a test here lasts for minutes.
"""

import pytest

from interactions.models.thoughts import split_thoughts
from interactions.services.recording.previews import PREVIEW_LENGTH, of_answer, preview
from interactions.web.rendering.calls_in_text import with_calls
from interactions.web.rendering.json_blocks import Reading
from interactions.web.rendering.text_parts import TextPart, answer_parts

MANY = 200_000
UNITS = (
    "\n", "\r\n", " ", " \n", "\t", "<think>", "</think>", "x</think>\n", "<tool_call>", "<|end|>",
    "[THINK]", "`", "`a", "```\n", "[", "](", "[a](", "**a ", " *", "~~a ", "|-", "-", "- ", ">",
    "#", "\\", "<br ", '{"a":',
)  # fmt: skip
BEFORE = ("a", "<think>", "[THINK]", "<|channel|>analysis<|message|>")


@pytest.mark.parametrize("unit", UNITS)
def test_an_answer_without_thoughts_is_its_reply(unit: str) -> None:
    text = f"a{unit * MANY}x</think>"
    assert split_thoughts(text) == ("", text)
    assert with_calls(text) == (text, [])
    line = of_answer(text, None)
    assert line == preview(text) and line[0] == "a" and len(line) <= PREVIEW_LENGTH
    (part,) = answer_parts(text, Reading(), "/")
    assert isinstance(part, TextPart) and part.text == text[: part.length]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("before", BEFORE[1:])
def test_thoughts_that_do_not_end_are_all_there_is(unit: str, before: str) -> None:
    if "</think>" in unit or unit == "<|end|>":
        unit = unit.replace("<", "< ")  # ends none
    said = f"x{unit * MANY}x"
    assert split_thoughts(before + said) == (said, "")
    assert of_answer(before + said, None).startswith("Thought only: x")


def test_a_closing_tag_on_a_line_of_its_own_is_found_after_many_empty_ones() -> None:
    for blank in ("\n", "\r\n", " \n", " ", "\t"):
        text = f"a{blank * MANY}\n \t</think>\t \r\n{blank * MANY}b"
        assert split_thoughts(text) == ("a", "b")


@pytest.mark.parametrize("unit", UNITS)
def test_calls_that_do_not_end_are_text(unit: str) -> None:
    for before in ("<tool_call>", '{"tool_calls":'):
        line = of_answer(f"{before}x{unit * MANY}", None)
        assert line.startswith(before.rstrip("[")[:5]) and len(line) <= PREVIEW_LENGTH
