"""The links of a page that has a filter, and the hidden fields of its forms."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse

from interactions.filters.address.form import InteractionFilter
from interactions.filters.address.parameters import KEPT_PARAMETERS
from interactions.models import SavedView
from interactions.web.filtering.page_parameters import (
    PLACE_OPTIONS,
    TIME_PARAMETERS,
    joined,
)
from interactions.web.filtering.query_string import Pairs, QueryString, encoded, encoded_pairs
from projects.models import Project


@dataclass(frozen=True)
class Links:
    """Addresses of the page, which keep its options, and of other pages, which get the filter.

    `path` is the page without a filter. `form_options` are the options for which the page has a
    form of its own.
    """

    project: Project
    url_name: str
    path: str
    data: QueryDict
    options: QueryDict
    form_options: Collection[str] = ()

    @cached_property
    def filter(self) -> QueryString:
        """The filter alone: for other pages, and for the fragments of this one."""
        return QueryString(self.data)

    @cached_property
    def page(self) -> QueryString:
        """The page at its beginning, from which links to another filter are made."""
        gone = dict.fromkeys(PLACE_OPTIONS)
        return QueryString(joined(self.data, self.options, **gone)) if self.options else self.filter

    def changing(self, **options: str | None) -> str:
        """The page with some of its options changed; None or "" takes one away."""
        return str(QueryString(joined(self.data, self.options, **options)))

    @property
    def cleared(self) -> str:
        """The page without its filter, with its options."""
        left = self._options_but(PLACE_OPTIONS)
        return self.path + (encoded_pairs(left) if left else "")

    @property
    def tabs(self) -> str:
        """The filter alone, without how the list shows its rows: for the project's other pages."""
        return self.filter.dropping(*KEPT_PARAMETERS)

    @cached_property
    def list(self) -> str:
        """The path of the interactions of the project, to which a filter is appended."""
        return self._path("interactions")

    def calendar(self, **shown: str) -> str:
        """The calendar of this page's time; `shown` are the month and the day picked already."""
        return self.part("interactions-calendar", **shown)

    def part(self, url_name: str, **own: str) -> str:
        """A part of this page that has an address of its own, such as the histogram."""
        pairs = [*self.page.pairs, *own.items(), *self.page_name]
        return self._path(url_name) + encoded_pairs(pairs)

    @property
    def page_name(self) -> Pairs:
        """The parameter that tells a part which page its links lead to; none for the list."""
        return [] if self.url_name == "interactions" else [("page", self.url_name)]

    @property
    def is_list(self) -> bool:
        """Whether this is the list of interactions, which scripts fill anew in place."""
        return self.url_name == "interactions"

    @property
    def column_menu(self) -> str:
        """The menu of columns of the list, which stays on its page of rows."""
        return self._path("column-menu") + self.page.closing

    def why(self, id: object) -> str:
        """The page that says why an interaction is among the rows of the filter, or is not."""
        return self._path("interactions-why") + self.filter.adding("id", str(id))

    def _path(self, url_name: str) -> str:
        return reverse(url_name, kwargs={"key": self.project.key})

    @property
    def fields(self) -> Pairs:
        """The filter as fields of a form that leads to another page."""
        return self.filter.pairs

    @property
    def fields_for_bar(self) -> Pairs:
        """What stays when another filter is written in the query bar."""
        shown_as = [
            (name, str(value)) for name in KEPT_PARAMETERS for value in self.data.getlist(name)
        ]
        return shown_as + self._options_but(PLACE_OPTIONS)

    @property
    def fields_but_time(self) -> Pairs:
        """What the form of conditions sends beside its own controls, which are those of time."""
        names = [name for name in InteractionFilter.base_filters if name not in TIME_PARAMETERS]
        pairs = [(name, value) for name in names for value in self.data.getlist(name)]
        return pairs + self.fields_for_bar

    @property
    def time_fields(self) -> Pairs:
        """The time as fields, for the fragments that follow the filter."""
        return [(name, str(self.data[name])) for name in TIME_PARAMETERS if self.data.get(name)]

    @property
    def fields_for_options(self) -> Pairs:
        """What the form of the page's options sends beside them."""
        return self.fields + self._options_but((*PLACE_OPTIONS, *self.form_options))

    def _options_but(self, without: Collection[str]) -> Pairs:
        lists = [(name, values) for name, values in self.options.lists() if name not in without]
        return [(name, str(value)) for name, values in lists for value in values]


def link_to_view(view: SavedView) -> str:
    """The list as a saved view has it; the address says that it was opened as this view."""
    data = QueryDict(view.query, mutable=True)
    data["view"] = str(view.id)
    return reverse("interactions", kwargs={"key": view.project.key}) + encoded(data)
