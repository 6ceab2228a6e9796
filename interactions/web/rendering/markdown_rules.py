"""Markdown's rules, changed so that no letter of a message is missing from the page.

What a mark draws is not written again: the stars of what is bold, the bar of a quotation, the box
of code, the lines of a table. All else stays: where links lead, backslashes, the numbers of a list
as they were counted, text beside a fence, cells beyond a table's header, entities.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.rules_block import (
    StateBlock,
    blockquote,
    heading,
    hr,
    list_block,
    paragraph,
    table,
)
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, emphasis, image, link, strikethrough

Block: TypeAlias = Callable[[StateBlock, int, int, bool], bool]
Inline: TypeAlias = Callable[[StateInline, bool], bool]

DEEPEST_BLOCK = 20  # levels of lists and quotations; the parser leaves out what is deeper

_PUNCTUATION = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_LITERAL_STAR = re.compile(r"[A-Za-z0-9)\]][*][A-Za-z0-9(<\[]|[({\[\"'`][*][)}\]\"'`]")
_DUNDER = re.compile(r"__[A-Za-z0-9]\w{0,60}?__(?!\w)", re.ASCII)
_ADDRESS = re.compile(r"<((?:https?://|mailto:)[^<>\x00-\x20]{1,2000})>", re.IGNORECASE)
# Behind these a mark opens nothing, nor before those: operators, globs, paths, comments.
_BEHIND, _BEFORE = re.compile(r"[A-Za-z0-9\u00b2-\u058f)\].\\/]"), re.compile(r"[./,;)]")
# When to do something, as cron is told: five fields between blanks.
_FIELD = r"[*\d][\d*/,-]*"
_CRON = re.compile(rf"(?:{_FIELD}[ \t]+){{4}}{_FIELD}(?:[ \t]|\Z)")
_QUOTE = re.compile(r">(?=[ \t\n]|\Z)")
_DELIMITER = re.compile(r":?-+:?")


def add_rules(markdown: MarkdownIt) -> None:
    """Change the rules of `markdown`."""
    # `[Alice]: hello` is no definition, `title\n---` no heading, `&amp;` what was written.
    markdown.disable(["reference", "lheading", "entity"])
    inline, block = markdown.inline.ruler, markdown.block.ruler
    inline.before("emphasis", "literal_star", _literal_star)
    inline.before("emphasis", "dunder", _dunder)
    for name, rule in (
        ("escape", _escape), ("newline", _newline), ("autolink", _autolink), ("link", _link),
        ("image", _image), ("emphasis", _opening(emphasis.tokenize)),
        ("strikethrough", _opening(strikethrough.tokenize)),
    ):  # fmt: skip
        inline.at(name, rule)
    ends = ["paragraph", "reference", "blockquote", "list"]
    block.at("blockquote", _blockquote, {"alt": ends})
    block.at("list", _list, {"alt": ends[:3]})
    block.at("hr", _rule, {"alt": ends})
    block.at("heading", _heading, {"alt": ends[:3]})
    block.at("table", _table, {"alt": ends[:2]})
    block.at("paragraph", _paragraph)
    markdown.core.ruler.after("block", "all_paragraphs", _all_paragraphs)


def _literal_star(state: StateInline, silent: bool) -> bool:
    """A star between two letters or digits of ASCII is one: `2*3*4` and `COUNT(*)` stay."""
    at, text = state.pos, state.src
    if text[at] != "*" or at == 0 or not _LITERAL_STAR.match(text, at - 1):
        return False
    if not silent:
        state.append_pending("*")
    state.pos += 1
    return True


def _dunder(state: StateInline, silent: bool) -> bool:
    """`__init__` is a name."""
    if state.src[state.pos] != "_" or not (found := _DUNDER.match(state.src, state.pos)):
        return False
    if not silent:
        state.append_pending(found[0])
    state.pos = found.end()
    return True


def _opening(rule: Inline) -> Inline:
    """Marks around words; those of `x**2 + y**2`, `/tmp/*.log` and `/* a */` stay."""

    def found(state: StateInline, silent: bool) -> bool:
        at, before = state.pos, len(state.delimiters)
        if not rule(state, silent):
            return False
        is_behind = at > 0 and _BEHIND.match(state.src, at - 1)
        if is_behind or _BEFORE.match(state.src, state.pos):
            for delimiter in state.delimiters[before:]:
                delimiter.open = False
        return True

    return found


def _escape(state: StateInline, silent: bool) -> bool:
    """A backslash takes the meaning from the mark after it, and is seen."""
    at = state.pos
    if state.src[at] != "\\" or at + 1 >= state.posMax or state.src[at + 1] not in _PUNCTUATION:
        return False
    if not silent:
        state.append_pending(state.src[at : at + 2])
    state.pos += 2
    return True


def _newline(state: StateInline, silent: bool) -> bool:
    """A line break stays one, and so do the blanks around it."""
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos += 1
    return True


def _autolink(state: StateInline, silent: bool) -> bool:
    """`<https://…>`, its brackets and its letters as they are."""
    found = _ADDRESS.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    href = state.md.normalizeLink(found[1])
    if not state.md.validateLink(href):
        return False
    if not silent:
        state.append_pending("<")
        state.push("link_open", "a", 1).attrs = {"href": href}
        state.push("text", "", 0).content = found[1]
        state.push("link_close", "a", -1)
        state.append_pending(">")
    state.pos = found.end()
    return True


def _link(state: StateInline, silent: bool) -> bool:
    """`[words](address "title")`: what is in the round brackets follows the words."""
    start = state.pos
    if not link(state, silent):
        return False
    if not silent:
        end, state.pos = state.pos, start
        label = state.md.helpers.parseLinkLabel(state, start, True)
        state.pos = end
        close = state.tokens.pop()
        state.push("target", "span", 0).content = state.src[label + 1 : end]
        state.tokens.append(close)
    return True


def _image(state: StateInline, silent: bool) -> bool:
    """Likewise."""
    start = state.pos
    if not image(state, silent):
        return False
    if not silent:
        token = state.tokens[-1]
        token.meta["target"] = state.src[start + 3 + len(token.content) : state.pos]
    return True


def _shallow(rule: Block) -> Block:
    """The rule, but not where the parser would leave out what is inside."""

    def found(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level + 2 < DEEPEST_BLOCK and rule(state, start, end, silent)

    return found


_quotation, _shallow_list = _shallow(blockquote), _shallow(list_block)


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Items, but no line of cron."""
    return not _CRON.match(_line(state, start)) and _shallow_list(state, start, end, silent)


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Likewise: five stars between blanks are every minute."""
    return not _CRON.match(_line(state, start)) and hr(state, start, end, silent)


def _blockquote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`> words`, not `>100 users` or `>>> print(1)`."""
    if not _QUOTE.match(state.src, state.bMarks[start] + state.tShift[start]):
        return False
    return _quotation(state, start, end if silent else _end(state, start, end), silent)


def _end(state: StateBlock, start: int, end: int) -> int:
    """The line that a quotation cannot go beyond: one like `>100 users`.

    Looked for once where no quotation is within another, else each of 5,000 would look anew.
    """
    looked: tuple[int, int, int] = state.env.get("quotation_end", (0, 0, 0))
    first, stop, found = looked
    if state.level == 0 and first <= start < stop:
        return min(found, end)
    line, found = start + 1, end
    while line < end and not state.isEmpty(line):
        at = state.bMarks[line] + state.tShift[line]
        if state.src.startswith(">", at) and not _QUOTE.match(state.src, at):
            found = line
            break
        line += 1
    if state.level == 0:
        state.env["quotation_end"] = (start, line, found)
    return found


def _heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Of `# C #` the last mark is a part."""
    if not heading(state, start, end, silent):
        return False
    if not silent:
        line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
        state.tokens[-2].content = line.lstrip("#").strip()
    return True


def _paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """With the blanks that its lines begin with."""
    if not paragraph(state, start, end, silent):
        return False
    lines = state.getLines(start, state.line, state.blkIndent, False)
    state.tokens[-2].content = lines.strip("\n").rstrip()
    return True


def _all_paragraphs(state: StateCore) -> None:
    """Those of lists without empty lines too, so that blanks can be kept in paragraphs alone."""
    for token in state.tokens:
        token.hidden = False


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Every row with all its cells, letter for letter."""
    before = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    if silent:
        return True
    del state.tokens[before:]
    marks = _DELIMITER.findall(_line(state, start + 1))
    sides = [f"{one[:1] == ':':d}{one[-1:] == ':':d}" for one in marks]
    state.push("table_open", "table", 1)
    state.push("thead_open", "thead", 1)
    _row(state, start, "th", sides)
    state.push("thead_close", "thead", -1)
    state.push("tbody_open", "tbody", 1)
    for line in range(start + 2, state.line):
        _row(state, line, "td", sides)
    state.push("tbody_close", "tbody", -1)
    state.push("table_close", "table", -1)
    return True


_CLASSES = {"01": "right", "11": "center"}


def _row(state: StateBlock, line: int, tag: str, sides: list[str]) -> None:
    state.push("tr_open", "tr", 1)
    for n, text in enumerate(cells(_line(state, line))):
        token = state.push(f"{tag}_open", tag, 1)
        if n < len(sides) and (side := _CLASSES.get(sides[n])):
            token.attrs = {"class": side}
        token = state.push("inline", "", 0)
        token.content, token.children, token.map = text, [], [line, line + 1]
        state.push(f"{tag}_close", tag, -1)
    state.push("tr_close", "tr", -1)


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()


def cells(line: str) -> list[str]:
    r"""The cells of a row; a backslash before a bar keeps it within one, and is seen.

    >>> cells(r"| a | b\|c |")
    ['a', 'b\\|c']
    """
    found = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)]
    if found and not found[0]:
        del found[0]
    if found and not found[-1]:
        del found[-1]
    return found
