"""The filter as a form: it reads and checks an address, and a tree comes out.

django-filter declares its parameters; their fields are made once, and only those that the address
has are read. Its `.qs` would leave a wrong value out in silence and is never used. A form that is
not valid has no tree, so it shows its faults and no rows.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, TypeVar
from uuid import UUID

import django_filters
from django import forms
from django.http import QueryDict

from adaptive_site.lib.ids import EPOCH
from interactions.filters.address.parameters import (
    BESIDE,
    CONTROLS,
    KEPT_PARAMETERS,
    LONGEST_TEXT,
    NO_MODEL,
    PLACE,
    TEXT_PARAMETERS,
)
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

T = TypeVar("T")


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


class Terms(django_filters.Filter):
    """A filter of several terms; several parameters of one name mean any of them."""

    field_class = TermsField


class Term(django_filters.Filter):
    """A filter of one term."""

    field_class = TermField


class InteractionFilter(django_filters.FilterSet):
    """The filter of the interactions page; its parameters are the page's address."""

    label = Terms(parse=parse_label)
    not_label = Terms(parse=parse_label)
    feedback = Terms(parse=parse_feedback)
    not_feedback = Terms(parse=parse_feedback)
    model = Terms(parse=str)
    source = Terms(parse=_source)
    user = Terms(parse=str)
    session = Term(parse=_uuid)
    prompt = Term(parse=_uuid)
    latency = Terms(parse=partial(parse_measure, Number.LATENCY))
    ttft = Terms(parse=partial(parse_measure, Number.TTFT))
    prompt_tokens = Terms(parse=partial(parse_measure, Number.PROMPT_TOKENS))
    completion_tokens = Terms(parse=partial(parse_measure, Number.COMPLETION_TOKENS))
    images = Terms(parse=partial(parse_measure, Number.IMAGES))
    tokens = Terms(parse=partial(parse_measure, Number.TOKENS))
    text = Term(parse=parse_words, most=LONGEST_TEXT)
    prompt_text = Term(parse=parse_words, most=LONGEST_TEXT)
    completion_text = Term(parse=parse_words, most=LONGEST_TEXT)
    system_text = Term(parse=parse_words, most=LONGEST_TEXT)
    all_text = Term(parse=parse_words, most=LONGEST_TEXT)
    q = Terms(parse=parse_fixed)
    time = Term(parse=parse_span)
    since = Term(parse=parse_time)
    until = Term(parse=parse_time)
    # What stands in the query bar and cannot be read; `canonical` leaves nothing else in it.
    typed = Term(parse=parse, most=2 * LONGEST_QUERY)

    def __init__(self, data: QueryDict) -> None:
        # Not django-filter's: 24 filters copied and made a form took 1.2 ms of every page.
        self.data = data

    @cached_property
    def _read(self) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """What each parameter means, and what is wrong with them by name."""
        cleaned: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for name, declared in self.base_filters.items():
            is_several = isinstance(declared, Terms)
            cleaned[name] = [] if is_several else None
            if name in self.data:
                given = self.data.getlist(name) if is_several else self.data.get(name)
                try:
                    cleaned[name] = declared.field.clean(given)
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
        known = {*self.base_filters, *PLACE, *CONTROLS, *KEPT_PARAMETERS, *BESIDE}
        expected = f"expected one of {', '.join(self.base_filters)}"
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
        """The same as it was asked for: the last while stays that. Raises ValueError."""
        if self.errors:
            raise ValueError(f"the filter is not valid: {self.errors}")
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
