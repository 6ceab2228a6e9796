"""Markdown taken out of the beginning of a text, for lists that show it on one line.

By patterns, not by the parser of the pages: every interaction that is logged passes here twice. 300
characters take 2 µs without any sign and 50 with many; parsed they took 1,000.
"""

import re
from collections.abc import Iterator

_SIGNS = "*`|[~\\#>"
_AT_LINES = re.compile(r"^[ \t]*[-+=_]", re.MULTILINE)
_OF_RULES = frozenset("-=*_:|")
# Lines reach these stripped, so that none has two runs of blanks to share out.
_FENCE = re.compile(r"(?:```+|~~~+)[^`\n]*$")
_RULE = re.compile(r"([-=*_])(?:[ \t]*\1){2,}$")  # also what underlines a heading
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-+:?(?:[ \t]*\|[ \t]*:?-+:?)*[ \t]*\|?$")
_HEADING = re.compile(r"#{1,6}[ \t]+")
_QUOTE = re.compile(r"(?:> ?)+")
_BULLET = re.compile(r"[-*+][ \t]+(?:\[[ xX]\][ \t]+)?")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
# By the sign that one of each needs: most lines hold none, and are not searched.
_INLINE = (
    ("](", re.compile(r"!?(?<![\w\])])\[([^\]\n]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)"), r"\1"),
    (
        "**",
        re.compile(r"(?<![A-Za-z0-9_)*\\])\*\*\*?(?=[^\s*])(.+?)(?<=\S)\*\*\*?(?![A-Za-z0-9_*])"),
        r"\1",
    ),
    ("*", re.compile(r"(?<![\w)*\\])\*(?=[^\s*])([^*]*)(?<=[^\s*\\])\*(?![\w*])"), r"\1"),
    ("~~", re.compile(r"~~(?=\S)(.+?)(?<=\S)~~"), r"\1"),
    ("<br", re.compile(r"<br\s*/?>"), " "),
    ("\\", re.compile(r"\\([*_`#|~\[\]>])"), r"\1"),
)


def without_markup(text: str) -> str:
    """`text` without the signs of Markdown; code keeps its own, and what is only signs stays.

    >>> without_markup("## Answer\\n**Yes**, see `f(**x)`.")
    'Answer\\nYes, see f(**x).'
    """
    if not (any(sign in text for sign in _SIGNS) or _AT_LINES.search(text)):
        return text
    lines = "\n".join(_lines(text.split("\n")))
    return lines if lines.strip() else text


def _lines(lines: list[str]) -> Iterator[str]:
    is_code = False
    for line in map(str.strip, lines):
        first = line[:1]
        if first in ("`", "~") and _FENCE.match(line):
            is_code = not is_code
        elif is_code:
            yield line
        elif first not in _OF_RULES or not (_RULE.match(line) or _TABLE_RULE.match(line)):
            yield _line(line)


def _line(line: str) -> str:
    """A line outside of code."""
    match line[:1]:
        case ">" if not line.startswith(">>>"):  # by which a line of Python begins
            return _line(_QUOTE.sub("", line, count=1))
        case "#" if found := _HEADING.match(line):
            line = line[found.end() :]
            if (bare := line.rstrip("#")).endswith((" ", "\t")):
                line = bare.rstrip()
        case "|":
            line = " · ".join(cell for part in line.split("|") if (cell := part.strip()))
        case "-" | "*" | "+" if found := _BULLET.match(line):
            line = f"• {line[found.end() :]}"
    if "`" not in line:
        return _inline(line)
    pieces = _CODE.split(line)  # a text, the backticks, the code between them, the next text, …
    pieces[::3] = map(_inline, pieces[::3])
    del pieces[1::3]
    return "".join(pieces)


def _inline(text: str) -> str:
    for sign, pattern, kept in _INLINE:
        if sign in text:
            text = pattern.sub(kept, text)
    return text
