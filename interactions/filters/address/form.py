"""The filter as a form: it reads and checks an address, and a tree comes out.

A form that is not valid has no tree, so it shows its faults and no rows. Its fields are made once
and only those that the address has are read: as a form of 24 fields, made for each request, it
took 1.2 ms of every page.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django import forms
from django.http import QueryDict

from adaptive_site.lib.ids import EPOCH
from interactions.filters.address.controls import ADDERS, add, add_controls, split, written
from interactions.filters.address.parameters import LONGEST_TEXT, NO_MODEL, TEXT_PARAMETERS
from interactions.filters.conditions import (
    Contains,
    CreatedBy,
    CreatedWithin,
    HasLabel,
    HasLlm,
    HasPrompt,
    HasSource,
    InSession,
    Number,
)
from interactions.filters.notation import (
    TimeTerm,
    group_labels,
    parse_feedback,
    parse_label,
    parse_measure,
    parse_span,
    parse_time,
    parse_words,
)
from interactions.filters.query.grammar import LONGEST_QUERY, parse, parse_fixed
from interactions.filters.tree import EVERYTHING, And, Not, Tree, conjuncts, resolved
from interactions.models import Source

__all__ = [
    "ADDERS",
    "BESIDE",
    "KEPT_PARAMETERS",
    "NO_MODEL",
    "PLACE",
    "SINGLE_PARAMETERS",
    "TEXT_PARAMETERS",
]
__all__ += ["InteractionFilter", "canonical"]

T = TypeVar("T")
# Of one look at the list, not of its filter.
PLACE = ("before", "after", "open")
# How the rows are shown: no filter, but links and forms keep it from page to page.
KEPT_PARAMETERS = ("order", "columns", "density", "view", "compare", "live")
BESIDE = ("more", "raw")  # of the panel and of the open interaction
SINGLE_PARAMETERS = (
    *TEXT_PARAMETERS,
    "time",
    "since",
    "until",
    "session",
    "prompt",
    "typed",
    *PLACE,
    *KEPT_PARAMETERS,
)


class TermsField(forms.Field):
    """A parameter that may stand several times, each a term that `parse` reads."""

    widget = forms.MultipleHiddenInput

    def __init__(self, parse: Callable[[str], Any], **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "required": False})
        self.parse = parse

    def to_python(self, value: list[str] | None) -> list[Any]:
        """What each non-empty term means, in order, each once."""
        meanings: dict[Any, None] = {}
        for term in value or []:
            if term.strip():
                meanings[_parsed(self.parse, term)] = None
        return list(meanings)


class TermField(forms.CharField):
    """A parameter that stands once, a term of at most `most` characters that `parse` reads."""

    def __init__(self, parse: Callable[[str], Any], most: int = 100, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "required": False})
        self.parse = parse
        self.most = most

    def to_python(self, value: str | None) -> Any:
        """What the term means, or None when there is none."""
        text = super().to_python(value)
        if text and len(text) > self.most:
            raise forms.ValidationError(f"expected at most {self.most} characters")
        return _parsed(self.parse, text) if text else None


def _parsed(parse: Callable[[str], T], term: str) -> T:
    if "\0" in term:
        raise forms.ValidationError("Null characters are not allowed.")
    try:
        return parse(term)
    except ValueError as error:
        raise forms.ValidationError(f"“{term}”: {error}") from error


def _source(term: str) -> str:
    if term not in Source.values:
        raise ValueError(f"expected one of {', '.join(Source.values)}")
    return term


def _uuid(term: str) -> UUID:
    try:
        return UUID(term)
    except ValueError as error:
        raise ValueError("expected a UUID, 32 digits of 0-9 and a-f") from error


class InteractionFilter:
    """The filter of the interactions page; its parameters are the page's address."""

    parameters: ClassVar[Mapping[str, TermsField | TermField]] = {
        "label": TermsField(parse=parse_label),
        "not_label": TermsField(parse=parse_label),
        "feedback": TermsField(parse=parse_feedback),
        "not_feedback": TermsField(parse=parse_feedback),
        "model": TermsField(parse=str),
        "source": TermsField(parse=_source),
        "user": TermsField(parse=str),
        "session": TermField(parse=_uuid),
        "prompt": TermField(parse=_uuid),
        "latency": TermsField(parse=partial(parse_measure, Number.LATENCY)),
        "ttft": TermsField(parse=partial(parse_measure, Number.TTFT)),
        "prompt_tokens": TermsField(parse=partial(parse_measure, Number.PROMPT_TOKENS)),
        "completion_tokens": TermsField(parse=partial(parse_measure, Number.COMPLETION_TOKENS)),
        "images": TermsField(parse=partial(parse_measure, Number.IMAGES)),
        "tokens": TermsField(parse=partial(parse_measure, Number.TOKENS)),
        "text": TermField(parse=parse_words, most=LONGEST_TEXT),
        "prompt_text": TermField(parse=parse_words, most=LONGEST_TEXT),
        "completion_text": TermField(parse=parse_words, most=LONGEST_TEXT),
        "system_text": TermField(parse=parse_words, most=LONGEST_TEXT),
        "all_text": TermField(parse=parse_words, most=LONGEST_TEXT),
        "q": TermsField(parse=parse_fixed),
        "time": TermField(parse=parse_span),
        "since": TermField(parse=parse_time),
        "until": TermField(parse=parse_time),
        # What stands in the query bar and cannot be read; `canonical` leaves nothing else in it.
        "typed": TermField(parse=parse, most=2 * LONGEST_QUERY),
    }

    def __init__(self, data: QueryDict) -> None:
        self.data = data

    @cached_property
    def _read(self) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """What each parameter means, and what is wrong with them by name."""
        cleaned: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for name, field in self.parameters.items():
            is_several = isinstance(field, TermsField)
            cleaned[name] = [] if is_several else None
            if name in self.data:
                given = self.data.getlist(name) if is_several else self.data.get(name)
                try:
                    cleaned[name] = field.clean(given)
                except forms.ValidationError as error:
                    errors[name] = error.messages
        return cleaned, errors

    @property
    def cleaned(self) -> Mapping[str, Any]:
        """What each parameter means; of one that is absent or wrong, None or no terms."""
        return self._read[0]

    @property
    def errors(self) -> Mapping[str, list[str]]:
        """What is wrong with a parameter by itself."""
        return self._read[1]

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Parameter and message of everything that is wrong, in no case left out in silence."""
        cleaned = self.cleaned
        made = [(name, one) for name, all in self.errors.items() for one in all]
        if self.data.get("time") and (self.data.get("since") or self.data.get("until")):
            made.append(("time", "contradicts since and until; expected either"))
        since, until = cleaned["since"], cleaned["until"]
        if since is not None and until is not None and until < since:
            made.append(("until", "ends before since begins; expected a later time"))
        known = {*self.parameters, *PLACE, *ADDERS, *KEPT_PARAMETERS, *BESIDE}
        expected = f"expected one of {', '.join(self.parameters)}"
        return made + [(name, f"unknown; {expected}") for name in self.data if name not in known]

    def is_valid(self) -> bool:
        """Whether it can be answered."""
        return not self.faults

    def time_term(self) -> TimeTerm:
        """The time filter as it was asked for; of what cannot be read, nothing."""
        cleaned = self.cleaned
        if cleaned["time"] is not None:
            return TimeTerm(span=cleaned["time"])
        return TimeTerm(start=cleaned["since"], end=cleaned["until"])

    def tree(self, now: datetime | None = None) -> Tree:
        """The filter's meaning; call only when `is_valid()`."""
        return resolved(self.asked(), now or datetime.now(UTC))

    def asked(self) -> Tree:
        """The same as it was asked for: the last while stays that."""
        cleaned = self.cleaned
        children: list[Tree] = [
            *group_labels(cleaned["label"]),
            *(Not(_label(pair)) for pair in cleaned["not_label"]),
            *cleaned["feedback"],
            *(Not(condition) for condition in cleaned["not_feedback"]),
        ]
        if models := cleaned["model"]:
            children.append(HasLlm(tuple(None if m == NO_MODEL else m for m in models)))
        if sources := cleaned["source"]:
            children.append(HasSource(tuple(sources)))
        if users := cleaned["user"]:
            children.append(CreatedBy(tuple(users)))
        if cleaned["session"] is not None:
            children.append(InSession(cleaned["session"]))
        if cleaned["prompt"] is not None:
            children.append(HasPrompt(cleaned["prompt"]))
        children += [measure for number in Number for measure in cleaned[number]]
        for name, place in TEXT_PARAMETERS.items():
            children += [Contains(word, place) for word in cleaned[name] or ()]
        for tree in (*cleaned["q"], cleaned["typed"] or EVERYTHING):
            children += conjuncts(tree)
        term = self.time_term()
        if term.span is not None:
            children.append(CreatedWithin(term.span))
        elif (created := term.condition(EPOCH)) is not None:
            children.append(created)
        return And(tuple(children))


def _label(pair: tuple[str, str | None]) -> HasLabel:
    key, value = pair
    return HasLabel(key, None if value is None else (value,))


def canonical(data: QueryDict) -> QueryDict:
    """The address without empty parameters, and with the form's controls rewritten to terms.

    What is written in the `bar` takes the place of the whole filter; what cannot be read of it
    stays as `typed`, where the form marks it. A `q` of several conditions becomes a parameter for
    each, as in the bar. The other controls (`controls.py`) add to the filter. What they ask for in
    vain is passed on as a term, where the form marks it too.
    """
    clean = QueryDict(mutable=True)
    is_replaced = "bar" in data
    for name, values in data.lists():
        if name in ADDERS or (is_replaced and name in _REPLACED):
            continue
        for value in values:
            if value.strip() and value not in clean.getlist(name):
                clean.appendlist(name, value)
        if name in SINGLE_PARAMETERS and name in clean:
            clean.setlist(name, clean.getlist(name)[-1:])  # the last of several
    for name, value in written(data, clean):
        add(clean, name, value)
    split(clean)
    add_controls(data, clean)
    return clean


_REPLACED = frozenset((*InteractionFilter.parameters, *PLACE))
