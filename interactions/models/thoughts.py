"""Thoughts that a model writes into the text of its answer, before the reply."""

import re
from typing import NamedTuple

_OPENING = re.compile(
    r"\s*(?:<(think|thinking|thoughts?|reasoning|seed:think)>|(\[THINK\])"
    r"|(?:<\|start\|>assistant)?(<\|channel\|>analysis<\|message\|>))",
    re.IGNORECASE,
)
_CLOSING_OF_A_CHANNEL = re.compile(
    r"<\|(?:end|return)\|>(?:\s*<\|start\|>assistant)?(?:\s*<\|channel\|>final<\|message\|>)?"
)
# Its opening was in the prompt. Its blanks are those of one line: with newlines among them, each of
# 200,000 empty lines was tried with all that follow, which took minutes.
_UNOPENED = re.compile(r"^[ \t]*</think>[ \t\r]*$", re.MULTILINE)
_CLOSING = "</think>"


class ThoughtAndReply(NamedTuple):
    """The text of an answer in two: what the model thought, and what it replied."""

    thoughts: str
    reply: str


def split_thoughts(text: str) -> ThoughtAndReply:
    """The thoughts at the beginning of a completion, without their tags, and the reply after them.

    An answer that ends within its thoughts has no reply.

    >>> split_thoughts("<think>Two and two.</think> Four.")
    ThoughtAndReply(thoughts='Two and two.', reply='Four.')
    >>> split_thoughts("<think>Two and")
    ThoughtAndReply(thoughts='Two and', reply='')
    >>> split_thoughts("Four.")
    ThoughtAndReply(thoughts='', reply='Four.')
    """
    opened = _OPENING.match(text)
    if opened is not None:
        closed = _closing(opened).search(text, opened.end())
    else:
        closed = _UNOPENED.search(text) if _CLOSING in text and "<think>" not in text else None
        if closed is None:
            return ThoughtAndReply("", text)
    start = opened.end() if opened else 0
    if closed is None:
        return ThoughtAndReply(text[start:].strip(), "")
    return ThoughtAndReply(text[start : closed.start()].strip(), text[closed.end() :].lstrip())


def _closing(opened: re.Match[str]) -> re.Pattern[str]:
    """What ends thoughts that begin so."""
    tag, bracket, _ = opened.groups()
    if tag:
        return re.compile(f"</{tag}>", re.IGNORECASE)
    return re.compile(r"\[/THINK\]", re.IGNORECASE) if bracket else _CLOSING_OF_A_CHANNEL
