"""The SDK's language of filters, as our tree.

`ListCompletionsFilterInput` has two forms. The flat members are joined by AND. `advancedFilter`
nests: all members of one expression apply together, and an expression without any means
everything. When it is there, of the flat members only the project counts.

`neq` is not the same on both sides. A model, an author and a prompt are what an interaction has
one of or none, so `neq` leaves what has another or none. Labels and feedback are things it may
have several of, so `neq` finds what has one there with another value.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias
from uuid import UUID

from adaptive_site.lib.errors import Invalid
from interactions.filters.conditions import (
    Comparator,
    Contains,
    CreatedBy,
    CreatedIn,
    HasFeedback,
    HasId,
    HasLabel,
    HasLlm,
    HasPrompt,
    HasSource,
    InSession,
    IsCompared,
    Reads,
)
from interactions.filters.tree import EVERYTHING, NOTHING, And, Not, Or, Tree, conditions_of
from interactions.textindex.places import Place

MAX_CONDITIONS = 200

Given: TypeAlias = dict[str, Any]


def tree_of(given: Given) -> Tree:
    """The meaning of a `ListCompletionsFilterInput`, its project aside. Raises Invalid."""
    advanced = given.get("advancedFilter")
    if advanced is not None:
        tree = _expression(advanced)
    else:
        if given.get("tags"):
            raise Invalid("tags are not supported; use labels", field="filter.tags")
        tree = _all(_parts(_FLAT, given))
    if sum(1 for _ in conditions_of(tree)) > MAX_CONDITIONS:
        raise Invalid(f"expected at most {MAX_CONDITIONS} conditions", field="filter")
    return tree


def _expression(given: Given) -> Tree:
    """A `CompletionFilterExpression`."""
    return _all(_parts(_ADVANCED, given))


def _parts(meanings: dict[str, Callable[[Any], Tree]], given: Given) -> Iterable[Tree]:
    for name, meaning in meanings.items():
        if given.get(name) is not None:
            yield meaning(given[name])


def _all(parts: Iterable[Tree]) -> Tree:
    """The parts joined by AND, without nesting one AND in another."""
    children = [part for part in parts if part != EVERYTHING]
    return children[0] if len(children) == 1 else And(tuple(children))


def _and(given: list[Given]) -> Tree:
    """`and`. Several expressions that are nothing but a source mean any of these sources.

    That is how the SDK writes its list of sources, which as it stands nothing could match.
    """
    sources = [one["source"] for one in given if _is_bare_source(one)]
    children = [_expression(one) for one in given if not _is_bare_source(one)]
    return _all([*children, *([HasSource(tuple(sources))] if sources else [])])


def _is_bare_source(given: Given) -> bool:
    return [name for name, value in given.items() if value is not None] == ["source"]


def _or(given: list[Given]) -> Tree:
    return Or(tuple(_expression(one) for one in given))


def _any_of(
    given: Given, condition: Callable[[tuple[str, ...]], Tree], is_not: Callable[[Tree], Tree] = Not
) -> Tree:
    """`eq`, `in` and `neq` of an `IdOrKeyCondition` or `StringCondition`."""
    parts: list[Tree] = []
    if (equal := given.get("eq")) is not None:
        parts.append(condition((equal,)))
    if (some := given.get("in")) is not None:
        parts.append(condition(tuple(some)))
    if (other := given.get("neq")) is not None:
        parts.append(is_not(condition((other,))))
    return _all(parts)


def _prompts(hashes: Iterable[str]) -> Tree:
    """Interactions whose prompt has one of these hashes, in hex; no prompt has what is no hash."""
    found: list[Tree] = []
    for text in hashes:
        try:
            found.append(HasPrompt(UUID(text)))
        except ValueError:
            continue
    return found[0] if len(found) == 1 else Or(tuple(found)) if found else NOTHING


def _label(given: Given) -> Tree:
    """A `LabelCondition`; without a value the key is enough."""
    key, value = given["key"], given.get("value")
    if value is None:
        return HasLabel(key)
    found = _any_of(
        value, lambda values: HasLabel(key, values), lambda one: And((HasLabel(key), Not(one)))
    )
    return HasLabel(key) if found == EVERYTHING else found


def _flat_label(given: Given) -> Tree:
    """A `LabelFilter`; without values the key is enough."""
    values = given.get("value")
    return HasLabel(given["key"], None if values is None else tuple(values))


def _score(given: Given) -> Tree:
    """A `ScoreCondition`, or with its comparisons beside the metric a flat one."""
    numbers = given if given.get("value") is None else given["value"]
    asked = [(one, float(numbers[one])) for one in Comparator if numbers.get(one) is not None]
    comparator, value = asked[0] if asked else (None, None)
    reasons, user = given.get("reasons"), given.get("user")
    return HasFeedback(
        given["metric"],
        comparator,
        value,
        also=tuple(asked[1:]),
        reasons=None if reasons is None else tuple(reasons),
        given_by=None if user is None else str(user),
    )


def _text(place: Place) -> Callable[[Given], Tree]:
    def meaning(given: Given) -> Tree:
        parts: list[Tree] = []
        if (exact := given.get("eq")) is not None:
            parts.append(Reads(exact, place))
        if (part := given.get("contains")) is not None:
            parts.append(Contains(part, place))
        return _all(parts)

    return meaning


def _each(meaning: Callable[[Any], Tree]) -> Callable[[list[Any]], Tree]:
    return lambda given: _all([meaning(one) for one in given])


_ALIKE: dict[str, Callable[[Any], Tree]] = {
    "timerange": lambda given: CreatedIn(given["from"], given["to"]),
    "sessionId": InSession,
    "completionId": HasId,
    "userId": lambda given: CreatedBy((str(given),)),
}
_ADVANCED: dict[str, Callable[[Any], Tree]] = {
    **_ALIKE,
    "and": _and,
    "or": _or,
    "not": lambda given: Not(_expression(given)),
    "model": lambda given: _any_of(given, HasLlm),
    "label": _label,
    "scores": _score,
    "feedbacks": _score,
    "source": lambda given: HasSource((given,)),
    "promptHash": lambda given: _any_of(given, _prompts),
    "createdBy": lambda given: _any_of(given, CreatedBy),
    "completion": _text(Place.COMPLETION),
    "prompt": _text(Place.ALL_OF_PROMPT),
}
_FLAT: dict[str, Callable[[Any], Tree]] = {
    **_ALIKE,
    "models": lambda given: HasLlm(tuple(given)),
    "createdBy": lambda given: CreatedBy((given,)),
    "scores": _each(_score),
    "feedbacks": _each(_score),
    "comparisons": _each(lambda given: IsCompared(given["metric"])),
    "labels": _each(_flat_label),
    "promptHash": lambda given: _prompts([given]),
    "source": lambda given: HasSource(tuple(given)),
    "completion": lambda given: Contains(given, Place.COMPLETION),
    "prompt": lambda given: Contains(given, Place.ALL_OF_PROMPT),
}
