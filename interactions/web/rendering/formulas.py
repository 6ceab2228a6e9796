"""Formulas in Markdown: kept letter for letter, so that no backslash or underscore is eaten.

They are not typeset; LaTeX is left as it was written, marked as a formula.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

LONGEST_INLINE = 1_000  # bounds the search for an end, so that many beginnings stay linear
LONGEST_BLOCK = 200  # lines

# As pandoc reads dollars: "$5 and $6" is no formula.
_DOLLARS = re.compile(r"\$\$(?!\s*\$).+?\$\$|\$(?![\s$])(?:[^$\n\\]|\\.)+?(?<!\s)\$(?!\d)", re.S)
_BRACKETS = re.compile(r"\\\(.+?\\\)|\\\[.+?\\\]", re.S)
_ENDS = {"$$": "$$", "\\[": "\\]"}


def add_math(markdown: MarkdownIt) -> None:
    """Teach `markdown` the tokens `math_inline` and `math_block`."""
    markdown.inline.ruler.before("escape", "math_inline", _inline)
    markdown.block.ruler.before(
        "fence", "math_block", _block, {"alt": ["paragraph", "blockquote", "list"]}
    )


def _inline(state: StateInline, silent: bool) -> bool:
    """`$…$`, `$$…$$`, `\\(…\\)` or `\\[…\\]` within a paragraph."""
    character = state.src[state.pos]
    if character not in "$\\":
        return False
    pattern = _DOLLARS if character == "$" else _BRACKETS
    end = min(state.posMax, state.pos + LONGEST_INLINE)
    match = pattern.match(state.src, state.pos, end)
    if match is None:
        return False
    if not silent:
        token = state.push("math_inline", "code", 0)
        token.content = match[0]
    state.pos = match.end()
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines from one that begins with `$$` or `\\[` to one that ends with its partner."""
    opening = _line(state, start)[:2]
    closing = _ENDS.get(opening)
    if closing is None or state.is_code_block(start):
        return False
    for line in range(start, min(end, start + LONGEST_BLOCK)):
        text = _line(state, line)[2 if line == start else 0 :]
        if state.sCount[line] < state.blkIndent:
            return False
        if text.endswith(closing):
            if not silent:
                token = state.push("math_block", "pre", 0)
                token.content = state.getLines(start, line + 1, state.blkIndent, False)
                token.map = [start, line + 1]
                state.line = line + 1
            return True
        if closing in text or (line > start and text.startswith(opening)):
            return False  # it ends inside a line, a matter for the inline rule, or never
    return False


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
