"""What to do when nothing matches: how many would without each condition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.address.form import canonical
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
from interactions.web.filtering.filtered_page import Look
from interactions.web.filtering.links import spelled
from projects.models import Project
from projects.web.requests import ProjectRequest, in_project, project_page

LIMIT_MS = 3_000  # for all of them
ONE_LIMIT_MS = 600
MOST = 12  # conditions
MOST_RUNS = 24  # runs of words
FEW = 4  # meanings of a word
_JOINTS = (" ", "-", "_", ".", "/")  # of words within a value


@dataclass(frozen=True, slots=True)
class Meant:
    """A name the project has that is much like one it has not, and the filter with it."""

    name: str
    meant: str
    link: str


@dataclass(frozen=True, slots=True)
class Value:
    """A word that was looked for as a text and is the value of something: the filter with that."""

    word: str
    spelt: str
    link: str
    n: Count | None


@dataclass(frozen=True, slots=True)
class Without:
    """A condition, how many match it alone, and how many all the others; None took too long."""

    chip: Chip
    alone: Count | None
    others: Count | None


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def empty(request: ProjectRequest) -> HttpResponse:
    """Each condition with the counts, the one that helps most first; names that were meant."""
    look = Look(request.caller, request.project, canonical(request.GET))
    found, is_late = _all_without(look)
    values: list[Value] = []
    try:
        with time_limit(LIMIT_MS):
            values.extend(_values(look))
    except TookTooLong:
        is_late = True
    context = {
        "look": look,
        "found": found,
        "is_late": is_late,
        "meant": list(_meant(look)),
        "values": values,
        "ids": ids_in(" ".join(one.text for one in look.wanted)),
    }
    return project_page(request, "interactions/empty.html", context)


def _all_without(look: Look) -> tuple[list[Without], bool]:
    """The conditions that could be counted in time, and whether some could not."""
    found: list[Without] = []
    is_late = False
    try:
        with time_limit(LIMIT_MS):
            found.extend(_without(look))
    except TookTooLong:
        is_late = True
    return sorted(found, key=lambda one: -(one.others.n if one.others else -1)), is_late


def _without(look: Look) -> Iterator[Without]:
    now = datetime.now(UTC)
    trees = [resolved(chip.tree, now) for chip in look.chips[:MOST]]
    for n, chip in enumerate(look.chips[:MOST]):
        others = And((*trees[:n], *trees[n + 1 :]))
        yield Without(chip, _count(look.project, And((trees[n],))), _count(look.project, others))


def _count(project: Project, tree: Tree) -> Count | None:
    try:
        with time_limit(ONE_LIMIT_MS):
            known = counts.counted(project, tree)
            return Count(known, True) if known is not None else queries.count(project, tree)
    except TookTooLong:
        return None


def _values(look: Look) -> Iterator[Value]:
    """What the words are values of, with how many the filter then matches."""
    seen: set[str] = set()
    for words, trees, rest in _words(look):
        for one in _meanings(look.project, words):
            tree = resolved(And((*trees, one.condition)), datetime.now(UTC))
            n = _count(look.project, tree)
            link = look.here + spelled([*rest, *parameters_of(one.condition, rest)])
            if (n is None or n.n) and link not in seen:
                seen.add(link)
                yield Value(" ".join(words), spell(one.condition), link, n)


def _meanings(project: Project, words: Sequence[str]) -> list[Meaning]:
    """What all these words stand in; of one as `key=value` what the value is, and whose."""
    if len(words) > 1:
        phrases = [*(joint.join(words) for joint in _JOINTS), *words]
        found = meanings(project, phrases)
        fit = [one for one in found if all(fold(word) in fold(one.value) for word in words)]
        as_said = fold(" ".join(words))
        return sorted(fit, key=lambda one: as_said not in fold(one.value))[:FEW]
    (word,) = words
    if found := meanings(project, [word], most=FEW):
        return found
    key, _, value = word.partition("=")
    found = meanings(project, [value], most=FEW)
    its_own = [
        one
        for one in found
        if isinstance(one.condition, HasLabel) and fold(one.condition.key) == fold(key)
    ]
    # `project/model` is how a client names a model; some of our keys have a slash themselves.
    named = meanings(project, [word.partition("/")[2]], most=FEW)
    return its_own or found or [one for one in named if isinstance(one.condition, HasLlm)]


def _words(look: Look) -> Iterator[tuple[list[str], list[Tree], list[tuple[str, str]]]]:
    """Runs of words, the longest first: with the other conditions, and the rest of the address."""
    chips = look.chips[:MOST]
    words = [chip for chip in chips if isinstance(chip.tree, Contains)]
    places = range(len(words))
    runs = [words[first : last + 1] for first in places for last in places[first:]]
    for some in sorted(runs, key=len, reverse=True)[:MOST_RUNS]:
        if len(some) > 1 and not look.data.get("text"):
            continue
        said = [chip.condition.text for chip in some if isinstance(chip.condition, Contains)]
        others = [chip.tree for chip in chips if chip not in some]
        rest = list(some[0].rest)
        if len(some) > 1:
            shared = set.intersection(*(set(chip.rest) for chip in some))
            rest = [pair for pair in look.address.pairs if pair in shared]
            # One parameter holds all the words, so those beside this run are lost with it.
            left = [chip.tree for chip in words if chip not in some]
            rest += parameters_of(And(tuple(left)), rest) if left else []
        yield said, others, rest


def _meant(look: Look) -> Iterator[Meant]:
    """Label keys and metrics that nobody has, with those that are spelt much the same."""
    keys = {spell_key(key): "label" for key in look.label_keys}
    metrics = {spell_metric(metric.key): "metric" for metric in look.metrics}
    for chip in look.chips:
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
            yield Meant(name, meant, look.here + spelled([*chip.rest, *pairs]))
