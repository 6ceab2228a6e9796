"""The interactions of a project, as rows."""

from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import NotFound
from adaptive_site.lib.http.addresses import split
from interactions.filters.address.controls import canonical
from interactions.filters.address.parameters import CONTROLS
from interactions.filters.conditions import Contains
from interactions.services.analysis import sorted_matches
from interactions.services.browsing import list_rows, saved_views, text_hits
from interactions.services.judging.metric_scales import Scale, scales
from interactions.services.rollups import counts
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.filtering.ids_in_bar import opens_ids
from interactions.web.filtering.links import link_to_view
from interactions.web.filtering.query_string import encoded
from interactions.web.filtering.row_sort import row_order
from interactions.web.filtering.searched import note_search
from interactions.web.interaction.page import Detail, detail_of
from interactions.web.listing.column_menu import ColumnMenu
from interactions.web.listing.columns import ListColumn
from interactions.web.listing.display import Display, display_of, display_query
from interactions.web.listing.row_shape import RowShape, shape_of
from interactions.web.listing.sorting import SortMenu
from interactions.web.listing.view_menu import NO_VIEW, ViewMenu, without_place
from projects.models import Metric
from projects.services.access import CREATE
from projects.web.requests import ProjectRequest, in_project, project_page

ROWS_PER_PAGE = 50
LIST_LIMIT_MS = 5_000


@dataclass
class Listing(FilteredPage):
    """The rows that a filter leaves, a page of them, and the links to the others."""

    has_facets = True

    rows: list[list_rows.ListRow] = field(default_factory=list)
    shape: RowShape = field(default_factory=RowShape)
    next: str = ""
    previous: str = ""
    open: Detail | None = None
    is_open_missing: bool = False
    snippets: dict[UUID, list[text_hits.Hit]] = field(default_factory=dict)
    sorted_as: str = ""  # the order in words, where rows are sorted by a number
    without_number: str = ""  # which of them come last
    secret: str = ""  # an API key that was just made, to be shown this once

    @cached_property
    def kept(self) -> saved_views.SavedViews:
        """The views there are, and how the person last saw the list."""
        return saved_views.kept(self.project, user=self.caller.user)

    @cached_property
    def _display(self) -> tuple[Display, dict[str, str]]:
        return display_of(self.data, self.kept.preference)

    @property
    def display(self) -> Display:
        """How the rows are shown."""
        return self._display[0]

    @cached_property
    def view_menu(self) -> ViewMenu:
        """The saved views, and which is shown."""
        present = display_query(without_place(self.data), self.display)
        return ViewMenu(self.caller, self.project, self.kept, present, self.data.get("view", ""))

    @cached_property
    def _scales(self) -> list[Scale]:
        return scales(self.project)

    @property
    def feedback_metrics(self) -> list[Metric]:
        """The metrics under which single interactions are given feedback, the primary one first."""
        return [scale.metric for scale in self._scales]

    @cached_property
    def column_menu(self) -> ColumnMenu:
        """The columns, and those that may be added."""
        keys, metrics = self.label_keys, [metric.key for metric in self.feedback_metrics]
        return ColumnMenu(self.display.columns, keys, metrics)

    @property
    def unknown_columns(self) -> list[ListColumn]:
        """Columns of keys that this project does not have, such as those of an old view."""
        has_keys = any(column.key for column in self.display.columns)
        return self.column_menu.unknown if has_keys else []  # else two queries for nothing

    @cached_property
    def sort_menu(self) -> SortMenu:
        """The orders that rows can stand in."""
        now = self.display
        return SortMenu(self.links.page, now.sort, self.feedback_metrics, now.is_oldest_first)

    @cached_property
    def in_prompt(self) -> list[Contains]:
        """The texts that are looked for and that a prompt may hold."""
        return [one for one in self.wanted if one.place.has_prompt]

    @cached_property
    def in_completion(self) -> list[Contains]:
        """The texts that are looked for and that a completion may hold."""
        return [one for one in self.wanted if one.place.has_completion]

    @property
    def query_with_nothing_open(self) -> str:
        """The address with nothing open, as a form carries it: without its `?`."""
        return self.links.page.closing[1:]

    @property
    def is_empty_project(self) -> bool:
        """Whether nothing matched although nothing was asked: nothing is logged at all."""
        return not (self.rows or self.chips or self.faults or self.previous)

    @property
    def may_log(self) -> bool:
        """Whether a key of the caller's can log here."""
        return self.caller.may(CREATE, self.project)

    @property
    def path(self) -> str:
        """The list without filter and view; the bare address would open the default view."""
        return self.view_menu.everything

    @property
    def older(self) -> str:
        """The link to the page of older rows."""
        return self.previous if self.display.is_oldest_first else self.next

    @property
    def newer(self) -> str:
        """The link to the page of newer rows."""
        return self.next if self.display.is_oldest_first else self.previous

    def checked(self) -> bool:
        """Whether filter, display and view can be answered; else `faults` says why not."""
        super().checked()
        for name, message in self._display[1].items():
            self.blame(name, message)
        if (view := self.data.get("view", NO_VIEW)) != NO_VIEW and self.view_menu.shown is None:
            self.blame("view", f"“{view}” is not there; it may have been deleted, or is private")
        return not self.faults

    def read(self, *, rows: bool = True) -> "Listing":
        """Read the rows of the page, or say what is wrong; no filter is ever left out.

        Without `rows` the open interaction alone.
        """
        if not self.checked():
            return self
        cursors = {name: self.cursor(name) for name in ("before", "after")}
        opened = self.cursor("open")
        if self.faults:
            return self
        if rows and self.display.sort is None:
            self._read_rows(**cursors)
        elif rows:
            self._read_sorted(**cursors)
        if opened is not None and not self.faults:
            try:
                self.open = detail_of(self.caller, self.project, opened, query=self.data)
            except NotFound:
                self.is_open_missing = True
        return self

    def _read_rows(self, *, before: UUID | None, after: UUID | None) -> None:
        """The rows, and the links to the pages beside them."""
        is_turned = self.display.is_oldest_first
        try:
            with time_limit(LIST_LIMIT_MS):
                page = list_rows.page_of_rows(
                    self.project,
                    self.tree,
                    limit=ROWS_PER_PAGE,
                    before=before,
                    after=after,
                    oldest_first=is_turned,
                )
        except TookTooLong as error:
            self.blame("text" if self.text else "time", str(error))
            return
        self.show(page.rows)
        self.snippets = text_hits.unseen_hits(self.project, self.rows, self.wanted)
        onwards, back = ("after", "before") if is_turned else ("before", "after")
        if page.has_next:
            self.next = self.links.page.at(**{onwards: str(page.ids[-1])})
        if page.has_previous:
            self.previous = self.links.page.at(**({back: str(page.ids[0])} if page.ids else {}))

    def _read_sorted(self, *, before: UUID | None, after: UUID | None) -> None:
        """The rows in the order of a number, and the links to the pages beside them."""
        assert self.display.sort is not None
        try:
            order = row_order(self.display.sort, self.feedback_metrics)
            with time_limit(LIST_LIMIT_MS):
                page = sorted_matches.page(
                    self.project,
                    self.tree,
                    order,
                    limit=ROWS_PER_PAGE,
                    after=after,
                    before=before,
                )
                total = counts.counted(self.project, self.tree) if page.is_cut else None
                self.show(list_rows.rows(self.project, page.ids))
        except ValueError as error:
            self.blame("sort", str(error))
            return
        except TookTooLong as error:
            self.blame("sort", f"sorting was {error}")
            return
        self.snippets = text_hits.unseen_hits(self.project, self.rows, self.wanted)
        self.sorted_as = self.sort_menu.told(page, total)
        self.without_number = self.sort_menu.missing(page)
        if page.has_next:
            self.next = self.links.page.at(after=str(page.ids[-1]))
        if page.has_previous:
            self.previous = self.links.page.at(**({"before": str(page.ids[0])} if page.ids else {}))

    def show(self, rows: list[list_rows.ListRow]) -> None:
        """Take these rows, with who sent them in and what they cost where a column says so."""
        self.rows = rows
        shown = {column.kind for column in self.display.columns}
        if "user" in shown:
            list_rows.add_people(rows)
        if "cost" in shown:
            list_rows.add_costs(self.project, rows)
        self.shape = shape_of(self.display, rows)


@require_GET
@vary_on_headers("HX-Request", "HX-Target")
@in_project()
@opens_ids
def interactions(request: ProjectRequest) -> HttpResponse:
    """The page; for htmx the rows (target `results`) or the `open-interaction` alone.

    The bare address opens the default view, if there is one.
    """
    data = canonical(request.GET)
    listing = Listing(request.caller, request.project, data)
    if not request.GET and listing.kept.default is not None:
        return HttpResponseRedirect(link_to_view(listing.kept.default))
    if any(name in request.GET for name in CONTROLS) and not request.htmx:
        return HttpResponseRedirect(encoded(data))
    part = request.htmx.target if request.htmx.target in ("results", "open-interaction") else ""
    listing.read(rows=part != "open-interaction")
    if part != "open-interaction":
        note_search(listing)
    template = "interactions/list.html" + (f"#{part}" if part else "")
    response = project_page(request, template, {"listing": listing})
    if part:
        response[_history(request, part)] = encoded(data)
    if part == "results":
        response["HX-Trigger-After-Settle"] = "filtered"
    return response


def _history(request: ProjectRequest, part: str) -> str:
    """The header by which htmx notes an address.

    Walking from row to row is one step for Back, and reading the same rows anew is none.
    """
    now = QueryDict(split(request.htmx.current_url or "").query)
    is_walk = part == "open-interaction" and "open" in now
    is_same = encoded(canonical(now)) == encoded(canonical(request.GET))
    return "HX-Replace-Url" if is_walk or is_same else "HX-Push-Url"
