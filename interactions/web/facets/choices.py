"""The values of a facet as choices: each the link that puts it into the filter or takes it out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from django.http import QueryDict

from interactions.filters.address.parameters import NO_MODEL
from interactions.filters.conditions import (
    CreatedBy,
    HasLlm,
    HasSource,
)
from interactions.filters.notation import (
    parse_label,
    spell_label,
)
from interactions.filters.query.grammar import parse_fixed
from interactions.filters.query.spelling import spell_fixed
from interactions.filters.tree import Not, Tree
from interactions.models import Source
from interactions.services.analysis.facets import FacetValue
from interactions.services.analysis.lift import Lift
from interactions.web.filtering.query_string import QueryString

Pair: TypeAlias = tuple[str, str]  # a parameter and its term
_Plain: TypeAlias = HasLlm | HasSource | CreatedBy


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """A value to narrow by: its links, and whether it is wanted or unwanted now.

    `n` of the counted matches have it, None when it was not counted; `share` is what part of
    them that is, from 0 to 1. `exclude` is "" where the filter has no such condition.
    """

    name: str
    n: int | None
    share: float
    is_on: bool
    is_off: bool
    toggle: str
    exclude: str
    is_none: bool = False  # it stands for having no value
    lift: Lift | None = None  # where the matches are compared with others
    key: str = ""  # the label key, where values of several stand together
    other: tuple[str, str] | None = None  # of a pair, the second key and value

    @property
    def state(self) -> str:
        """How it is drawn: `on` and `off` in the filter, `out` of the ordinary, `few` to tell."""
        if self.is_on or self.is_off:
            return "on" if self.is_on else "off"
        if self.lift is None:
            return ""
        return "out" if self.lift.stands_out else "" if self.lift.has_support else "few"

    @property
    def bar(self) -> str:
        """The share as the width of a bar, which a small one has too."""
        return f"{max(100 * self.share, 1):.1f}%" if self.share else ""

    @property
    def percent(self) -> str:
        """The share as a person reads it; "" of what has none."""
        return percentage(self.share) if self.share else ""

    @property
    def base_percent(self) -> str:
        """The share among those that are compared with."""
        return percentage(self.lift.base_share) if self.lift else ""

    @property
    def times(self) -> str:
        """The lift as a person reads it."""
        times = self.lift.times if self.lift else None
        if times is None:
            return "–"
        if times >= 9.95:
            return f"×{times:.0f}"
        return f"×{times:.1f}" if times >= 0.995 else f"×{times:.2f}"


def percentage(share: float) -> str:
    """A share from 0 to 1; never 0 % of something, nor 100 % of less than all."""
    percent = 100 * share
    if 0 < percent < 0.1:
        return "<0.1 %"
    if share < 1 and percent >= 99.5:
        return ">99 %"
    return f"{percent:.1f} %" if 0 < percent < 9.95 else f"{percent:.0f} %"


class FilterTerms:
    """The terms of a filter that are in force, by parameter and by what they mean."""

    def __init__(self, data: QueryDict, parse: Callable[[str], Any], *names: str) -> None:
        self._data = data
        self._meaning = {
            (name, term): parse(term)
            for name in names
            for term in data.getlist(name)
            if term.strip()
        }

    def pairs(self, name: str, is_such: Callable[[Any], bool]) -> list[Pair]:
        """The terms of a parameter whose meaning is such."""
        return [p for p, meaning in self._meaning.items() if p[0] == name and is_such(meaning)]

    def meaning(self, name: str, what: Any) -> list[Pair]:
        """The terms of a parameter that mean this."""
        return self.pairs(name, lambda meaning: bool(meaning == what))

    def link(self, gone: Iterable[Pair], *added: Pair | None) -> str:
        """The filter without some terms and with others."""
        left = self._data.copy()
        for name, term in gone:
            left.setlist(name, [one for one in left.getlist(name) if one != term])
        for pair in added:
            if pair is not None and pair[1] not in left.getlist(pair[0]):
                left.appendlist(*pair)
        return str(QueryString(left))


def label_choices(
    data: QueryDict, key: str, uses: Iterable[FacetValue], of: int
) -> Iterator[FacetChoice]:
    """The values of a label key, and having none of them."""
    terms = FilterTerms(data, parse_label, "label", "not_label")
    for use in uses:
        meaning, term = (key, use.value), spell_label(key, use.value)
        wanted, unwanted = (terms.meaning(name, meaning) for name in ("label", "not_label"))
        absent = terms.meaning("not_label", (key, None))
        if use.value is None:  # the other way round: `label=key` asks for any value
            every = terms.pairs("label", lambda one: bool(one[0] == key))
            wanted, unwanted = unwanted, wanted
            toggle = terms.link(
                absent if wanted else every, None if wanted else ("not_label", term)
            )
            exclude = terms.link(unwanted or absent, None if unwanted else ("label", term))
        else:
            toggle = terms.link(wanted or [*unwanted, *absent], None if wanted else ("label", term))
            exclude = terms.link(unwanted or wanted, None if unwanted else ("not_label", term))
        yield FacetChoice(
            "not set" if use.value is None else use.value,
            use.n,
            use.n / of if of else 0,
            bool(wanted),
            bool(unwanted),
            toggle,
            exclude,
            is_none=use.value is None,
        )


def llm_choices(data: QueryDict, uses: Iterable[FacetValue], of: int) -> Iterator[FacetChoice]:
    """Models by their keys, and having none."""
    for use in uses:
        name = "no model" if use.value is None else use.value
        term, such = NO_MODEL if use.value is None else use.value, HasLlm((use.value,))
        yield _plain(data, "model", term, such, replace(_counted(use, of), name=name))


def source_choices(data: QueryDict, uses: Iterable[FacetValue], of: int) -> Iterator[FacetChoice]:
    """The ways by which they came in."""
    names = dict(Source.choices)
    for use in uses:
        if use.value is not None:
            choice = replace(_counted(use, of), name=names.get(use.value, use.value))
            yield _plain(data, "source", use.value, HasSource((use.value,)), choice)


def user_choices(data: QueryDict, uses: Iterable[FacetValue], of: int) -> Iterator[FacetChoice]:
    """Who sent them in."""
    for use in uses:
        if use.value is not None:
            yield _plain(data, "user", use.value, CreatedBy((use.value,)), _counted(use, of))


def _counted(use: FacetValue, of: int) -> FacetChoice:
    """A value with its count, and no links yet."""
    share = use.n / of if of else 0
    name = use.value or ""
    return FacetChoice(name, use.n, share, False, False, "", "", is_none=use.value is None)


def _plain(
    data: QueryDict, parameter: str, term: str, condition: _Plain, choice: FacetChoice
) -> FacetChoice:
    """A value whose parameter can only ask for it: that it shall not be is a `q`."""
    parse = str.lower if parameter == "user" else str
    wanted = FilterTerms(data, parse, parameter).meaning(parameter, parse(term))
    terms = FilterTerms(data, parse_fixed, "q")
    refused = terms.pairs("q", lambda tree: _refuses(tree, condition))
    is_on, is_off = bool(wanted), bool(refused)
    refusal = ("q", spell_fixed(Not(condition)))
    still = [_still_refused(parse_fixed(text), condition) for _, text in refused]
    return replace(
        choice,
        is_on=is_on,
        is_off=is_off,
        toggle=terms.link(wanted or refused, *still, None if is_on else (parameter, term)),
        exclude=terms.link(refused or wanted, *still, None if is_off else refusal),
    )


def _refused(tree: Tree, condition: _Plain) -> tuple[str | None, ...]:
    """The values that a part of the filter says shall not be, of the condition's kind."""
    match tree, condition:
        case (
            (Not(HasLlm(values)), HasLlm())
            | (Not(HasSource(values)), HasSource())
            | (Not(CreatedBy(values)), CreatedBy())
        ):
            return values
    return ()


def _refuses(tree: Tree, condition: _Plain) -> bool:
    (value,) = _refused(Not(condition), condition)
    return value in _refused(tree, condition)


def _still_refused(tree: Tree, condition: _Plain) -> Pair | None:
    """The part of the filter without the condition's value, where others stand beside."""
    (value,) = _refused(Not(condition), condition)
    left: Any = tuple(one for one in _refused(tree, condition) if one != value)
    return ("q", spell_fixed(Not(type(condition)(left)))) if left else None
