"""The filter as chips, each with the link that takes it away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from interactions.filters import words
from interactions.filters.conditions import (
    Condition,
    Contains,
    CreatedBy,
    HasLlm,
    HasPrompt,
    HasSource,
    InSession,
    Number,
)
from interactions.filters.form import NO_MODEL, TEXTS, InteractionFilter
from interactions.filters.terms import (
    group_labels,
    parse_feedback,
    parse_label,
    parse_measure,
    spell_words,
)

from .address import Address

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in words, such as (env, is, prod)."""

    subject: str
    verb: str
    value: str
    is_not: bool
    remove: str


def chips_of(form: InteractionFilter, address: Address) -> list[Chip]:
    """A chip for every condition of a valid filter."""
    cleaned = form.form.cleaned_data
    of_key = _spellings(address, "label", _label_key)
    made = [
        _chip(one, address.removing("label", of_key[one.key]))
        for one in group_labels(cleaned["label"])
    ]
    for pair, terms in _spellings(address, "not_label", parse_label).items():
        (one,) = group_labels([pair])
        made.append(_chip(one, address.removing("not_label", terms), is_not=True))
    for name, is_not in (("feedback", False), ("not_feedback", True)):
        for condition, terms in _spellings(address, name, parse_feedback).items():
            made.append(_chip(condition, address.removing(name, terms), is_not=is_not))
    if models := cleaned["model"]:
        keys = tuple(None if model == NO_MODEL else model for model in models)
        made.append(_chip(HasLlm(keys), address.dropping("model")))
    if sources := cleaned["source"]:
        made.append(_chip(HasSource(tuple(sources)), address.dropping("source")))
    if users := cleaned["user"]:
        made.append(_chip(CreatedBy(tuple(users)), address.dropping("user")))
    if cleaned["session"] is not None:
        made.append(_chip(InSession(cleaned["session"]), address.dropping("session")))
    if cleaned["prompt"] is not None:
        made.append(_chip(HasPrompt(cleaned["prompt"]), address.dropping("prompt")))
    for number in Number:
        of_measure = _spellings(address, number, partial(parse_measure, number))
        for measure, terms in of_measure.items():
            made.append(_chip(measure, address.removing(number, terms)))
    return made + _text_chips(cleaned, address) + _time_chip(form, address)


def _text_chips(cleaned: dict[str, Any], address: Address) -> list[Chip]:
    """A chip for every word or phrase."""
    made = []
    for name, place in TEXTS.items():
        wanted = cleaned[name] or ()
        for word in wanted:
            rest = spell_words(other for other in wanted if other != word)
            remove = (
                address.adding(name, rest, instead_of=(name,)) if rest else address.dropping(name)
            )
            made.append(_chip(Contains(word, place), remove))
    return made


def _spellings(address: Address, name: str, parse: Callable[[str], T]) -> dict[T, list[str]]:
    """What each term of a parameter means, and all the terms that mean it."""
    found: dict[T, list[str]] = {}
    for term in address.data.getlist(name):
        if term.strip():
            found.setdefault(parse(term), []).append(term)
    return found


def _label_key(term: str) -> str:
    return parse_label(term)[0]


def _chip(condition: Condition, remove: str, *, is_not: bool = False) -> Chip:
    return Chip(*words.condition(condition, is_not=is_not), is_not, remove)


def _time_chip(form: InteractionFilter, address: Address) -> list[Chip]:
    term = form.time_term()
    remove = address.dropping("time", "since", "until")
    if term.span is not None:
        return [Chip("last", "", words.span(term.span), False, remove)]
    condition = term.condition(datetime.now(UTC))
    return [] if condition is None else [_chip(condition, remove)]
