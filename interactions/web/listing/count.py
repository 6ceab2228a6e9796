"""How many interactions match the filter."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.urls import get_script_prefix
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.address.controls import canonical
from interactions.filters.sql import queries
from interactions.filters.tree import EVERYTHING, Tree
from interactions.services.analysis import good_and_bad
from interactions.services.rollups import counts
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.listing.live import STREAM_PATH
from projects.models import Project
from projects.web.requests import ProjectRequest, in_project, project_page

MATCHES_LIMIT_MS = 3_000
SYSTEM_TEXT_LIMIT_MS = 1_000
FEEDBACK_COUNT_LIMIT_MS = 1_500
MOST_MATCHES_WITH_FEEDBACK = 50_000  # of the newest matches, where the feedback alone cannot say
EXACT_COUNT_LIMIT_MS = 30_000  # when somebody asks for it
_ALWAYS = (UUID(int=0), UUID(int=2**128 - 1))  # all ids


@dataclass(frozen=True, slots=True)
class WithSystemTexts:
    """The filter that reads system prompts too, and how many more match; None: not known."""

    link: str
    more: int | None


@dataclass
class CountPage(FilteredPage):
    """How many match; `found` is None of a filter that cannot be read, and when it took too long.

    `is_exact` when whoever asks would rather wait.
    """

    is_exact: bool = False
    found: queries.Count | None = None
    is_late: bool = False
    with_system_texts: WithSystemTexts | None = None

    def read(self) -> "CountPage":
        """Count, within the time there is."""
        try:
            self.found = _count(self, self._limit_ms, is_exact=self.is_exact)
        except TookTooLong:
            self.is_late = True
        self.with_system_texts = _with_system_texts(self, self.found)
        return self

    @property
    def is_filtered(self) -> bool:
        """Whether the filter leaves anything out."""
        return self.filter.is_valid() and self.tree != EVERYTHING

    @property
    def _limit_ms(self) -> int:
        return EXACT_COUNT_LIMIT_MS if self.is_exact else MATCHES_LIMIT_MS

    @property
    def seconds(self) -> int:
        """How long counting may take."""
        return self._limit_ms // 1000

    @property
    def exactly(self) -> str:
        """The link to the exact count."""
        return self.links.page.adding("exact", "1")

    @property
    def stream_path(self) -> str:
        """Where rows that come in are streamed from."""
        return get_script_prefix().rstrip("/") + STREAM_PATH

    @property
    def other_live(self) -> str:
        """The list with the stream turned on, or off where it is on."""
        if self.data.get("live"):
            return self.links.page.dropping("live")
        return self.links.page.adding("live", "1", instead_of=("live",))


@dataclass
class FeedbackCounts(FilteredPage):
    """How many matches have good and bad feedback; `found` is None when that is not known."""

    found: good_and_bad.Tallies | None = None
    is_late: bool = False

    def read(self) -> "FeedbackCounts":
        """Count, within the time there is."""
        if self.filter.is_valid():
            try:
                with time_limit(FEEDBACK_COUNT_LIMIT_MS):
                    self.found = _tallies(self.project, self.tree)
            except TookTooLong:
                self.is_late = True
        return self


def _tallies(project: Project, tree: Tree) -> good_and_bad.Tallies:
    return good_and_bad.of_feedback(project, tree, _ALWAYS) or good_and_bad.of_matches(
        project, tree, _ALWAYS, cap=MOST_MATCHES_WITH_FEEDBACK
    )


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def count(request: ProjectRequest) -> HttpResponse:
    """Exact from the roll-up or up to 10,000, else `10,000+`; with `exact`, whatever it takes."""
    data = canonical(request.GET)
    is_exact = bool(data.pop("exact", []))
    page = CountPage(request.caller, request.project, data, is_exact=is_exact).read()
    return project_page(request, "interactions/count.html", {"page": page})


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def feedback_counts(request: ProjectRequest) -> HttpResponse:
    """How many of the matches have feedback that is good or bad, and which part of these is bad."""
    page = FeedbackCounts(request.caller, request.project, canonical(request.GET)).read()
    return project_page(request, "interactions/feedback_counts.html", {"page": page})


def _with_system_texts(page: FilteredPage, found: queries.Count | None) -> WithSystemTexts | None:
    """What system prompts would add to a text that is looked for; None when nothing."""
    if found is None or not page.data.get("text"):
        return None
    data = page.data.copy()
    texts = [*data.pop("text"), *data.pop("all_text", [])]
    data["all_text"] = " ".join(dict.fromkeys(texts))
    wider = FilteredPage(page.caller, page.project, data)
    link = str(wider.links.filter)
    try:
        more = _count(wider, SYSTEM_TEXT_LIMIT_MS, is_exact=False)
    except TookTooLong:
        more = None
    if more is None or not (found.is_exact and more.is_exact):
        return WithSystemTexts(link, None) if wider.filter.is_valid() else None
    return WithSystemTexts(link, more.n - found.n) if more.n > found.n else None


def _count(page: FilteredPage, limit: int, *, is_exact: bool) -> queries.Count | None:
    """The count, within so many milliseconds; None of a filter that cannot be read."""
    if not page.filter.is_valid():
        return None
    with time_limit(limit):
        known = counts.counted(page.project, page.tree)
        if known is not None:
            return queries.Count(known, is_exact=True)
        if is_exact:
            return queries.count(page.project, page.tree, cap=None)
        return queries.quick_count(page.project, page.tree)
