"""A template is written over many lines and sent without their breaks."""

import re
from collections.abc import Iterable, Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

BREAK = re.compile(r"([^\S\n]*\n\s*)")
MARK = re.compile(r"<(?P<end>/?)(?P<verbatim>pre|textarea)\b|<(?=[a-zA-Z/!])|[>\"']")


class Joiner:
    """Joins the lines of a page's source, from its beginning to its end."""

    def __init__(self) -> None:
        self.in_tag = self.is_verbatim = False
        self.quote = ""

    def joined(self, text: str, *, after_value: bool, before_value: bool) -> str:
        """The text between two template tags, and whether `{{ a value }}` stands beside it."""
        pieces = BREAK.split(text)
        self._read(pieces[0])
        joined = pieces[0]
        for at in range(1, len(pieces), 2):
            before, gap, after = pieces[at - 1 : at + 2]
            if self.in_tag and not self.quote:
                gap = " "
            elif not self.is_verbatim:
                is_after_word = before[-1] not in f">{self.quote}" if before else after_value
                is_before_word = after[0] not in f"<{self.quote}" if after else before_value
                gap = " " if is_after_word and is_before_word else ""
            self._read(after)
            joined += gap + after
        return joined

    def _read(self, text: str) -> None:
        for mark in MARK.finditer(text):
            if self.quote:
                self.quote = "" if mark[0] == self.quote else self.quote
            elif mark[0].startswith("<"):
                self.in_tag = True
                if mark["verbatim"]:
                    self.is_verbatim = not mark["end"]
            elif mark[0] == ">":
                self.in_tag = False
            elif self.in_tag:
                self.quote = mark[0]


class JoinLines(Extension):
    """Line breaks of a template are not sent, nor the blanks around them.

    One between two words or values is sent as a space, and so is one between two attributes of a
    tag. Where a space beside a tag is wanted, `{{ " " }}` says so. Within `<pre>` and `<textarea>`
    all is sent as it stands. This is done when a template is compiled and costs a page nothing.
    """

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """The tokens of a template, joined; texts that are empty then are left out."""
        joiner = Joiner()
        parts = list(_parts(stream))
        for number, part in enumerate(parts):
            if not _is_text(part):
                yield from part
                continue
            text = joiner.joined(
                part[0].value,
                after_value=number > 0 and _is_value(parts[number - 1]),
                before_value=number + 1 < len(parts) and _is_value(parts[number + 1]),
            )
            if text:
                yield Token(part[0].lineno, "data", text)


def _parts(stream: TokenStream) -> Iterator[list[Token]]:
    """The tokens of a template by text, `{{ … }}` and `{% … %}`; a space that is said is text."""
    part: list[Token] = []
    for token in stream:
        part.append(token)
        if token.type in ("data", "variable_end", "block_end"):
            is_space = [one.value for one in part[1:-1]] == [" "]
            yield [Token(token.lineno, "data", " ")] if is_space else part
            part = []


def _is_text(part: list[Token]) -> bool:
    return part[0].type == "data"


def _is_value(part: list[Token]) -> bool:
    return part[0].type == "variable_begin"
