"""A page that shows interactions through a filter: what its address asks for, and what is wrong.

The filter is the address: pages hand it to each other whole, so a tab, a group or a point of a
chart opens the very rows it speaks of.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Self
from uuid import UUID

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from adaptive_site.lib.errors import Invalid
from interactions.filters.address.controls import canonical
from interactions.filters.address.form import InteractionFilter
from interactions.filters.conditions import Comparator, Contains
from interactions.filters.query import english
from interactions.filters.tree import Tree, texts_in
from interactions.models import Source
from interactions.services.analysis import metric_usage
from interactions.services.rollups import counts
from interactions.web.filtering.chips import Chip, chips_of
from interactions.web.filtering.links import Links
from interactions.web.filtering.page_parameters import separate, unknown
from interactions.web.filtering.query_bar import QueryBar, query_bar_of
from interactions.web.filtering.time_control import TimeControl
from projects.models import Metric, Project
from projects.services.access import GIVE_FEEDBACK, Caller
from projects.web.requests import ProjectRequest


@dataclass(frozen=True, slots=True)
class Fault:
    """A parameter that cannot be read: what was expected, and the link without it."""

    name: str
    message: str
    remove: str


@dataclass
class FilteredPage:
    """The filter (`data`) and the options of a page, as its address has them.

    `url_name` is the page that its form and links lead to. `options` are the parameters of that
    page which are no filter, such as what the groups are sorted by; `option_names` are those it
    knows, and for `form_options` it has a form of its own.
    """

    option_names: ClassVar[tuple[str, ...]] = ()
    form_options: ClassVar[tuple[str, ...]] = ()
    heading: ClassVar[str] = ""
    # Beside what such a page shows stand the facets, above it the histogram.
    has_facets: ClassVar[bool] = False

    caller: Caller
    project: Project
    data: QueryDict
    faults: list[Fault] = field(default_factory=list)
    url_name: str = "interactions"
    options: QueryDict = field(default_factory=QueryDict)

    numbers = english.MEASURE_WORDS
    signs = [(one.value, one.sign) for one in Comparator]
    sources = Source.choices

    @classmethod
    def of(cls, request: ProjectRequest) -> Self:
        """The page that a request asks for, other than the list."""
        names = (*cls.option_names, "compare") if cls.has_facets else cls.option_names
        data, options = separate(request.GET, names)
        return cls(request.caller, request.project, data, options=options)

    @classmethod
    def part_of(cls, request: ProjectRequest, address: QueryDict | None = None) -> Self:
        """A part of the page that the parameter `page` names, of the list when none does.

        Its links lead to that page and keep the options of that page. `address` is that of the
        request without the part's own parameters. Raises Invalid for an unknown page.
        """
        given = (request.GET if address is None else address).copy()
        url_name = given.pop("page", ["interactions"])[-1]
        if url_name == "interactions":
            return cls(request.caller, request.project, canonical(given))
        data, options = separate(given, (*unknown(given), "compare"))
        part = cls(request.caller, request.project, data, url_name=url_name, options=options)
        try:
            _ = part.path
        except NoReverseMatch as error:
            raise Invalid("expected the name of a page of the project", field="page") from error
        return part

    @property
    def compared_with(self) -> str:
        """What the address asks to compare the matches with, "" for nothing."""
        return self.data.get("compare") or self.options.get("compare") or ""

    @cached_property
    def filter(self) -> InteractionFilter:
        """The form, which knows what is wrong with the filter."""
        return InteractionFilter(self.data)

    @cached_property
    def tree(self) -> Tree:
        """The filter's meaning; only of a valid one."""
        return self.filter.tree()

    @property
    def path(self) -> str:
        """The page without a filter."""
        return reverse(self.url_name, kwargs={"key": self.project.key})

    @cached_property
    def links(self) -> Links:
        """Every link that keeps the filter."""
        return Links(
            self.project, self.url_name, self.path, self.data, self.options, self.form_options
        )

    @cached_property
    def time(self) -> TimeControl:
        """The time that is asked for, and links to others."""
        return TimeControl(self.filter, self.links.page)

    @cached_property
    def chips(self) -> list[Chip]:
        """The conditions in force."""
        if not self.filter.is_valid():
            return []
        return chips_of(self.filter, self.links.page.pairs, self.yes_no)

    @cached_property
    def title(self) -> str:
        """The filter in words."""
        return english.sentence(self.tree, self.yes_no) if self.filter.is_valid() else ""

    @cached_property
    def bar(self) -> QueryBar:
        """What stands in the query bar."""
        return query_bar_of(self.filter, self.yes_no)

    @property
    def text(self) -> str:
        """What is looked for in prompt and completion."""
        return self.data.get("text", "").strip()

    @cached_property
    def wanted(self) -> list[Contains]:
        """The texts that are looked for."""
        return texts_in(self.tree) if self.filter.is_valid() else []

    @cached_property
    def _metrics(self) -> list[tuple[Metric, bool]]:
        return metric_usage.metrics(self.project)

    @property
    def metrics(self) -> list[Metric]:
        """The project's metrics."""
        return [metric for metric, _ in self._metrics]

    @property
    def feedback_metrics(self) -> list[Metric]:
        """The metrics under which single interactions are given feedback, not only pairs."""
        return [metric for metric, is_only_compared in self._metrics if not is_only_compared]

    @cached_property
    def yes_no(self) -> frozenset[str]:
        """The keys of the metrics whose values are yes and no.

        They are read only where the filter asks for a value, which is then written as yes or no.
        """
        if not any(self.data.get(name) for name in ("feedback", "not_feedback", "q")):
            return frozenset()
        return frozenset(metric.key for metric in self.metrics if metric.is_yes_no)

    @property
    def may_give(self) -> bool:
        """Whether the caller may give feedback."""
        return self.caller.may(GIVE_FEEDBACK, self.project)

    @cached_property
    def label_keys(self) -> list[str]:
        """The label keys the project has."""
        return counts.label_keys(self.project)

    def checked(self) -> bool:
        """Whether the filter can be answered; else `faults` says why not."""
        self.faults = []
        for name, message in self.filter.faults:
            self.blame(name, message)
        return not self.faults

    def cursor(self, name: str) -> UUID | None:
        """The interaction that a parameter names; blames the parameter if it is no id."""
        try:
            return UUID(value) if (value := self.data.get(name)) else None
        except ValueError:
            self.blame(name, "expected the id of an interaction")
            return None

    def blame(self, name: str, message: str) -> None:
        """Note what is wrong with a parameter."""
        self.faults.append(Fault(name, message, self.links.page.dropping(name)))
