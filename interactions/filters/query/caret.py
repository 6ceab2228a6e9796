"""What is being written at a place in a query, which need not be complete: a name or a value."""

import re
from dataclasses import dataclass

_NAME = re.compile(r'(?:(?:label|feedback)\."(?:[^"\\]|\\.)*"|[^\s()":]+):')
_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"?|[^\s()"]+')
_SIGN = re.compile(r"[<>=!≤≥≠]+")
_OTHER = re.compile(r"\s+|[()]|-")


_BEFORE = re.compile(r'(?<![^\s(])([^\s()":\-*][^\s()":]*)\s+\Z')
MOST_PHRASE_WORDS = 5  # that are one value together


@dataclass(frozen=True, slots=True)
class Caret:
    """The piece of text around a caret, from `start` to `end`, of which `prefix` is before it.

    `field` is the name whose value it is, "" where it is a name or a word of its own. `follows`
    says that a condition stands before it, so that OR could join them.
    """

    field: str
    prefix: str
    start: int
    end: int
    follows: bool = False


def phrases_at(text: str, caret: Caret) -> list[tuple[int, str]]:
    """The bare words up to the caret, the last alone and with ever more before it; with starts."""
    if caret.field or not caret.prefix:
        return []
    made = [(caret.start, caret.prefix)]
    start = caret.start
    end = start + len(caret.prefix)
    while len(made) < MOST_PHRASE_WORDS and (before := _BEFORE.search(text, 0, start)):
        if before[1] in ("AND", "OR", "NOT"):
            break
        start = before.start(1)
        made.append((start, text[start:end]))
    return made


def at_caret(text: str, at: int) -> Caret:
    """What is being written at the character `at`."""
    at = min(max(at, 0), len(text))
    field, groups, here, follows = "", [], 0, False
    while here < at or (here == at and field):
        if not field and (other := _OTHER.match(text, here)):
            if other[0] == "(":
                groups.append("")
            elif other[0] == ")" and groups:
                groups.pop()
                follows = True
            here = other.end()
            continue
        if field and text[here : here + 1] == "(":
            groups.append(field)
            field, here, follows = "", here + 1, False
            continue
        within = groups[-1] if groups else ""
        name = None if field or within else _NAME.match(text, here)
        detail = re.compile("(?:by|because):").match(text, here) if within and not field else None
        if name := name or detail:
            if at < name.end():
                return Caret("", text[here:at], here, name.end(), follows)
            field, here = name[0][:-1], name.end()
            continue
        if (field or within) and (sign := _SIGN.match(text, here)):
            if at < sign.end():
                return Caret(field or within, text[here:at], here, sign.end())
            here = sign.end()
        value = _VALUE.match(text, here)
        end = value.end() if value else here
        if at <= end:
            return Caret(field or within, _unquoted(text[here:at]), here, end, follows)
        field, here, follows = "", max(end, here + (not value)), text[here:end] not in ("OR", "AND")
    within = groups[-1] if groups else ""
    end = (m := _VALUE.match(text, at)) and m.end() or at
    return Caret(field or within, "", at, end, follows)


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    return re.sub(r'\\(["\\])', r"\1", text[1:].removesuffix('"'))
