"""Above the list: the percentiles of latency and tokens of what matches, and what that cost."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.services.analysis import percentiles as analysis
from interactions.services.analysis.percentiles import Percentiles, RowNumbers
from interactions.web.filtering.filtered_page import FilteredPage
from projects.web.requests import ProjectRequest, in_project, project_page

PERCENTILES_LIMIT_MS = 1_500


@dataclass
class PercentilesPage(FilteredPage):
    """The percentiles; `found` is None of a filter that cannot be read, and when it took too long.

    `newest` is how many of the newest matches they are of, 0 when they are of all.
    """

    found: RowNumbers | None = None
    newest: int = 0
    is_late: bool = False

    def read(self) -> "PercentilesPage":
        """Read them, within the time there is."""
        if not self.filter.is_valid():
            return self
        try:
            with time_limit(PERCENTILES_LIMIT_MS):
                self.found, is_cut = analysis.of_matches(self.project, self.tree)
        except TookTooLong:
            self.is_late = True
            return self
        self.newest = self.found.of if is_cut else 0
        return self

    def values(self, name: str, found: Percentiles) -> list[tuple[str, int, str]]:
        """Each percentile: its name, its value, and the link to the rows that reach it."""
        named = (("p50", found.p50), ("p95", found.p95), ("p99", found.p99))
        link = self.links.page.adding
        return [(rank, value, link(name, f"gte:{value}")) for rank, value in named]


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def percentiles(request: ProjectRequest) -> HttpResponse:
    """The line above the list; without scripts a page of its own."""
    page = PercentilesPage.of(request).read()
    return project_page(request, "interactions/percentiles.html", {"page": page})
