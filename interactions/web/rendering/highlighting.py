"""Code with its words marked, by CSS classes alone."""

from itertools import groupby

from django.utils.html import escape
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import (
    Comment,
    Generic,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    Token,
    _TokenType,
)
from pygments.util import ClassNotFound

# Characters; longer code is shown without colours. Some lexers take the square of a length: of
# 20,000 characters of unended `s{` Perl's took 5.5 s.
LONGEST_CODE = 4_000

# The first kind that holds a token names its class; what is in none has no colour.
_KINDS = (
    (Comment, "c-comment"),
    (Keyword, "c-keyword"),
    (Operator.Word, "c-keyword"),
    (Name.Tag, "c-keyword"),
    (Name.Function, "c-name"),
    (Name.Class, "c-name"),
    (Name.Attribute, "c-name"),
    (Name.Decorator, "c-name"),
    (String, "c-string"),
    (Number, "c-number"),
    (Generic.Deleted, "c-deleted"),
    (Generic.Inserted, "c-string"),
    (Generic.Heading, "c-keyword"),
)
CODE_CLASSES = {name for _, name in _KINDS}


def highlighted(code: str, language: str) -> str:
    """`code` as HTML, its text unchanged; only escaped when the language is not known."""
    lexer = _lexer(language) if language and len(code) <= LONGEST_CODE else None
    if lexer is None:
        return escape(code)
    out = []
    for name, run in groupby(lexer.get_tokens_unprocessed(code), key=lambda one: _class(one[1])):
        text = escape("".join(part for _, _, part in run))
        out.append(f'<span class="{name}">{text}</span>' if name else text)
    return "".join(out)


def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language.lower())
    except ClassNotFound:
        return None


def _class(kind: "_TokenType") -> str:
    return next((name for parent, name in _KINDS if kind in parent), "") if kind in Token else ""
