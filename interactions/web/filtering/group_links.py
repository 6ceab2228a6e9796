"""A group, or a point of a chart, as the filter that leads to its very rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import QueryDict

from interactions.filters.address.parameters import NO_MODEL
from interactions.filters.conditions import HasFeedback
from interactions.filters.days import here
from interactions.filters.notation import LATEST_TIME, parse_label, spell_feedback, spell_label
from interactions.filters.query.spelling import spell_fixed
from interactions.filters.tree import Or
from interactions.services.analysis.group_queries import Grouping, GroupKind
from interactions.services.comparing.group_differences import condition_of, name_in_groups
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.filtering.page_parameters import TIME_PARAMETERS
from interactions.web.filtering.query_string import Pairs, encoded_pairs

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
class GroupLinks:
    """Links to the rows of groups, under the filter of the page that shows them."""

    page: FilteredPage
    grouping: Grouping

    def term(self, name: str | None) -> str:
        """How an address names a group of the grouping; "" where no filter asks for the group."""
        if self.grouping.kind == GroupKind.LABEL:
            return spell_label(self.grouping.key, name)
        if name is None:
            return NO_MODEL if self.grouping.kind == GroupKind.MODEL else ""
        return name

    def name_of(self, term: str) -> str | None:
        """The name of the group that a term asks for, None of none, as the groups have it.

        Raises ValueError.
        """
        name: str | None = term
        if self.grouping.kind == GroupKind.LABEL:
            key, name = parse_label(term)
            if key != self.grouping.key:
                raise ValueError(f"expected {self.grouping.key} and a value")
        elif self.grouping.kind == GroupKind.MODEL and term == NO_MODEL:
            name = None
        condition_of(self.grouping, name)
        return None if name is None else name_in_groups(self.page.project, self.grouping, name)

    def link_to_all(self, names: Sequence[str | None]) -> str:
        """The rows of several groups together, of which each can be asked for."""
        if len(names) == 1:
            return self.link(names[0])
        return self.page.links.list + self.query_of_all(names)

    def query_of_all(self, names: Sequence[str | None]) -> str:
        """The filter that leaves several groups, for any page; without a name that of the page."""
        if not names:
            return encoded_pairs(self.page.links.fields)
        parameter, can_be_several = _PARAMETERS.get(self.grouping.kind, ("", False))
        if can_be_several and (None not in names or self.grouping.kind == GroupKind.MODEL):
            asked = [(parameter, self.term(name)) for name in names]
            return encoded_pairs([*self._others(parameter), *asked])
        any_of = Or(tuple(condition_of(self.grouping, name) for name in names))
        return encoded_pairs([*self.page.links.fields, ("q", spell_fixed(any_of))])

    def link(self, name: str | None, *also: HasFeedback) -> str:
        """The rows of the group with this name (None: of none), with such feedback.

        "" where no filter asks for the group: nobody's, and those of no session.
        """
        kind, terms = self.grouping.kind, [("feedback", spell_feedback(one)) for one in also]
        if kind == GroupKind.DAY:
            return rows_within(self.page, *here().span_of(name or ""), *terms)
        parameter, _ = _PARAMETERS[kind]
        if name is None and kind == GroupKind.LABEL:
            asked = ("not_label", spell_label(self.grouping.key))
        elif term := self.term(name):
            asked = (parameter, term)
        else:
            return ""
        return self.page.links.list + encoded_pairs([*self._others(parameter), asked, *terms])

    def link_within(
        self, name: str | None, start: datetime, end: datetime, *also: HasFeedback
    ) -> str:
        """The rows of the group between two times, with such feedback; "" as `link`."""
        if not (link := self.link(name, *also)):
            return ""
        asked = QueryDict(link.partition("?")[2])
        pairs = [(name, value) for name, all in asked.lists() for value in all]
        return _within(self.page, pairs, start, end)

    def _others(self, parameter: str) -> Pairs:
        """The filter without what it says of these groups: a group is within that."""
        pairs = self.page.links.fields
        if self.grouping.kind != GroupKind.LABEL:
            return [pair for pair in pairs if pair[0] != parameter]
        return [
            (name, value)
            for name, value in pairs
            if name != "label" or parse_label(value)[0] != self.grouping.key
        ]


def rows_within(page: FilteredPage, start: datetime, end: datetime, *terms: tuple[str, str]) -> str:
    """The rows of a page's filter between two times, as far as its own time goes, with terms."""
    return _within(page, [*page.links.fields, *terms], start, end)


def _within(
    page: FilteredPage, pairs: Iterable[tuple[str, str]], start: datetime, end: datetime
) -> str:
    asked = page.time.term.condition(datetime.now(UTC))
    if asked is not None:
        start = max(start, asked.start or start)
        end = min(end, asked.end or end)
    left = [pair for pair in pairs if pair[0] not in TIME_PARAMETERS]
    ends = [("since", spell(start)), ("until", spell(min(end, LATEST_TIME)))]
    return page.links.list + encoded_pairs(dict.fromkeys([*left, *ends]))


def spell(at: datetime) -> str:
    """A time as an address has it, to the minute where that is all there is to it."""
    if at.second or at.microsecond:
        return at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{at:%Y-%m-%d}" if not (at.hour or at.minute) else f"{at:%Y-%m-%dT%H:%M}"
