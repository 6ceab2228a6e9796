"""A group, or a point of a chart, as the filter that leads to its very rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import QueryDict

from interactions.filters.address.form import NO_MODEL
from interactions.filters.conditions import HasFeedback
from interactions.filters.days import here
from interactions.filters.notation import LATEST_TIME, parse_label, spell_feedback, spell_label
from interactions.services.analysis.group_queries import Grouping, GroupKind
from interactions.web.filtering.filtered_page import Look
from interactions.web.filtering.links import spelled

# The parameter that asks for a group, and whether several of it mean any of them.
_PARAMETERS = {
    GroupKind.MODEL: ("model", True),
    GroupKind.SOURCE: ("source", True),
    GroupKind.USER: ("user", True),
    GroupKind.LABEL: ("label", True),
    GroupKind.PROMPT: ("prompt", False),
    GroupKind.SESSION: ("session", False),
}


@dataclass(frozen=True)
class Opening:
    """How the groups of a page are opened under its filter."""

    look: Look
    grouping: Grouping

    @property
    def ticked(self) -> str:
        """The parameter that ticked groups are asked for by together; "" where only one can be."""
        name, can_be_several = _PARAMETERS.get(self.grouping.kind, ("", False))
        return name if can_be_several else ""

    @property
    def carried(self) -> list[tuple[str, str]]:
        """The filter's parameters that are sent beside the ticked groups."""
        return self._others(self.ticked)

    def term(self, name: str | None) -> str:
        """What `ticked` asks for a group by; "" of none, unless that can be asked for."""
        if name is None:
            return NO_MODEL if self.grouping.kind == GroupKind.MODEL else ""
        return (
            spell_label(self.grouping.key, name) if self.grouping.kind == GroupKind.LABEL else name
        )

    def link(self, name: str | None, *also: HasFeedback) -> str:
        """The rows of the group with this name (None: of none), with such feedback.

        "" where no filter asks for it: nobody's, and those of no session.
        """
        kind, terms = self.grouping.kind, [("feedback", spell_feedback(one)) for one in also]
        if kind == GroupKind.DAY:
            return self.look.listing + within(self.look, *here().span_of(name or ""), *terms)
        parameter, _ = _PARAMETERS[kind]
        if name is None and kind == GroupKind.LABEL:
            asked = ("not_label", spell_label(self.grouping.key))
        elif term := self.term(name):
            asked = (parameter, term)
        else:
            return ""
        return self.look.listing + spelled([*self._others(parameter), asked, *terms])

    def link_within(
        self, name: str | None, start: datetime, end: datetime, *also: HasFeedback
    ) -> str:
        """Likewise, and between two times."""
        if not (link := self.link(name, *also)):
            return ""
        asked = QueryDict(link.partition("?")[2])
        pairs = [(name, value) for name, all in asked.lists() for value in all]
        return self.look.listing + _between(self.look, pairs, start, end)

    def _others(self, parameter: str) -> list[tuple[str, str]]:
        """The filter without what it says of these groups: a group is within that."""
        pairs = self.look.terms
        if self.grouping.kind != GroupKind.LABEL:
            return [pair for pair in pairs if pair[0] != parameter]
        return [
            (name, value)
            for name, value in pairs
            if name != "label" or parse_label(value)[0] != self.grouping.key
        ]


def within(look: Look, start: datetime, end: datetime, *terms: tuple[str, str]) -> str:
    """The filter between two times, as far as its own time goes, with such terms."""
    return _between(look, [*look.terms, *terms], start, end)


def _between(look: Look, pairs: Iterable[tuple[str, str]], start: datetime, end: datetime) -> str:
    asked = look.filter.time_term().condition(datetime.now(UTC))
    if asked is not None:
        start = max(start, asked.start or start)
        end = min(end, asked.end or end)
    left = [pair for pair in pairs if pair[0] not in ("time", "since", "until")]
    ends = [("since", spell(start)), ("until", spell(min(end, LATEST_TIME)))]
    return spelled(dict.fromkeys([*left, *ends]))


def spell(at: datetime) -> str:
    """A time as an address has it, to the minute where that is all there is to it."""
    if at.second or at.microsecond:
        return at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{at:%Y-%m-%d}" if not (at.hour or at.minute) else f"{at:%Y-%m-%dT%H:%M}"
