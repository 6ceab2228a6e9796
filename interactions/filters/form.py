"""The filter as a form: django-filter reads and checks an address, and a tree comes out.

django-filter's own `.qs` would leave a wrong value out in silence; ours is never used. A form
that is not valid has no tree, so it shows its faults and no rows.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import django_filters
from django import forms
from django.http import QueryDict

from interactions.models import Interaction, Source

from .conditions import (
    Comparator,
    Contains,
    CreatedBy,
    HasFeedback,
    HasLabel,
    HasLlm,
    HasPrompt,
    HasSource,
    InSession,
    Number,
    Place,
)
from .terms import (
    TimeTerm,
    group_labels,
    parse_feedback,
    parse_label,
    parse_measure,
    parse_number,
    parse_span,
    parse_time,
    parse_words,
    spell_feedback,
    spell_label,
)
from .tree import And, Not, Tree

T = TypeVar("T")
NO_MODEL = "(none)"  # in an address: interactions without a model
# Of one look at the list, not of its filter.
PLACE = ("before", "after", "open")
# Where the words of a parameter are looked for.
TEXTS = {
    "text": Place.ANYWHERE,
    "prompt_text": Place.PROMPT,
    "completion_text": Place.COMPLETION,
}
SINGLE = (*TEXTS, "time", "since", "until", "session", "prompt", "compare", "live", *PLACE)
# Asked for by the form's controls and rewritten to terms by `canonical`.
ADDERS = ("label_key", "label_is", "label_value", "metric", "metric_is", "metric_value", "span")
BESIDE = ("more", "raw", "compare", "live")  # of the panel, the open interaction and the rows


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
    text = Term(parse=parse_words, most=1000)
    prompt_text = Term(parse=parse_words, most=1000)
    completion_text = Term(parse=parse_words, most=1000)
    time = Term(parse=parse_span)
    since = Term(parse=parse_time)
    until = Term(parse=parse_time)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, queryset=Interaction.objects.none())

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Parameter and message of everything that is wrong, in no case left out in silence."""
        made = [(name, str(one)) for name, all in self.form.errors.items() for one in all]
        if self.data.get("time") and (self.data.get("since") or self.data.get("until")):
            made.append(("time", "contradicts since and until; expected either"))
        known = {*self.base_filters, *PLACE, *ADDERS, *BESIDE}
        expected = f"expected one of {', '.join(self.base_filters)}"
        return made + [(name, f"unknown; {expected}") for name in self.data if name not in known]

    def is_valid(self) -> bool:
        """Whether it can be answered."""
        return not self.faults

    def time_term(self) -> TimeTerm:
        """The time filter as it was asked for."""
        cleaned = self.form.cleaned_data
        if cleaned["time"] is not None:
            return TimeTerm(span=cleaned["time"])
        return TimeTerm(start=cleaned["since"], end=cleaned["until"])

    def tree(self, now: datetime | None = None) -> Tree:
        """The filter's meaning; call only when `is_valid()`."""
        cleaned = self.form.cleaned_data
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
        for name, place in TEXTS.items():
            children += [Contains(word, place) for word in cleaned[name] or ()]
        if (created := self.time_term().condition(now or datetime.now(UTC))) is not None:
            children.append(created)
        return And(tuple(children))


def _label(pair: tuple[str, str | None]) -> HasLabel:
    key, value = pair
    return HasLabel(key, None if value is None else (value,))


def canonical(data: QueryDict) -> QueryDict:
    """The address without empty parameters, and with the form's controls rewritten to terms.

    The controls `label_key`, `label_is` (is, is_not), `label_value` make a `label` or
    `not_label`; `metric`, `metric_is` (a comparator, has, has_not), `metric_value` make a
    `feedback` or `not_feedback`. `span` makes a `time`, but not beside `since` or `until`: the
    form sends them all, and the ends are what a person took the trouble to type. What cannot be
    understood is passed on as a term, where the form marks it.
    """
    clean = QueryDict(mutable=True)
    for name, values in data.lists():
        if name in ADDERS:
            continue
        for value in values:
            if value.strip() and value not in clean.getlist(name):
                clean.appendlist(name, value)
        if name in SINGLE and name in clean:
            clean.setlist(name, clean.getlist(name)[-1:])  # the last of several
    if (span := data.get("span", "").strip()) and not (clean.get("since") or clean.get("until")):
        clean["time"] = span
    if key := data.get("label_key", "").strip():
        name = "not_label" if data.get("label_is") == "is_not" else "label"
        _add(clean, name, spell_label(key, data.get("label_value") or None))
    if metric := data.get("metric", "").strip():
        _add(clean, *_feedback_term(metric, data))
    return clean


def _add(data: QueryDict, name: str, term: str) -> None:
    if term not in data.getlist(name):
        data.appendlist(name, term)


def _feedback_term(metric: str, data: QueryDict) -> tuple[str, str]:
    how = data.get("metric_is", "has")
    key = None if metric == "*" else metric
    if how in ("has", "has_not"):
        name = "not_feedback" if how == "has_not" else "feedback"
        return name, spell_feedback(HasFeedback(key))
    text = data.get("metric_value", "")
    try:
        return "feedback", spell_feedback(HasFeedback(key, Comparator(how), parse_number(text)))
    except ValueError:
        return "feedback", f"{spell_feedback(HasFeedback(key))}:{how}:{text}"
