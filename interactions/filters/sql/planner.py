"""Which list drives each alternative of a filter, and what is made of the other conditions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeAlias
from uuid import UUID

from adaptive_site.lib.database.sql import FALSE, TRUE, Bounds, Sql, joined
from adaptive_site.lib.ids import first_id_at
from interactions.filters.conditions import Contains, CreatedIn, HasLabel, Reads
from interactions.filters.sql.index_lists import List, project_list
from interactions.filters.sql.list_sizes import Weight, Weights, total
from interactions.filters.sql.names import Names
from interactions.filters.sql.row_tests import Row
from interactions.filters.tree import And, Not, Or, Tree
from interactions.textindex.candidates import Candidates, look_up

MOST_ALTERNATIVES = 16  # of an OR that is read as its alternatives' lists
TEST_US = 5  # to test whether an interaction is in a list
TEXT_US = 40  # to read its body and look for a text
MANY = 1_000_000  # interactions of a project that has not been counted yet
QUICK = 250  # texts that are read at once, not looked for in the index


@dataclass(frozen=True, slots=True)
class Walk:
    """A list that drives, lists merged with it that hold its ids or do not, and tests of each."""

    driver: List
    tests: tuple[Tree, ...]
    bounds: Bounds
    merged: tuple[List, ...] = ()
    without: tuple[List, ...] = ()


@dataclass(frozen=True, slots=True)
class Hunt:
    """What the index of texts suggests, and tests of every id of that."""

    candidates: Candidates
    tests: tuple[Tree, ...]
    bounds: Bounds


Way: TypeAlias = Walk | Hunt


@dataclass(frozen=True, slots=True)
class Look:
    """What is wanted of a filter: so many ids, from which end, and between which others.

    With `one_in`, a power of two, one id in so many is looked at, by chance.
    """

    limit: int | None = None
    before: UUID | None = None
    after: UUID | None = None
    oldest_first: bool = False
    one_in: int = 1


def ways(names: Names, tree: Tree, look: Look) -> list[Way]:
    """Ways to all that match; the union of what they find is the answer."""
    made: list[Way] = []
    for alternative in _alternatives(tree):
        made += _ways(names, alternative, look)
    return made


def as_test(names: Names, tree: Tree, row: Row) -> Sql:
    """The tree as a test of one interaction."""
    match tree:
        case And(children):
            return joined([TRUE, *(as_test(names, child, row) for child in children)], " AND ")
        case Or(children):
            either = joined([FALSE, *(as_test(names, child, row) for child in children)], " OR ")
            return Sql(f"({either.text})", either.params)
        case Not(child):
            inner = as_test(names, child, row)
            return Sql(f"NOT ({inner.text})", inner.params)
        case CreatedIn():
            span = bounds_of([tree], Look()).on(row.id)
            return Sql(f"(TRUE{span.text})", span.params)
        case _:
            return names.test_of(tree, row)


def bounds_of(children: Sequence[Tree], look: Look) -> Bounds:
    """The span of ids that the time conditions and the cursor leave."""
    spans = [child for child in children if isinstance(child, CreatedIn)]
    starts = [first_id_at(span.start) for span in spans if span.start is not None]
    ends = [first_id_at(span.end) for span in spans if span.end is not None]
    if look.before is not None:
        ends.append(look.before)
    return Bounds(
        least=str(max(starts)) if starts else None,
        below=str(min(ends)) if ends else None,
        above=str(look.after) if look.after is not None else None,
    )


def _alternatives(tree: Tree) -> Iterator[Tree]:
    if isinstance(tree, Or):
        for child in tree.children:
            yield from _alternatives(child)
    else:
        yield tree


def _flat(tree: Tree) -> Iterator[Tree]:
    """The conditions under AND, whatever the nesting."""
    match tree:
        case And(children):
            for child in children:
                yield from _flat(child)
        case Not(Not(child)):
            yield from _flat(child)
        case Not(Or(children)):
            for child in children:
                yield from _flat(Not(child))
        case Or((child,)):
            yield from _flat(child)
        case _:
            yield tree


def _without_repeats(children: Iterator[Tree]) -> list[Tree]:
    """Each once, and one condition a label key: an interaction has one value of it at most."""
    of_key: dict[str, HasLabel] = {}
    others: dict[Tree, None] = {}
    for child in children:
        if not isinstance(child, HasLabel):
            others[child] = None
            continue
        known = of_key.get(child.key, HasLabel(child.key)).values
        if known is not None and child.values is not None:
            known = tuple(value for value in known if value in child.values)
        of_key[child.key] = HasLabel(child.key, child.values if known is None else known)
    return [*of_key.values(), *others]


def _ways(names: Names, tree: Tree, look: Look) -> Iterator[Way]:
    children = _without_repeats(_flat(tree))
    bounds = bounds_of(children, look)
    rest: list[Tree] = [child for child in children if not isinstance(child, CreatedIn)]
    lists: dict[Tree, list[List]] = {}
    for child in rest:
        if (held := _lists(names, child)) is not None:
            lists[child] = held
    if not all(lists.values()):
        return
    texts = [child for child in rest if isinstance(child, Contains | Reads)]
    weights = None
    if len(lists) > 1 or (lists and texts):
        weights = Weights(names.project_id, lists, bounds, oldest_first=look.oldest_first)
        bounds = weights.bounds
        if weights.is_empty:
            return
    best = min(lists, key=lambda child: weights.of(child).size if weights else 0, default=None)
    weight = weights.of(best) if weights and best else None
    hunted = _hunted(names, texts, weight, look) if texts else None
    if hunted is not None:
        yield Hunt(hunted, tuple(rest), bounds)
    elif isinstance(best, Or):
        rest = [child for child in children if child != best]
        for alternative in _alternatives(best):
            yield from _ways(names, And((*rest, alternative)), look)
    elif best is None:
        without = _without(names, rest)
        tests = tuple(child for child in rest if child not in without)
        driver = project_list(names.project_id)
        yield Walk(driver, tests, bounds, without=tuple(without.values()))
    else:
        # A short list is tested entry by entry: merged with long ones, these might be read.
        is_short = weight is not None and weight.is_all
        merged = {} if weight is None or is_short else _merged(lists, best)
        without = {} if is_short else _without(names, rest)
        others = {best, *merged, *without}
        tests = tuple(child for child in rest if child not in others)
        for one in lists[best]:
            yield Walk(one, tests, bounds, tuple(merged.values()), tuple(without.values()))


def _lists(names: Names, tree: Tree) -> list[List] | None:
    """The lists whose union holds all that match; None when there are none.

    Of an OR each alternative has one, if there are few.
    """
    if not isinstance(tree, Or):
        return names.lists_of(tree)
    alternatives = list(_alternatives(tree))
    if len(alternatives) > MOST_ALTERNATIVES:
        return None
    made: list[List] = []
    for alternative in alternatives:
        found = [names.lists_of(c) for c in _flat(alternative) if not isinstance(c, And | Or | Not)]
        lists = [one for one in found if one is not None]
        if not lists:
            return None
        made += lists[0]
    return made


def _merged(lists: dict[Tree, list[List]], best: Tree) -> dict[Tree, List]:
    """The other labels, each one list in the order of the best."""
    return {
        child: found[0]
        for child, found in lists.items()
        if child != best and isinstance(child, HasLabel) and found[0].is_plain
    }


def _without(names: Names, children: Sequence[Tree]) -> dict[Tree, List]:
    """What must not hold, as far as it is one list."""
    return {
        child: found[0]
        for child in children
        if isinstance(child, Not)
        and (found := names.lists_of(child.child)) is not None
        and len(found) == 1
        and found[0].is_plain
    }


def _hunted(
    names: Names, texts: Sequence[Contains | Reads], best: Weight | None, look: Look
) -> Candidates | None:
    """What the index of texts suggests, if that is less to test than the best list."""
    if best is not None and best.is_all and best.size <= QUICK:
        return None
    found = look_up(names.project_id, [(one.text, one.place) for one in texts])
    if found is None or best is None:
        return found
    in_list = best.share
    in_text = min(1.0, found.n / (total(names.project_id) or MANY))
    limit = inf if look.limit is None else look.limit
    hunting = min(found.n, limit / max(in_list, 1e-9)) * TEST_US
    walking = min(best.size, limit / max(in_text, 1e-9)) * TEXT_US
    return found if hunting <= walking else None
