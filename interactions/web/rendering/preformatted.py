"""Text whose line breaks and columns mean something, though nobody fenced it: code, YAML, logs."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

WIDEST_LINE = 160  # characters in a line; a text with a longer one is wrapped, not scrolled

_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
_MARKDOWN = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:\s|$)|>|\||`{3}|~{3}|\$\$|\\\[")
_STOPS = re.compile(r"`{3}|~{3}|\$\$|\\\[")
_MARKS = re.compile(r"\*\*\S|\]\(|`[^`]+`")
_KEY = re.compile(r"(?:- )?[^\s:#|>\[(][^:|]{0,60}:(?:\s|$)")
_YAML = re.compile(rf"(?:{_KEY.pattern})|- |#")
_WIDE_GAP = re.compile(r"\S(?: {3,}|\t)\s*\S")
_GAP = re.compile(r"[^\s.!?:,;] {2,}\S")
_OPENED = re.compile(r"(?:[{(\[]|\):)$")
# Nothing in it is read twice: a line of 1,700 letters took 2.6 s.
_TABLE = re.compile(r"\s*+(?=[ :|]*+-[^|]*+\|)[ :|-]++$")
_DRAWN = re.compile(r"[\u2500-\u257f]|\+[-=]{3,}[+-]")


def add_columns(markdown: MarkdownIt) -> None:
    """Teach `markdown` the token `plain_text`."""
    markdown.block.ruler.before("table", "plain_text", _block)


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines up to an empty one that no indented one follows, if they keep a layout."""
    # Seen once: else a text of 12,000 headings would be gone through 12,000 times.
    if silent or state.level or start < state.env.get("columns_seen", 0):
        return False
    last = _last(state, start, end)
    state.env["columns_seen"] = last
    lines = _lines(state, start, last)
    if not has_columns(lines):
        return False
    token = state.push("plain_text", "pre", 0)
    token.content = "\n".join(lines)
    token.map = [start, last]
    state.line = last
    return True


def _lines(state: StateBlock, start: int, end: int) -> list[str]:
    return [state.src[state.bMarks[n] : state.eMarks[n]].rstrip() for n in range(start, end)]


def _last(state: StateBlock, start: int, end: int) -> int:
    """The line after the last one; beyond an empty line go only columns and what was opened."""
    last, is_sure = start, False
    for n in range(start, end):
        if state.isEmpty(n):
            continue
        if n > last:
            if state.sCount[n] < max(2, state.sCount[start] + 1):
                break
            if not is_sure:  # found out once: what comes later takes nothing away
                before = _lines(state, start, last)
                is_sure = has_columns(before) or bool(_OPENED.search(before[-1]))
            if not is_sure:
                break
        if _STOPS.match(state.src, state.bMarks[n] + state.tShift[n]):
            break
        last = n + 1
    return max(last, start + 1)


def has_columns(lines: Sequence[str]) -> bool:
    """Whether indents or gaps in these lines would be missed.

    >>> has_columns(["def f(x):", "    return x"]), has_columns(["- a", "  - b"])
    (True, False)
    """
    said = [line.expandtabs(4) for line in lines if line.strip()]
    if len(said) < 2 or _MARKDOWN.match(said[0].lstrip()):
        return False
    if sum(1 for line in lines if _DRAWN.search(line)) > 1:
        return True
    if any(map(_TABLE.match, said[1:])):
        return False
    wide = sum(1 for line in lines if _WIDE_GAP.search(line))
    narrow = sum(1 for line in lines if _GAP.search(line))
    if wide > 1 or (narrow > 2 and 2 * narrow > len(said)):
        return True
    is_prose = max(map(len, said)) > WIDEST_LINE or any(map(_MARKS.search, said))
    if is_prose or _indent(said[0]) > 3:
        return False
    return _is_indented(said) or _is_yaml(said)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_indented(lines: Sequence[str]) -> bool:
    """Whether a line stands further in than the first, and not as a list's item or its rest."""
    first, is_in_list = _indent(lines[0]), False
    for line in lines[1:]:
        if _ITEM.match(line.lstrip()):
            is_in_list = True
        elif _indent(line) < first + 2:
            is_in_list = False
        elif not is_in_list:
            return True
    return False


def _is_yaml(lines: Sequence[str]) -> bool:
    keys = sum(1 for line in lines if _KEY.match(line.lstrip()))
    is_indented = any(_indent(line) > _indent(lines[0]) + 1 for line in lines)
    return keys > 1 and is_indented and all(_YAML.match(line.lstrip()) for line in lines)
