"""The language of the query bar: text becomes the same tree that forms and addresses make.

    env:prod -version:v3 feedback.helpful:0 "refund" (latency:>2s OR model:(gpt-4o OR none))

Words side by side must all hold (AND), OR joins alternatives, NOT or `-` turns a condition round,
parentheses group. `spelling.py` is the inverse. A text that cannot be read raises QueryError and
nothing else, with the place and what was expected there.
"""

import re
from functools import cache

from lark import Lark, Token, UnexpectedInput
from lark import Tree as Node

from interactions.filters.conditions import Contains
from interactions.filters.days import ADDRESS_DAYS, Days, here
from interactions.filters.query.errors import OPERATORS, QUOTED_TEXT, QueryError, explain
from interactions.filters.query.fields import (
    KEY_PREFIXES,
    QUERY_FIELDS,
    Field,
    FieldValue,
    any_of,
    judged,
)
from interactions.filters.tree import EVERYTHING, And, Not, Or, Tree, normal

LONGEST_QUERY = 4_000  # characters
DEEPEST_NESTING = 20  # groups and negations within each other
MOST_CONDITIONS = 100  # conditions

# Lookaheads keep what touches apart: a value ends at a space or `)`, so that `print(x)` or
# `env: prod` is an error at its place and not two conditions nobody asked for. `inside` is `asked`
# again: what may follow a value decides what the lexer takes it for, a word or another value.
_GRAMMAR = r"""
start: either?
?either: both | both (_OR both)+ -> any_of
?both: term | term (_AND? term)+ -> all_of
?term: (NOT | MINUS) term -> negation
    | _OPEN either _CLOSE -> group
    | FIELD _value -> condition
    | WORD -> words
    | PHRASE -> words
    | STAR -> everything
_value: asked | values
asked: CMP? (VALUE | PHRASE | STAR)
values: _OPEN (_item | _item (_OR _item)+ | _item (_AND? _item)+) _CLOSE
_item: inside | detail
detail: DETAIL (inside | names)
names: _OPEN inside (_OR inside)* _CLOSE
inside: CMP? (VALUE | PHRASE | STAR) -> asked

_OR.5: /OR(?![^\s()"])/
_AND.5: /AND(?![^\s()"])/
NOT.5: /NOT(?![^\s()"])/
MINUS.5: /-(?=[^\s)])/
_OPEN.5: "("
_CLOSE.5: ")"
CMP.5: /(?:[<>!]=|[<>=≤≥≠])(?=[^\s)])/
DETAIL.4: /(?:by|because):(?=[^\s)])/
STAR.4: /\*(?=[\s)]|\Z)/
FIELD.4: /(?:(?:label|feedback)\.QUOTED|[^\s()":\-][^\s()":]*):(?=[^\s)])/
PHRASE.3: /QUOTED(?=[\s)]|\Z)/
WORD.2: /[^\s()":\-][^\s()":]*(?=[\s)]|\Z)/
VALUE.1: /[^\s()"<>=≤≥≠][^\s()"]*(?=[\s)]|\Z)/
%ignore /\s+/
"""


@cache
def _parser() -> Lark:
    return Lark(
        _GRAMMAR.replace("QUOTED", QUOTED_TEXT),
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
    )


def parse(text: str, days: Days | None = None) -> Tree:
    """The tree of a query, in normal form; `days` are the reader's. Raises QueryError."""
    if len(text) > LONGEST_QUERY:
        raise QueryError(f"expected at most {LONGEST_QUERY:,} characters", LONGEST_QUERY, len(text))
    if strange := re.search("[\0\ud800-\udfff]", text):
        raise QueryError("expected text without the character NUL", *strange.span())
    try:
        node = _parser().parse(text)
    except UnexpectedInput as error:
        explain(text, error)
    return normal(_Reader(text, days or here()).start(node))


def parse_fixed(text: str) -> Tree:
    """The tree of a query that stands in an address, where days are those of UTC."""
    return parse(text, ADDRESS_DAYS)


class _Reader:
    """The conditions of a parsed text."""

    def __init__(self, text: str, days: Days) -> None:
        self.text = text
        self.days = days
        self.left = MOST_CONDITIONS

    def start(self, node: Node[Token]) -> Tree:
        return self.tree(_node(node.children[0]), 0) if node.children else EVERYTHING

    def tree(self, node: Node[Token], depth: int) -> Tree:
        """The meaning of a node, `depth` groups deep."""
        first, last = node.meta.start_pos, node.meta.end_pos
        if depth > DEEPEST_NESTING:
            raise QueryError(
                f"expected at most {DEEPEST_NESTING} groups within each other", first, last
            )
        match node.data:
            case "any_of":
                return Or(tuple(self.tree(_node(child), depth) for child in node.children))
            case "all_of":
                return And(tuple(self.tree(_node(child), depth) for child in node.children))
            case "group":
                return self.tree(_node(node.children[0]), depth + 1)
            case "negation":
                return Not(self.tree(_node(node.children[1]), depth + 1))
        self.left -= 1
        if self.left < 0:
            raise QueryError(f"expected at most {MOST_CONDITIONS} conditions", first, last)
        match node.data:
            case "everything":
                return EVERYTHING
            case "words":
                return Contains(self._asked(node).text)
        name, value = _token(node.children[0]), _node(node.children[1])
        return self._condition(self._field(name), value)

    def _field(self, token: Token) -> Field:
        name, start, end = str(token)[:-1], _start(token), _end(token)
        for prefix in KEY_PREFIXES:
            if name.startswith(prefix):
                key = name.removeprefix(prefix)
                if not key:
                    raise QueryError(f"expected a name after `{prefix}`", start, end)
                return Field(prefix, _unquoted(key) if key.startswith('"') else key)
        return Field(name) if name in QUERY_FIELDS else Field("label.", name)

    def _condition(self, field: Field, value: Node[Token]) -> Tree:
        if value.data == "asked":
            return self._meaning(field, value)
        items = [_node(child) for child in value.children]
        self.left -= len(items) - 1
        first, last = value.meta.start_pos, value.meta.end_pos
        if self.left < 0:
            raise QueryError(f"expected at most {MOST_CONDITIONS} conditions", first, last)
        is_either = self._is_either(items)
        details = [item for item in items if item.data == "detail"]
        if details and (is_either or not field.is_feedback):
            raise QueryError(
                "expected `by:` and `because:` beside what must hold with them, in `feedback:( )`"
                if field.is_feedback
                else "expected no `by:` or `because:` here; they belong to feedback",
                details[0].meta.start_pos,
                details[0].meta.end_pos,
            )
        if field.is_feedback and not is_either:
            return self._feedback(field, items)
        parts = [self._meaning(field, item) for item in items]
        return any_of(parts) if is_either else And(tuple(parts))

    def _is_either(self, items: list[Node[Token]]) -> bool:
        """Whether OR stands between the items of a group; of one kind, as the grammar has it."""
        if len(items) < 2:
            return False
        between = self.text[items[0].meta.end_pos : items[1].meta.start_pos]
        return between.strip() == "OR"

    def _feedback(self, field: Field, items: list[Node[Token]]) -> Tree:
        asked: list[FieldValue] = []
        by: str | None = None
        because: list[FieldValue] = []
        for item in items:
            if item.data == "asked":
                # What cannot be read is marked at its place.
                if isinstance(self._meaning(field, item), Not):
                    start, end = item.meta.start_pos, item.meta.end_pos
                    raise QueryError("expected a value, or `any`; not `none`", start, end)
                asked.append(self._asked(item))
                continue
            name, named = str(_token(item.children[0])), _node(item.children[1])
            if name == "because:" and not because:
                because = self._reasons(named)
            elif name == "by:" and by is None and len(values := self._names(named)) == 1:
                by = values[0]
            else:
                start, end = item.meta.start_pos, item.meta.end_pos
                raise QueryError(f"expected one `{name}` with one value", start, end)
        compared = [one for one in asked if not one.is_any]
        return judged(field.key if field.kind == "feedback." else None, compared, by, because)

    def _reasons(self, node: Node[Token]) -> list[FieldValue]:
        """Parts of a reason, or with `=` before each the whole of it."""
        items = [node] if node.data == "asked" else [_node(one) for one in node.children]
        found = [self._asked(item) for item in items]
        if {asked.sign for asked in found} not in ({""}, {"="}):
            raise QueryError(
                "expected a part of a reason, or several with OR between; for all of it `=` before"
                " each",
                node.meta.start_pos,
                node.meta.end_pos,
            )
        return found

    def _names(self, node: Node[Token]) -> list[str]:
        items = [node] if node.data == "asked" else [_node(one) for one in node.children]
        made = []
        for item in items:
            asked = self._asked(item)
            if asked.sign:
                start, end = item.meta.start_pos, item.meta.end_pos
                raise QueryError("expected a name, or several with OR between", start, end)
            made.append(asked.text)
        return made

    def _asked(self, node: Node[Token]) -> FieldValue:
        *before, last = [_token(child) for child in node.children]
        is_quoted = last.type == "PHRASE"
        if not is_quoted and str(last) in OPERATORS:
            raise QueryError(
                f"expected something before `{last}`; to look for the word, put it in quotes",
                _start(last),
                _end(last),
            )
        text = _unquoted(str(last)) if is_quoted else str(last)
        return FieldValue(text, str(before[0]) if before else "", is_quoted, self.days)

    def _meaning(self, field: Field, node: Node[Token]) -> Tree:
        asked = self._asked(node)
        try:
            return field.meaning(asked)
        except ValueError as error:
            raise QueryError(str(error), node.meta.start_pos, node.meta.end_pos) from error


def _node(child: "Token | Node[Token]") -> Node[Token]:
    assert isinstance(child, Node)
    return child


def _token(child: "Token | Node[Token]") -> Token:
    assert isinstance(child, Token)
    return child


def _start(token: Token) -> int:
    return token.start_pos or 0


def _end(token: Token) -> int:
    return token.end_pos or 0


def _unquoted(text: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", text[1:-1])
