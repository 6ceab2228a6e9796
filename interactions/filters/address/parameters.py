"""A filter as the flat parameters of an address: what they can say becomes them, the rest is `q`.

Chips and facets work on `label=env:prod`; an OR across fields they could not take apart, so each
such part of the filter is one `q`, in the query bar's words. All of them must hold.
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from interactions.filters.conditions import (
    Contains,
    CreatedBy,
    CreatedIn,
    CreatedWithin,
    HasFeedback,
    HasLabel,
    HasLlm,
    HasNumber,
    HasPrompt,
    HasSource,
    InSession,
)
from interactions.filters.notation import (
    MOST_SEARCH_WORDS,
    parse_label,
    parse_words,
    spell_feedback,
    spell_label,
    spell_measure,
    spell_words,
)
from interactions.filters.query.spelling import spell_fixed, spell_length, spell_time
from interactions.filters.tree import EVERYTHING, Not, Or, Tree, conjuncts, normal
from interactions.textindex.places import Place

Pair: TypeAlias = tuple[str, str]
NO_MODEL = "(none)"  # in an address: interactions without a model
# Where the words of a parameter are looked for.
TEXT_PARAMETERS = {
    "text": Place.ANYWHERE,
    "prompt_text": Place.PROMPT,
    "completion_text": Place.COMPLETION,
    "system_text": Place.SYSTEM,
    "all_text": Place.EVERYWHERE,
}
LONGEST_TEXT = 1000
# Of one look at the list, not of its filter.
PLACE = ("before", "after", "open")
# How the rows are shown: no filter, but links and forms keep it from page to page.
KEPT_PARAMETERS = (
    "sort",
    "sort_order",
    "order",
    "columns",
    "density",
    "view",
    "compare",
    "live",
)
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
# Each of these is a control; none of them stays in an address.
CONTROLS = (
    "bar",  # the query bar: the whole filter
    "part",  # one condition in the query bar's words
    "label_key", "label_is", "label_value",
    "given", "given_is", "given_value", "given_by",
    "measure", "measure_is", "measure_value",
    "word", "word_in",
    "model_is", "source_is", "user_is",
    "span",
    "from_time", "before_time",  # the ends of a time, as the clock of the person's zone says them
)  # fmt: skip
_PLACES = {place: name for name, place in TEXT_PARAMETERS.items()}


def parameters_of(tree: Tree, beside: Iterable[Pair] = ()) -> list[Pair]:
    """The parameters that mean the filter, `beside` those that are there already and stay.

    Of a parameter that may be there already, the new value takes in the old one (`text`).
    """
    flat = _Flat(beside)
    for child in conjuncts(normal(tree)):
        if child != EVERYTHING:
            flat.add(_as_labels(child))
    return flat.pairs


def _as_labels(tree: Tree) -> Tree:
    """`env:a OR env:b` as `env:(a OR b)`, which a chip and a facet can show."""
    if not isinstance(tree, Or):
        return tree
    keys = {one.key if isinstance(one, HasLabel) and one.values else None for one in tree.children}
    if len(keys) != 1 or None in keys:
        return tree
    values = [v for one in tree.children if isinstance(one, HasLabel) for v in one.values or ()]
    return HasLabel(str(keys.pop()), tuple(dict.fromkeys(values)))


class _Flat:
    """Parameters as they are found to have room for one more condition."""

    def __init__(self, beside: Iterable[Pair]) -> None:
        self.taken = set()
        self.words: dict[str, list[str]] = {name: [] for name in TEXT_PARAMETERS}
        for name, value in beside:
            self.taken.add(name)
            if name in TEXT_PARAMETERS:
                self._keep(name, value)
            elif name == "label":
                self.taken.add(f"label {_key(value)}")
        self.pairs: list[Pair] = []

    def add(self, child: Tree) -> None:
        """Say one more condition, all of which must hold."""
        found = list(self._flat(child)) or [("q", spell_fixed(child))]
        for name, value in found:
            if name in TEXT_PARAMETERS:  # all words stand in one parameter
                self.pairs = [pair for pair in self.pairs if pair[0] != name]
            if (name, value) not in self.pairs:
                self.pairs.append((name, value))

    def _flat(self, child: Tree) -> Iterator[Pair]:
        """The parameters of a condition; none where they cannot say it."""
        match child:
            case HasLabel(key, values) if key.strip() and self._take(f"label {key}"):
                for value in (None,) if values is None else values:
                    yield "label", spell_label(key, value)
            case Not(HasLabel(key, values)) if key.strip():
                for value in (None,) if values is None else values:
                    yield "not_label", spell_label(key, value)
            case HasFeedback() if _is_plain(child):
                yield "feedback", spell_feedback(child)
            case Not(HasFeedback() as one) if _is_plain(one):
                yield "not_feedback", spell_feedback(one)
            case HasLlm(keys) if (
                _are_said([k for k in keys if k is not None]) and NO_MODEL not in keys
            ):
                if self._take("model"):
                    yield from (("model", NO_MODEL if key is None else key) for key in keys)
            case HasSource(sources) if self._take("source"):
                yield from (("source", source) for source in sources)
            case CreatedBy(users) if _are_said(users) and self._take("user"):
                yield from (("user", user) for user in users)
            case InSession(id) if self._take("session"):
                yield "session", str(id)
            case HasPrompt(id) if self._take("prompt"):
                yield "prompt", str(id)
            case HasNumber(number):
                yield number.value, spell_measure(child)
            case Contains(text, place) if text and place in _PLACES:
                yield from self._text(_PLACES[place], text)
            case CreatedWithin(length) if not self.taken & {"time", "since", "until"}:
                self.taken.add("time")
                yield "time", spell_length(length)
            case CreatedIn(start, end):
                ends = {"since": start, "until": end}
                given = {name: at for name, at in ends.items() if at is not None}
                if not self.taken & {"time", *given}:
                    self.taken |= given.keys()
                    yield from ((name, spell_time(at)) for name, at in given.items())

    def _keep(self, name: str, value: str) -> None:
        """Words that are there already; to those that cannot be read, none can be added."""
        try:
            self.words[name] = list(parse_words(value))
        except ValueError:
            del self.words[name]  # the form says what is wrong with them

    def _take(self, name: str) -> bool:
        """Whether a parameter that can be said once was still free; it is not any more."""
        is_free = name not in self.taken
        self.taken.add(name)
        return is_free

    def _text(self, name: str, text: str) -> Iterator[Pair]:
        if name not in self.words:
            return
        words = list(dict.fromkeys([*self.words[name], text]))
        spelt = spell_words(words)
        if len(words) <= MOST_SEARCH_WORDS and len(spelt) <= LONGEST_TEXT:
            self.words[name] = words
            yield name, spelt


def _is_plain(one: HasFeedback) -> bool:
    has_details = one.reasons is not None or one.given_by is not None or one.because is not None
    return not one.also and not has_details and one.metric != ""


def _are_said(names: Iterable[str]) -> bool:
    """Whether all are more than spaces, which an address leaves out."""
    return all(name.strip() for name in names)


def _key(term: str) -> str:
    try:
        return parse_label(term)[0]
    except ValueError:
        return term
