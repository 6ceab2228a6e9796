"""The sessions of the current filter, newest first."""

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters import feedback_text
from interactions.services.browsing import sessions as service
from interactions.services.browsing.sessions import FeedbackTotals, SessionPage, SessionSummary
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.filtering.ids_in_bar import opens_ids
from interactions.web.filtering.page_parameters import has_form_controls
from interactions.web.filtering.searched import note_search
from projects.web.requests import ProjectRequest, in_project, project_page

SESSIONS_PER_PAGE = 30
SESSIONS_LIMIT_MS = 5_000


@dataclass(frozen=True, slots=True)
class SessionFeedback:
    """The feedback of a session under one metric, in words."""

    key: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as a row of the page."""

    session: SessionSummary
    link: str
    feedback: list[SessionFeedback]

    @property
    def is_cut(self) -> bool:
        """Whether it may have more turns than are counted."""
        return self.session.turns >= service.TURNS_COUNTED

    @property
    def tones(self) -> list[str]:
        """`bad` and `good` where feedback under any metric is, else `none`; empty without any."""
        there = {one.tone for one in self.feedback}
        return [tone for tone in ("bad", "good") if tone in there] or sorted(there)

    @property
    def feedback_words(self) -> str:
        """All the feedback in words: `helpful: 2 yes 1 no, csat: mean 4 of 3`."""
        return ", ".join(f"{one.key}: {one.words}" for one in self.feedback)

    @property
    def messages(self) -> int:
        """How many messages the last turn holds; 0 where turns do not repeat earlier ones."""
        n = self.session.messages or 0
        return n if n >= 2 * self.session.turns else 0


@dataclass
class SessionsPage(FilteredPage):
    """The sessions of the matches, a page of them, and the link to older ones."""

    has_facets = True
    heading = "Sessions"

    url_name: str = "sessions"
    found: SessionPage | None = None
    older: str = ""
    is_first: bool = True

    def read(self) -> "SessionsPage":
        """Read the rows, or say what is wrong."""
        self.checked()
        before = self.cursor("before")
        self.is_first = before is None
        if self.faults:
            return self
        try:
            with time_limit(SESSIONS_LIMIT_MS):
                self.found = service.page(
                    self.project, self.tree, limit=SESSIONS_PER_PAGE, before=before
                )
        except TookTooLong as error:
            self.blame("text" if self.text else "time", str(error))
            return self
        self.older = self.links.page.at(before=str(self.found.older)) if self.found.older else ""
        return self

    @property
    def rows(self) -> list[SessionRow]:
        """The sessions as rows."""
        return [self._row(one) for one in self.found.sessions] if self.found else []

    def _row(self, one: SessionSummary) -> SessionRow:
        path = reverse("session", kwargs={"key": self.project.key, "session": one.id})
        query = str(self.links.filter).removesuffix("?")
        return SessionRow(one, path + query, [_in_words(mark) for mark in one.marks])


def _in_words(mark: FeedbackTotals) -> SessionFeedback:
    """Yes and no are counted, of numbers the mean is told; a single value as anywhere."""
    metric, key = mark.metric, mark.metric.key
    if mark.count == 1 or not metric.is_yes_no:
        mean = mark.total / mark.count
        value = feedback_text.value_of(metric, mean, is_short=True)
        if mark.count == 1:
            return SessionFeedback(key, value, metric.tone(mean))
        return SessionFeedback(key, f"mean {value} of {mark.count}", "none")
    yes, no = mark.ones, mark.count - mark.ones
    tone = metric.tone(1.0 if yes > no else 0.0) if yes != no else "none"
    words = " ".join(f"{n} {word}" for n, word in ((yes, "yes"), (no, "no")) if n)
    return SessionFeedback(key, words, tone)


@require_GET
@in_project()
@opens_ids
def sessions(request: ProjectRequest) -> HttpResponse:
    """The page."""
    page = SessionsPage.of(request)
    if has_form_controls(request.GET):
        return HttpResponseRedirect(page.links.changing())
    note_search(page)
    return project_page(
        request, "interactions/sessions.html", {"page": page.read()}, tab="sessions"
    )
