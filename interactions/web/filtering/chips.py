"""The filter as chips, each with the link that takes it away and what the form behind it needs."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from adaptive_site.lib.middle_ellipsis import shares
from interactions.filters import feedback_text
from interactions.filters.address.form import InteractionFilter
from interactions.filters.address.parameters import NO_MODEL, TEXT_PARAMETERS
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
    Number,
)
from interactions.filters.notation import (
    group_labels,
    parse_feedback,
    parse_label,
    parse_measure,
    spell_number,
    spell_words,
)
from interactions.filters.query import english
from interactions.filters.query.grammar import parse_fixed
from interactions.filters.query.spelling import spell
from interactions.filters.tree import Not, Tree
from interactions.models import Source
from interactions.textindex.places import Place
from interactions.web.filtering.page_parameters import TIME_PARAMETERS
from interactions.web.filtering.query_string import Pairs, encoded_pairs

T = TypeVar("T")
_PLACES = {Place.ANYWHERE: "prompt or completion", Place.EVERYWHERE: "and in system prompts"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in words, such as (env, is, prod).

    `rest` is the filter without it, which the form behind the chip keeps and adds to.
    """

    tree: Tree
    rest: tuple[tuple[str, str], ...]
    yes_no: Collection[str] = ()  # metrics, by key, whose values are yes and no
    places = [
        (place.value, _PLACES.get(place, place.value))
        for place in Place
        if place != Place.ALL_OF_PROMPT
    ]
    sources = Source.choices

    @property
    def condition(self) -> Tree:
        """The condition itself, without a “not” around it."""
        return self.tree.child if isinstance(self.tree, Not) else self.tree

    @property
    def is_not(self) -> bool:
        """Whether the condition is asked not to hold."""
        return isinstance(self.tree, Not)

    @property
    def words(self) -> tuple[str, str, str]:
        """Subject, verb and object."""
        return english.said(self.tree, self.yes_no)

    @property
    def subject(self) -> str:
        """The subject of the condition: a label key, a metric, `model`."""
        return self.words[0]

    @property
    def verb(self) -> str:
        """How the subject is compared: `is`, `at least`."""
        return self.words[1]

    @property
    def value(self) -> str:
        """What the subject is compared with."""
        return self.words[2]

    @property
    def parts(self) -> tuple[str, ...]:
        """The value; of a label with several, each of them."""
        match self.condition:
            case HasLabel(_, values) if values:
                return values
        return (self.value,)

    @property
    def shared(self) -> Mapping[str, int]:
        """How much of each part is another's too, so that each is shortened elsewhere."""
        return shares(self.parts)

    @property
    def remove(self) -> str:
        """The filter without this condition."""
        return encoded_pairs(self.rest)

    @property
    def text(self) -> str:
        """The condition as the query bar writes it."""
        return spell(self.tree, yes_no=self.yes_no)

    @property
    def kind(self) -> str:
        """Which form changes the condition; `part` is its text, which any condition has."""
        match self.condition:
            case HasLabel():
                return "label"
            case HasFeedback(also=(), reasons=None, given_by=None, because=None):
                return "metric" if not self.is_not or self.how == "has_not" else "part"
            case HasNumber() if not self.is_not:
                return "measure"
            case Contains() if not self.is_not:
                return "word"
            case HasLlm():
                return "model"
            case HasSource():
                return "source"
            case CreatedBy():
                return "user"
            case CreatedIn() | CreatedWithin() if not self.is_not:
                return "time"
        return "part"

    @property
    def how(self) -> str:
        """The comparison that is chosen in the form."""
        match self.condition:
            case HasLabel(_, None):
                return "not_there" if self.is_not else "there"
            case HasFeedback(_, None):
                return "has_not" if self.is_not else "has"
            case HasFeedback(_, comparator) | HasNumber(_, comparator) if comparator is not None:
                return comparator.value
            case Contains(_, place):
                return place.value
        return "is_not" if self.is_not else "is"

    @property
    def name(self) -> str:
        """The key, metric or measure of the condition, as the form's control names it."""
        match self.condition:
            case HasLabel(key):
                return key
            case HasFeedback(metric):
                return "*" if metric is None else metric
            case HasNumber(number):
                return number.value
        return ""

    @property
    def values(self) -> tuple[str, ...]:
        """What stands in the form's inputs."""
        match self.condition:
            case HasLabel(_, values):
                return values or ()
            case HasLlm(keys):
                return tuple(NO_MODEL if key is None else key for key in keys)
            case CreatedBy(values) | HasSource(values):
                return values
            case Contains(text):
                return (text,)
            case HasFeedback(metric, _, value) if value is not None:
                return (feedback_text.value(value, is_yes_no=metric in self.yes_no),)
            case HasNumber(_, _, value):
                return (spell_number(value),)
        return ()


def chips_of(form: InteractionFilter, pairs: Pairs, yes_no: Collection[str] = ()) -> list[Chip]:
    """A chip for every condition of a valid filter, on a page with these parameters."""
    made = _Chips(pairs, yes_no)
    cleaned = form.cleaned
    of_key = made.spellings("label", lambda term: parse_label(term)[0])
    for label in group_labels(cleaned["label"]):
        made.add(label, "label", of_key[label.key])
    for pair, terms in made.spellings("not_label", parse_label).items():
        (one,) = group_labels([pair])
        made.add(Not(one), "not_label", terms)
    for condition, terms in made.spellings("feedback", parse_feedback).items():
        made.add(condition, "feedback", terms)
    for condition, terms in made.spellings("not_feedback", parse_feedback).items():
        made.add(Not(condition), "not_feedback", terms)
    if models := cleaned["model"]:
        keys = tuple(None if model == NO_MODEL else model for model in models)
        made.add(HasLlm(keys), "model")
    if sources := cleaned["source"]:
        made.add(HasSource(tuple(sources)), "source")
    if users := cleaned["user"]:
        made.add(CreatedBy(tuple(users)), "user")
    if cleaned["session"] is not None:
        made.add(InSession(cleaned["session"]), "session")
    if cleaned["prompt"] is not None:
        made.add(HasPrompt(cleaned["prompt"]), "prompt")
    for number in Number:
        for measured, terms in made.spellings(number, partial(parse_measure, number)).items():
            made.add(measured, number, terms)
    for name, place in TEXT_PARAMETERS.items():
        made.add_words(name, place, cleaned[name] or ())
    for tree, terms in made.spellings("q", parse_fixed).items():
        made.add(tree, "q", terms)
    term = form.time_term()
    if term.span is not None:
        made.add(CreatedWithin(term.span), *TIME_PARAMETERS)
    elif (created := term.condition(datetime.now(UTC))) is not None:
        made.add(created, *TIME_PARAMETERS)
    return made.chips


class _Chips:
    """Chips as they are found, each with the parameters that stay without it."""

    def __init__(self, pairs: Pairs, yes_no: Collection[str]) -> None:
        self.yes_no = yes_no
        self.pairs = pairs
        self.chips: list[Chip] = []

    def spellings(self, name: str, parse: Callable[[str], T]) -> dict[T, list[str]]:
        """What each term of a parameter means, and all the terms that mean it."""
        found: dict[T, list[str]] = {}
        for own, term in self.pairs:
            if own == name and term.strip():
                found.setdefault(parse(term), []).append(term)
        return found

    def add(self, tree: Tree, *names_and_terms: "str | list[str]") -> None:
        """A condition that some terms of a parameter make, or all of the parameters named."""
        match names_and_terms:
            case (str() as name, list() as terms):
                rest = [p for p in self.pairs if p[0] != name or p[1] not in terms]
            case _:
                rest = [p for p in self.pairs if p[0] not in names_and_terms]
        self.chips.append(Chip(tree, tuple(rest), self.yes_no))

    def add_words(self, name: str, place: Place, wanted: Iterable[str]) -> None:
        """A chip for every word or phrase."""
        for word in wanted:
            others = spell_words(other for other in wanted if other != word)
            self.chips.append(Chip(Contains(word, place), tuple(self._with_text(name, others))))

    def _with_text(self, name: str, text: str) -> Iterator[tuple[str, str]]:
        for own, value in self.pairs:
            if own != name:
                yield own, value
            elif text:
                yield own, text
