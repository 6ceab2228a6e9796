"""A template tag: written over many lines, sent without them."""

import re
from collections.abc import Iterator, Sequence

from django.template import Context, Library, Node
from django.template.base import Parser, Token, TokenType

register = Library()

BREAK = re.compile(r"([^\S\n]*\n\s*)")
MARK = re.compile(r"<(?P<end>/?)(?P<verbatim>pre|textarea)\b|<(?=[a-zA-Z/!])|[>\"']")
SPACE = '" "'


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


def without_breaks(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens of a template, joined; texts that are empty then are left out."""
    joiner = Joiner()
    values = [one.token_type is TokenType.VAR and one.contents != SPACE for one in tokens]
    for token, after, before in zip(tokens, [False, *values], [*values[1:], False], strict=False):
        if token.token_type is TokenType.TEXT:
            token.contents = joiner.joined(token.contents, after_value=after, before_value=before)
            if not token.contents:
                continue
        elif token.contents == SPACE and token.token_type is TokenType.VAR:
            token = Token(TokenType.TEXT, " ", token.position, token.lineno)
        yield token


class OneLine(Node):
    """Sends nothing: the work is done when the template is read."""

    def render(self, context: Context) -> str:
        return ""


@register.tag
def oneline(parser: Parser, token: Token) -> OneLine:
    """Line breaks below `{% oneline %}` in its file are not sent, with the blanks around them.

    One between two words or values is sent as a space, and so is one between two attributes of a
    tag. Where a space beside a tag is wanted, `{{ " " }}` says so. Within `<pre>` and `<textarea>`
    all is sent as it stands. Nothing of this is done while a page is made, so that a page has
    fewer bytes and fewer nodes than one written in long lines.
    """
    assert isinstance(parser.tokens, list)
    parser.tokens[:] = reversed(list(without_breaks(parser.tokens[::-1])))
    return OneLine()
