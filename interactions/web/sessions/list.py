"""The sessions of the current filter, newest first."""

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters import feedback_text
from interactions.services.browsing import sessions as service
from interactions.services.browsing.sessions import (
    SessionFeedback,
    SessionPage,
    SessionSummary,
)
from interactions.web.filtering.filtered_page import Look
from interactions.web.filtering.page_parameters import is_sent_by_form, separate
from interactions.web.go_to.ids import opens_ids
from projects.web.requests import ProjectRequest, in_project, project_page

PAGE = 30
LIMIT_MS = 5_000


@dataclass(frozen=True, slots=True)
class Said:
    """What a session was given under one metric, in words."""

    key: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """A session as a row of the page."""

    session: SessionSummary
    link: str
    said: list[Said]

    @property
    def is_cut(self) -> bool:
        """Whether it may have more turns than are counted."""
        return self.session.turns >= service.TURNS_COUNTED

    @property
    def messages(self) -> int:
        """How many its last turn holds; 0 where turns do not repeat what was said before."""
        n = self.session.messages or 0
        return n if n >= 2 * self.session.turns else 0


@dataclass
class Sessions(Look):
    """The page: rows, and the links to the others."""

    page: str = "sessions"
    found: SessionPage | None = None
    older: str = ""
    is_first: bool = True

    def read(self) -> "Sessions":
        """Read the rows, or say what is wrong."""
        self.checked()
        before = self.cursor("before")
        self.is_first = before is None
        if self.faults:
            return self
        try:
            with time_limit(LIMIT_MS):
                self.found = service.page(self.project, self.tree, limit=PAGE, before=before)
        except TookTooLong as error:
            self.blame("text" if self.text else "time", str(error))
            return self
        self.older = self.address.at(before=str(self.found.older)) if self.found.older else ""
        return self

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        return [self._line(one) for one in self.found.sessions] if self.found else []

    def _line(self, one: SessionSummary) -> Line:
        where = reverse("session", kwargs={"key": self.project.key, "session": one.id})
        query = self.query if self.query != "?" else ""
        return Line(one, where + query, [_said(mark) for mark in one.marks])


def _said(mark: SessionFeedback) -> Said:
    """Yes and no are counted, of numbers the mean is told; a single value as anywhere."""
    metric, key = mark.metric, mark.metric.key
    if mark.count == 1 or not metric.is_yes_no:
        mean = mark.total / mark.count
        said = feedback_text.value_of(metric, mean, is_short=True)
        if mark.count == 1:
            return Said(key, said, metric.tone(mean))
        return Said(key, f"mean {said} of {mark.count}", "none")
    yes, no = mark.ones, mark.count - mark.ones
    tone = metric.tone(1.0 if yes > no else 0.0) if yes != no else "none"
    words = " ".join(f"{n} {word}" for n, word in ((yes, "yes"), (no, "no")) if n)
    return Said(key, words, tone)


@require_GET
@in_project()
@opens_ids
def sessions(request: ProjectRequest) -> HttpResponse:
    """The page."""
    filter, _ = separate(request.GET)
    look = Sessions(request.caller, request.project, filter)
    if is_sent_by_form(request.GET):
        return HttpResponseRedirect(look.having())
    context = {"look": look.read(), "heading": "Sessions", "walked": service.MATCHES_WALKED}
    return project_page(request, "interactions/sessions.html", context, tab="sessions")
