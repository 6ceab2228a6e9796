"""The filter as chips, each with the link that takes it away."""

from dataclasses import dataclass
from datetime import UTC, datetime

from interactions.filters import words
from interactions.filters.conditions import Condition, Contains, HasLlm, HasSource, InSession
from interactions.filters.form import NO_MODEL, InteractionFilter
from interactions.filters.terms import group_labels, parse_label

from .address import Address


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
    made = [
        _chip(one, address.removing("label", _terms_of_key(address, one.key)))
        for one in group_labels(cleaned["label"])
    ]
    for pair, term in zip(cleaned["not_label"], _given(address, "not_label"), strict=True):
        (one,) = group_labels([pair])
        made.append(_chip(one, address.removing("not_label", [term]), is_not=True))
    for name, is_not in (("feedback", False), ("not_feedback", True)):
        for condition, term in zip(cleaned[name], _given(address, name), strict=True):
            made.append(_chip(condition, address.removing(name, [term]), is_not=is_not))
    if models := cleaned["model"]:
        keys = tuple(None if model == NO_MODEL else model for model in models)
        made.append(_chip(HasLlm(keys), address.dropping("model")))
    if sources := cleaned["source"]:
        made.append(_chip(HasSource(tuple(sources)), address.dropping("source")))
    if cleaned["session"] is not None:
        made.append(_chip(InSession(cleaned["session"]), address.dropping("session")))
    if cleaned["text"]:
        made.append(_chip(Contains(cleaned["text"]), address.dropping("text")))
    return made + _time_chip(form, address)


def _given(address: Address, name: str) -> list[str]:
    """The terms of a parameter as the form reads them: each once, none empty."""
    return list(dict.fromkeys(term for term in address.data.getlist(name) if term.strip()))


def _terms_of_key(address: Address, key: str) -> list[str]:
    return [term for term in _given(address, "label") if parse_label(term)[0] == key]


def _chip(condition: Condition, remove: str, *, is_not: bool = False) -> Chip:
    return Chip(*words.condition(condition, is_not=is_not), is_not, remove)


def _time_chip(form: InteractionFilter, address: Address) -> list[Chip]:
    term = form.time_term()
    remove = address.dropping("time", "since", "until")
    if term.span is not None:
        return [Chip("last", "", words.span(term.span), False, remove)]
    condition = term.condition(datetime.now(UTC))
    return [] if condition is None else [_chip(condition, remove)]
