"""Where nothing matches: how many would without each condition, and what may be meant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TypeVar

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.address.controls import canonical
from interactions.filters.address.parameters import parameters_of
from interactions.filters.conditions import Contains, HasFeedback, HasLabel, HasLlm
from interactions.filters.query.errors import QueryError
from interactions.filters.query.fields import QUERY_FIELDS
from interactions.filters.query.grammar import parse
from interactions.filters.query.spelling import spell, spell_key, spell_metric
from interactions.filters.sql import queries
from interactions.filters.sql.queries import Count
from interactions.filters.tree import And, Not, Tree, resolved
from interactions.services.browsing.ids_in_text import ids_in
from interactions.services.browsing.word_meanings import Meaning, meanings
from interactions.services.rollups import counts
from interactions.textindex.letters import fold
from interactions.web.filtering.chips import Chip
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.filtering.query_string import Pairs, encoded_pairs
from projects.models import Project
from projects.web.requests import ProjectRequest, in_project, project_page

NO_MATCHES_LIMIT_MS = 3_000  # for all of them
ONE_COUNT_LIMIT_MS = 600
MOST_CONDITIONS = 12  # conditions
MOST_RUNS_OF_WORDS = 24  # runs of words
MOST_MEANINGS = 4  # meanings of a word
T = TypeVar("T")
_JOINTS = (" ", "-", "_", ".", "/")  # of words within a value


@dataclass(frozen=True, slots=True)
class SpellingSuggestion:
    """A name in the filter that the project does not have, and one much like it that it has."""

    name: str
    meant: str
    link: str


@dataclass(frozen=True, slots=True)
class WordMeaning:
    """A word in a text that is the value of something, and the filter with that value."""

    word: str
    spelt: str
    link: str
    n: Count | None


@dataclass(frozen=True, slots=True)
class ConditionCounts:
    """A condition, how many match it alone, and how many all the others; None took too long."""

    chip: Chip
    alone: Count | None
    others: Count | None


@dataclass
class NoMatches(FilteredPage):
    """What may be done where nothing matches; `is_late` when not all could be counted in time."""

    conditions: list[ConditionCounts] = field(default_factory=list)
    meanings: list[WordMeaning] = field(default_factory=list)
    suggestions: list[SpellingSuggestion] = field(default_factory=list)
    is_late: bool = False

    def read(self) -> "NoMatches":
        """Count without each condition, the one that helps most first, and look for meanings."""
        self._collect(self.conditions, _without(self))
        self.conditions.sort(key=lambda one: -(one.others.n if one.others else -1))
        self._collect(self.meanings, _values(self))
        self.suggestions = list(_suggestions(self))
        return self

    def _collect(self, into: list[T], found: Iterator[T]) -> None:
        """Add what is found in time."""
        try:
            with time_limit(NO_MATCHES_LIMIT_MS):
                into.extend(found)
        except TookTooLong:
            self.is_late = True

    @property
    def ids(self) -> list[str]:
        """The ids in the texts that are looked for: nothing that may be read has them."""
        return ids_in(" ".join(one.text for one in self.wanted))


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def no_matches(request: ProjectRequest) -> HttpResponse:
    """Each condition with the counts, the one that helps most first; names that were meant."""
    page = NoMatches(request.caller, request.project, canonical(request.GET)).read()
    return project_page(request, "interactions/no_matches.html", {"page": page})


def _without(page: FilteredPage) -> Iterator[ConditionCounts]:
    now = datetime.now(UTC)
    trees = [resolved(chip.tree, now) for chip in page.chips[:MOST_CONDITIONS]]
    for n, chip in enumerate(page.chips[:MOST_CONDITIONS]):
        others = And((*trees[:n], *trees[n + 1 :]))
        yield ConditionCounts(
            chip, _count(page.project, And((trees[n],))), _count(page.project, others)
        )


def _count(project: Project, tree: Tree) -> Count | None:
    try:
        with time_limit(ONE_COUNT_LIMIT_MS):
            known = counts.counted(project, tree)
            return Count(known, True) if known is not None else queries.count(project, tree)
    except TookTooLong:
        return None


def _values(page: FilteredPage) -> Iterator[WordMeaning]:
    """Values that the words of the filter may mean, with how many match then."""
    seen: set[str] = set()
    for words, trees, rest in _words(page):
        for one in _meanings(page.project, words):
            tree = resolved(And((*trees, one.condition)), datetime.now(UTC))
            n = _count(page.project, tree)
            link = page.path + encoded_pairs([*rest, *parameters_of(one.condition, rest)])
            if (n is None or n.n) and link not in seen:
                seen.add(link)
                yield WordMeaning(" ".join(words), spell(one.condition), link, n)


def _meanings(project: Project, words: Sequence[str]) -> list[Meaning]:
    """Values that hold all these words; of a word like `key=value`, values of that key first."""
    if len(words) > 1:
        phrases = [*(joint.join(words) for joint in _JOINTS), *words]
        found = meanings(project, phrases)
        fit = [one for one in found if all(fold(word) in fold(one.value) for word in words)]
        in_order = fold(" ".join(words))
        return sorted(fit, key=lambda one: in_order not in fold(one.value))[:MOST_MEANINGS]
    (word,) = words
    if found := meanings(project, [word], most=MOST_MEANINGS):
        return found
    key, _, value = word.partition("=")
    found = meanings(project, [value], most=MOST_MEANINGS)
    its_own = [
        one
        for one in found
        if isinstance(one.condition, HasLabel) and fold(one.condition.key) == fold(key)
    ]
    # `project/model` is how a client names a model; some of our keys have a slash themselves.
    named = meanings(project, [word.partition("/")[2]], most=MOST_MEANINGS)
    return its_own or found or [one for one in named if isinstance(one.condition, HasLlm)]


def _words(page: FilteredPage) -> Iterator[tuple[list[str], list[Tree], Pairs]]:
    """Runs of words, the longest first: with the other conditions, and the rest of the address."""
    chips = page.chips[:MOST_CONDITIONS]
    words = [chip for chip in chips if isinstance(chip.tree, Contains)]
    places = range(len(words))
    runs = [words[first : last + 1] for first in places for last in places[first:]]
    for some in sorted(runs, key=len, reverse=True)[:MOST_RUNS_OF_WORDS]:
        if len(some) > 1 and not page.data.get("text"):
            continue
        texts = [chip.condition.text for chip in some if isinstance(chip.condition, Contains)]
        others = [chip.tree for chip in chips if chip not in some]
        rest = list(some[0].rest)
        if len(some) > 1:
            shared = set.intersection(*(set(chip.rest) for chip in some))
            rest = [pair for pair in page.links.page.pairs if pair in shared]
            # One parameter holds all the words, so those beside this run are lost with it.
            left = [chip.tree for chip in words if chip not in some]
            rest += parameters_of(And(tuple(left)), rest) if left else []
        yield texts, others, rest


def _suggestions(page: FilteredPage) -> Iterator[SpellingSuggestion]:
    """Label keys and metrics that nobody has, with those that are spelt much the same."""
    keys = {spell_key(key): "label" for key in page.label_keys}
    metrics = {spell_metric(metric.key): "metric" for metric in page.metrics}
    for chip in page.chips:
        match chip.condition:
            case HasLabel(key) if spell_key(key) not in keys:
                name, known = spell_key(key), [*QUERY_FIELDS, *keys, *metrics]
            case HasFeedback(str() as metric) if spell_metric(metric) not in metrics:
                name, known = spell_metric(metric), [*metrics]
            case _:
                continue
        for meant in get_close_matches(name, known, n=1, cutoff=0.6):
            text = spell(chip.condition).replace(f"{name}:", f"{meant}:", 1)
            try:
                tree = parse(text)
            except QueryError:
                continue  # the value is none of that field
            pairs = parameters_of(Not(tree) if chip.is_not else tree, chip.rest)
            yield SpellingSuggestion(name, meant, page.path + encoded_pairs([*chip.rest, *pairs]))
