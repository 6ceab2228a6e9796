"""The interactions of a project: the list, and how many there are."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import NotFound
from adaptive_site.lib.limits import TookTooLong, time_limit
from interactions.filters import compile, words
from interactions.filters.conditions import Contains, Place
from interactions.filters.form import ADDERS, InteractionFilter, canonical
from interactions.filters.terms import TimeTerm
from interactions.filters.tree import Tree
from interactions.models import Source
from interactions.services import reading, rollups
from interactions.services.hits import Hit, hits, wanted_in
from projects.models import Metric, Project
from projects.services.access import Caller
from projects.web.requests import ProjectRequest, in_project, project_page

from .address import Address, query
from .chips import Chip, chips_of
from .detail import Detail, detail_of

PAGE = 50
ROWS_LIMIT_MS = 5_000
HITS_LIMIT_MS = 500
VISIBLE = ("text", "time", "since", "until", "session")  # parameters that are controls of the form
PRESETS = {"1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days",
           "90d": "Last 90 days"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """A parameter that cannot be read: what was expected, and the link without it."""

    name: str
    message: str
    remove: str


@dataclass
class Listing:
    """One look at the list: the filter, its rows, and every link around them."""

    caller: Caller
    project: Project
    data: QueryDict
    faults: list[Fault] = field(default_factory=list)
    rows: list[reading.Row] = field(default_factory=list)
    older: str = ""
    newer: str = ""
    open: Detail | None = None
    is_open_missing: bool = False
    snippets: dict[UUID, list[Hit]] = field(default_factory=dict)

    sources = Source.choices

    @cached_property
    def filter(self) -> InteractionFilter:
        """The form, which knows what is wrong with it."""
        return InteractionFilter(self.data)

    @cached_property
    def address(self) -> Address:
        """The links of this page."""
        return Address(self.data)

    @cached_property
    def tree(self) -> Tree:
        """The filter's meaning; only of a valid one."""
        return self.filter.tree()

    @cached_property
    def chips(self) -> list[Chip]:
        """The conditions in force."""
        return chips_of(self.filter, self.address) if self.filter.is_valid() else []

    @cached_property
    def title(self) -> str:
        """The filter in words."""
        return words.sentence(self.tree) if self.filter.is_valid() else ""

    @property
    def text(self) -> str:
        """What is looked for in prompt and completion."""
        return self.data.get("text", "").strip()

    @cached_property
    def wanted(self) -> list[Contains]:
        """The texts that are looked for."""
        return wanted_in(self.tree) if self.filter.is_valid() else []

    @cached_property
    def in_prompt(self) -> list[Contains]:
        """Those a prompt may hold."""
        return [one for one in self.wanted if one.place != Place.COMPLETION]

    @cached_property
    def in_completion(self) -> list[Contains]:
        """Those a completion may hold."""
        return [one for one in self.wanted if one.place != Place.PROMPT]

    @property
    def query(self) -> str:
        """The filter alone, for the fragments that follow it."""
        return self.address.filter

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The parameters the form's visible controls do not carry."""
        names = [name for name in self.filter.base_filters if name not in VISIBLE]
        return [(name, value) for name in names for value in self.data.getlist(name)]

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
        now = self.data.get("time", "")
        gone = ("time", "since", "until")
        return [
            (name, self.address.adding("time", term, instead_of=gone), now == term)
            for term, name in PRESETS.items()
        ] + [("Any time", self.address.dropping(*gone), not any(map(self.data.get, gone)))]

    @cached_property
    def time_name(self) -> str:
        """What the time control says."""
        if not self.filter.is_valid():
            return "Time"
        term: TimeTerm = self.filter.time_term()
        if term.span is not None:
            return f"Last {words.span(term.span)}"
        if term.start or term.end:
            start, end = (words.moment(t) if t else "…" for t in (term.start, term.end))
            return f"{start} – {end}"
        return "Any time"

    @cached_property
    def metrics(self) -> list[Metric]:
        """The metrics one may filter by."""
        return list(Metric.objects.in_project(self.project).order_by("key"))

    @cached_property
    def label_keys(self) -> list[str]:
        """The label keys the project has."""
        return rollups.label_keys(self.project)

    def read(self) -> "Listing":
        """Read the rows of the page, or say what is wrong; no filter is ever left out."""
        cursors = {name: self._cursor(name) for name in ("before", "after")}
        opened = self._cursor("open")
        for name, message in self.filter.faults:
            self._blame(name, message)
        if self.faults:
            return self
        try:
            with time_limit(ROWS_LIMIT_MS):
                page = compile.page(self.project, self.tree, limit=PAGE, **cursors)
                if cursors["after"] is not None and not page.has_newer:
                    # What is newest is shown as the first page, so that it fills up.
                    page = compile.page(self.project, self.tree, limit=PAGE)
                self.rows = reading.rows(self.project, page.ids)
        except TookTooLong as error:
            self._blame("text" if self.text else "time", str(error))
            return self
        self.snippets = self._snippets()
        self.older = self.address.at(before=str(page.ids[-1])) if page.has_older else ""
        self.newer = self.address.at(after=str(page.ids[0])) if page.has_newer and page.ids else ""
        if page.has_newer and not page.ids:
            self.newer = self.address.at()
        if opened is not None:
            try:
                self.open = detail_of(self.caller, self.project, opened, query=self.data)
            except NotFound:
                self.is_open_missing = True
        return self

    def _snippets(self) -> dict[UUID, list[Hit]]:
        """Where the texts stand that a row's previews do not show; none when that takes long."""
        unseen = {
            row.interaction.id: [not _shows(row, one) for one in self.wanted] for row in self.rows
        }
        ids = [id for id, are_unseen in unseen.items() if any(are_unseen)]
        if not ids:
            return {}
        try:
            with time_limit(HITS_LIMIT_MS):
                found = hits(self.project, ids, self.wanted)
        except TookTooLong:
            return {}
        return {id: self._unseen(found[id], unseen[id]) for id in ids}

    def _unseen(self, found: list[Hit | None], are_unseen: list[bool]) -> list[Hit]:
        """The hits of a row that neither its previews nor each other show."""
        shown: list[Hit] = []
        for text, hit, is_unseen in zip(self.wanted, found, are_unseen, strict=True):
            is_shown = any(text.text.lower() in other.text.lower() for other in shown)
            if hit is not None and is_unseen and not is_shown:
                shown.append(hit)
        return shown

    def _cursor(self, name: str) -> UUID | None:
        try:
            return UUID(str(self.data[name])) if self.data.get(name) else None
        except ValueError:
            self._blame(name, "expected the id of an interaction")
            return None

    def _blame(self, name: str, message: str) -> None:
        self.faults.append(Fault(name, message, self.address.dropping(name)))


@require_GET
@vary_on_headers("HX-Request", "HX-Target")
@in_project()
def interactions(request: ProjectRequest) -> HttpResponse:
    """The page; for htmx the rows (target `results`) or the open interaction (`peek`) alone."""
    data = canonical(request.GET)
    if any(name in request.GET for name in ADDERS) and not request.htmx:
        return HttpResponseRedirect(query(data))
    listing = Listing(request.caller, request.project, data).read()
    part = {"results": "#results", "peek": "#peek"}.get(request.htmx.target or "", "")
    response = project_page(request, f"interactions/list.html{part}", {"listing": listing})
    if part:
        response["HX-Push-Url"] = query(data)
    if part == "#results":
        response["HX-Trigger-After-Settle"] = "filtered"
    return response


def _local(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M}" if at else ""


def _shows(row: reading.Row, text: Contains) -> bool:
    """Whether a row's previews show the text."""
    wanted, it = text.text.lower(), row.interaction
    return (text.place != Place.COMPLETION and wanted in it.prompt_preview.lower()) or (
        text.place != Place.PROMPT and wanted in it.completion_preview.lower()
    )
