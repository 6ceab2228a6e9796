"""A look at the interactions of a project through a filter, as every page that has one begins.

The filter is the address: pages hand it to each other whole, so a tab, a group or a point of a
chart opens the very rows it speaks of.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import ClassVar
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from adaptive_site.lib.time_zones import short_name
from interactions.filters.address.form import KEPT, InteractionFilter
from interactions.filters.conditions import Comparator, Contains
from interactions.filters.days import here
from interactions.filters.notation import TimeTerm, parse_span
from interactions.filters.query import english
from interactions.filters.query.spelling import spell_time
from interactions.filters.tree import Tree
from interactions.models import Source
from interactions.services.analysis import metric_usage
from interactions.services.browsing.text_hits import wanted_in
from interactions.services.rollups import counts
from interactions.web.filtering.chips import Chip, chips_of
from interactions.web.filtering.links import Address, spelled
from interactions.web.filtering.neighbouring_spans import around
from interactions.web.filtering.page_parameters import WHERE, joined
from interactions.web.filtering.query_bar import Bar, bar_of
from projects.models import Metric, Project
from projects.services.access import Caller

VISIBLE = ("time", "since", "until")  # parameters that are controls of the form
PRESETS = {"1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days",
           "90d": "Last 90 days"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """A parameter that cannot be read: what was expected, and the link without it."""

    name: str
    message: str
    remove: str


@dataclass
class Look:
    """A filter as a page shows it: the form, the chips, the time, and the links around them.

    `page` is the name of the address that its form and links lead to, and `own` are the parameters
    of that page which are no filter: links and forms within the page keep them, `query` does not.
    """

    controls: ClassVar[tuple[str, ...]] = ()  # of its own, which its own form has

    caller: Caller
    project: Project
    data: QueryDict
    faults: list[Fault] = field(default_factory=list)
    page: str = "interactions"
    own: QueryDict = field(default_factory=QueryDict)

    numbers = english.MEASURE_WORDS
    signs = [(one.value, one.sign) for one in Comparator]
    sources = Source.choices

    @cached_property
    def filter(self) -> InteractionFilter:
        """The form, which knows what is wrong with it."""
        return InteractionFilter(self.data)

    @cached_property
    def address(self) -> Address:
        """The links of this page, which keep what is its own."""
        gone = dict.fromkeys(WHERE)
        return Address(joined(self.data, self.own, **gone)) if self.own else self.plain

    @cached_property
    def plain(self) -> Address:
        """Links with the filter alone."""
        return Address(self.data)

    def having(self, **changed: str | None) -> str:
        """This page with some of its own parameters changed; None or "" takes one away."""
        return Address(joined(self.data, self.own, **changed)).filter

    @cached_property
    def tree(self) -> Tree:
        """The filter's meaning; only of a valid one."""
        return self.filter.tree()

    @cached_property
    def chips(self) -> list[Chip]:
        """The conditions in force."""
        if not self.filter.is_valid():
            return []
        return chips_of(self.filter, self.address, self.yes_no)

    @cached_property
    def title(self) -> str:
        """The filter in words."""
        return english.sentence(self.tree, self.yes_no) if self.filter.is_valid() else ""

    @property
    def text(self) -> str:
        """What is looked for in prompt and completion."""
        return self.data.get("text", "").strip()

    @cached_property
    def bar(self) -> Bar:
        """What stands in the query bar."""
        return bar_of(self.filter, self.yes_no)

    @cached_property
    def wanted(self) -> list[Contains]:
        """The texts that are looked for."""
        return wanted_in(self.tree) if self.filter.is_valid() else []

    @cached_property
    def in_prompt(self) -> list[Contains]:
        """Those a prompt may hold."""
        return [one for one in self.wanted if one.place.has_prompt]

    @cached_property
    def in_completion(self) -> list[Contains]:
        """Those a completion may hold."""
        return [one for one in self.wanted if one.place.has_completion]

    @property
    def query(self) -> str:
        """The filter alone, for other pages and for the fragments that follow it."""
        return self.plain.filter

    @property
    def terms(self) -> list[tuple[str, str]]:
        """The filter alone, for the forms of other pages."""
        return self.plain.pairs

    @property
    def elsewhere(self) -> str:
        """The filter alone, for pages that show no rows: without how the rows are shown."""
        return self.plain.dropping(*KEPT)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The parameters the form's visible controls do not carry."""
        names = [name for name in self.filter.base_filters if name not in VISIBLE]
        pairs = [(name, value) for name in names for value in self.data.getlist(name)]
        return pairs + self.carried

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What is no filter and stays when another one is written in the bar."""
        kept = [(name, str(v)) for name in KEPT for v in self.data.getlist(name)]
        return kept + self._own(WHERE)

    @property
    def rest(self) -> list[tuple[str, str]]:
        """What the page's own form has no controls for: the filter, and others of its own."""
        return self.terms + self._own((*WHERE, *self.controls))

    def _own(self, without: Collection[str]) -> list[tuple[str, str]]:
        lists = [(name, values) for name, values in self.own.lists() if name not in without]
        return [(name, str(value)) for name, values in lists for value in values]

    @property
    def visible(self) -> list[tuple[str, str]]:
        """The parameters that stand in visible controls, for the fragments that follow."""
        return [(name, str(self.data[name])) for name in VISIBLE if self.data.get(name)]

    @property
    def since_value(self) -> str:
        """The time filter's start as an <input type=datetime-local> takes it."""
        return _local(self.filter.form.cleaned_data.get("since"))

    @property
    def until_value(self) -> str:
        """Likewise its end."""
        return _local(self.filter.form.cleaned_data.get("until"))

    @cached_property
    def presets(self) -> list[tuple[str, str, bool]]:
        """Name, link and whether it is in force, of each usual time span."""
        now = self.filter.time_term().span if self.filter.is_valid() else None
        gone = ("time", "since", "until")
        return [
            (name, self.address.adding("time", term, instead_of=gone), now == parse_span(term))
            for term, name in PRESETS.items()
        ] + [("Any time", self.address.dropping(*gone), not any(map(self.data.get, gone)))]

    @cached_property
    def times(self) -> tuple[str, str]:
        """Links to the span before, of the same length, and after; "" where there is none."""
        spans = around(self.filter.time_term()) if self.filter.is_valid() else (None, None)
        earlier, later = (span and [spell_time(end) for end in span] for span in spans)
        between = self.address.between
        return between(*earlier) if earlier else "", between(*later) if later else ""

    @property
    def calendar(self) -> str:
        """The calendar to pick days from."""
        return reverse("interactions-calendar", kwargs={"key": self.project.key})

    @property
    def zone(self) -> str:
        """The name of the zone that times are in."""
        return short_name()

    @cached_property
    def time_name(self) -> str:
        """What the time control says."""
        term: TimeTerm = self.filter.time_term()
        if term.span is not None:
            return f"Last {english.span(term.span)}"
        if term.start and term.end and (whole := english.whole(term.start, term.end)):
            return whole
        if term.start or term.end:
            return " – ".join(english.ends(term.start, term.end))
        return "Any time"

    @cached_property
    def _metrics(self) -> list[tuple[Metric, bool]]:
        return metric_usage.metrics(self.project)

    @property
    def metrics(self) -> list[Metric]:
        """The project's metrics."""
        return [metric for metric, _ in self._metrics]

    @property
    def feedback_metrics(self) -> list[Metric]:
        """Those under which single interactions are given feedback: not only pairs compared."""
        return [metric for metric, is_only_compared in self._metrics if not is_only_compared]

    @cached_property
    def yes_no(self) -> frozenset[str]:
        """The keys of those whose values are yes and no; read only where the filter asks for a
        value, which is written so.
        """
        if not any(self.data.get(name) for name in ("feedback", "not_feedback", "q")):
            return frozenset()
        return frozenset(metric.key for metric in self.metrics if metric.is_yes_no)

    @cached_property
    def label_keys(self) -> list[str]:
        """The label keys the project has."""
        return counts.label_keys(self.project)

    @property
    def here(self) -> str:
        """The page itself, without a filter."""
        return reverse(self.page, kwargs={"key": self.project.key})

    @property
    def cleared(self) -> str:
        """The page without a filter, as it is otherwise."""
        return self.here + (spelled(own) if (own := self._own(WHERE)) else "")

    @property
    def listing(self) -> str:
        """The interactions of the project, to which a filter is appended."""
        return reverse("interactions", kwargs={"key": self.project.key})

    def checked(self) -> bool:
        """Whether the filter can be answered; else `faults` says why not."""
        self.faults = []
        for name, message in self.filter.faults:
            self.blame(name, message)
        return not self.faults

    def cursor(self, name: str) -> UUID | None:
        """The interaction that a parameter names, where it names one."""
        try:
            return UUID(value) if (value := self.data.get(name)) else None
        except ValueError:
            self.blame(name, "expected the id of an interaction")
            return None

    def blame(self, name: str, message: str) -> None:
        self.faults.append(Fault(name, message, self.address.dropping(name)))


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(here().zone):%Y-%m-%dT%H:%M}" if at else ""
