"""A session as one transcript, to be read and given feedback from its first turn to its last."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET

from adaptive_site.lib.errors import Invalid
from interactions.filters.address.form import InteractionFilter
from interactions.filters.conditions import Contains
from interactions.filters.tree import EVERYTHING, texts_in
from interactions.models import Interaction
from interactions.services.browsing import transcripts
from interactions.services.browsing.explanations import sentence
from interactions.services.browsing.transcripts import SessionTurn, Transcript
from interactions.web.filtering.page_parameters import separate
from interactions.web.filtering.query_string import QueryString, encoded
from interactions.web.rendering.feedback import InteractionFeedback, given_to
from interactions.web.rendering.json_blocks import Reading
from interactions.web.rendering.turns import Turn, too_large, turns_of
from projects.models import Project
from projects.web.requests import ProjectRequest, in_project, project_page

MOST_CHARACTERS_FORMATTED = 400_000  # characters of the page that are formatted


@dataclass(frozen=True, slots=True)
class TranscriptTurn:
    """A turn of the transcript: what is new in it, and its feedback."""

    exchange: SessionTurn
    turns: list[Turn]
    feedback: InteractionFeedback
    page: str
    wanted: list[Contains]
    system: str = ""  # no count of others here

    @property
    def interaction(self) -> Interaction:
        """The row."""
        return self.exchange.whole.interaction

    @property
    def repeated(self) -> str:
        """The messages that are not shown again, in words."""
        n = self.exchange.repeated
        if self.exchange.is_again:
            return "the same prompt again"
        return f"repeats {n} message{'' if n == 1 else 's'}" if n else ""


@dataclass
class SessionTranscript:
    """The page; `query` is the filter that led to the session."""

    project: Project
    query: QueryDict
    found: Transcript
    turns: list[TranscriptTurn]
    filter_words: str
    at: UUID | None

    @property
    def pages(self) -> list[tuple[int, str, bool]]:
        """Number of the first turn, link, and whether it is the one shown, of each page."""
        return [
            (
                number * transcripts.TURNS_PER_PAGE + 1,
                f"{self._at(start)}",
                number == self.found.page,
            )
            for number, start in enumerate(self.found.starts)
        ]

    @property
    def earlier(self) -> str:
        """The page before, "" on the first."""
        return self._at(self.found.starts[self.found.page - 1]) if self.found.page else ""

    @property
    def later(self) -> str:
        """The page after, "" on the last."""
        after = self.found.page + 1
        return self._at(self.found.starts[after]) if after < len(self.found.starts) else ""

    @property
    def rows(self) -> str:
        """The link to the turns of the session as rows."""
        where = reverse("interactions", kwargs={"key": self.project.key})
        return f"{where}?session={self.found.session_id}"

    @property
    def sessions(self) -> str:
        """The sessions of the filter."""
        where = reverse("sessions", kwargs={"key": self.project.key})
        return where + (encoded(self.query) if self.query else "")

    @cached_property
    def llms(self) -> list[str]:
        """The models of the turns that are shown."""
        names = (one.interaction.llm.name for one in self.turns if one.interaction.llm)
        return list(dict.fromkeys(names))

    def _at(self, start: UUID) -> str:
        return QueryString(self.query).adding("at", str(start), instead_of=("at",))


@require_GET
@in_project()
def session(request: ProjectRequest, session: UUID) -> HttpResponse:
    """The page of it that holds the turn `at`, else its first."""
    data, own = separate(request.GET, ("at",))
    try:
        at = UUID(given) if (given := own.get("at")) else None
    except ValueError as error:
        raise Invalid("expected the id of an interaction", field="at") from error
    form = InteractionFilter(data)
    tree = form.tree() if form.is_valid() else EVERYTHING
    found = transcripts.transcript(request.project, session, at=at)
    page = SessionTranscript(
        request.project,
        data,
        found,
        _turns(request, found, texts_in(tree)),
        sentence(request.project, tree) if tree != EVERYTHING else "",
        at,
    )
    return project_page(request, "interactions/session.html", {"page": page}, tab="sessions")


def _turns(
    request: ProjectRequest, found: Transcript, wanted: list[Contains]
) -> list[TranscriptTurn]:
    """The turns, of which a page formats only so many characters, those of the last turns first."""
    project, reading = request.project, Reading(left=MOST_CHARACTERS_FORMATTED)
    made = []
    for one in reversed(found.exchanges):
        id = one.whole.interaction.id
        turns = turns_of(project, one.whole, is_raw=False, skip=one.repeated, reading=reading)
        page = reverse("interaction", kwargs={"key": project.key, "id": id})
        made.append(
            TranscriptTurn(
                one,
                [too_large(one.left_out, page)] if one.left_out else turns,
                given_to(request.caller, project, id, one.whole.feedback),
                page,
                wanted,
            )
        )
    return made[::-1]
