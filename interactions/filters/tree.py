"""A filter: conditions joined by AND, OR and NOT."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import and_
from typing import TypeAlias

from adaptive_site.lib.database.sql import Bounds
from adaptive_site.lib.ids import EPOCH

from .conditions import (
    Condition,
    Contains,
    CreatedBy,
    CreatedIn,
    CreatedWithin,
    HasFeedback,
    HasLabel,
    HasLlm,
    HasSource,
)


@dataclass(frozen=True, slots=True)
class And:
    """All children hold; with no child, everything matches."""

    children: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """At least one child holds; with no child, nothing matches."""

    children: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever the child does not match."""

    child: "Tree"


Tree: TypeAlias = And | Or | Not | Condition

EVERYTHING = And()
NOTHING = Or()


def normal(tree: Tree) -> Tree:
    """The same filter as plainly as it can be said: no AND in an AND, no OR in an OR, none of
    one child; what nothing can fulfil is NOT of everything.
    """
    match tree:
        case And(children):
            flat = _flat([normal(child) for child in children], And)
            return flat[0] if len(flat) == 1 else And(flat)
        case Or(children):
            flat = _flat([normal(child) for child in children], Or)
            return Not(EVERYTHING) if not flat else flat[0] if len(flat) == 1 else Or(flat)
        case Not(child):
            return Not(normal(child))
        case HasLabel(_, ()) | HasLlm(()) | HasSource(()) | CreatedBy(()) | HasFeedback(reasons=()):
            return Not(EVERYTHING)
        case CreatedIn(None, None):
            return EVERYTHING
        case HasFeedback():
            first, value = tree.comparisons[0] if tree.comparisons else (None, None)
            return replace(tree, comparator=first, value=value, also=tree.comparisons[1:])
    return tree


def _flat(children: list[Tree], kind: type[And] | type[Or]) -> tuple[Tree, ...]:
    made: list[Tree] = []
    for child in children:
        made.extend(child.children if isinstance(child, kind) else (child,))
    return tuple(made)


def resolved(tree: Tree, now: datetime) -> Tree:
    """The filter as it stands at `now`: the last while becomes a time."""
    match tree:
        case And(children):
            return And(tuple(resolved(child, now) for child in children))
        case Or(children):
            return Or(tuple(resolved(child, now) for child in children))
        case Not(child):
            return Not(resolved(child, now))
        case CreatedWithin(length):
            return CreatedIn(max(EPOCH, now - length))
    return tree


def conjuncts(tree: Tree) -> tuple[Tree, ...]:
    """The parts of a filter that must all hold."""
    return tree.children if isinstance(tree, And) else (tree,)


def without(tree: Tree, kind: type[Condition]) -> And:
    """The filter less the conditions of one kind that must hold whatever else does."""
    return And(tuple(child for child in conjuncts(tree) if not isinstance(child, kind)))


def flat_conjuncts(tree: Tree) -> Iterator[Tree]:
    """The parts of a filter that must all hold, whatever the nesting; none of them is an AND."""
    match tree:
        case And(children):
            for child in children:
                yield from flat_conjuncts(child)
        case Not(Not(child)):
            yield from flat_conjuncts(child)
        case Not(Or(children)):
            for child in children:
                yield from flat_conjuncts(Not(child))
        case Or((child,)):
            yield from flat_conjuncts(child)
        case _:
            yield tree


def alternatives(tree: Tree) -> Iterator[Tree]:
    """The parts of a filter of which one must hold; none of them is an OR."""
    if isinstance(tree, Or):
        for child in tree.children:
            yield from alternatives(child)
    else:
        yield tree


def ids_in_time(conditions: Iterable[Tree]) -> Bounds:
    """The span of ids that the times among some conditions leave."""
    spans = (one.ids for one in conditions if isinstance(one, CreatedIn))
    return reduce(and_, spans, Bounds())


def ids_in_time_alone(tree: Tree) -> Bounds | None:
    """The span of ids of a filter with no condition but of time; None of another filter."""
    return None if without(tree, CreatedIn).children else ids_in_time(conjuncts(tree))


def conditions_of(tree: Tree) -> Iterator[Condition]:
    """Every condition in the tree, whatever it is nested in."""
    match tree:
        case And(children) | Or(children):
            for child in children:
                yield from conditions_of(child)
        case Not(child):
            yield from conditions_of(child)
        case _:
            yield tree


def texts_in(tree: Tree) -> list[Contains]:
    """The texts that every match holds."""
    if isinstance(tree, And):
        return [text for child in tree.children for text in texts_in(child)]
    return [tree] if isinstance(tree, Contains) else []
