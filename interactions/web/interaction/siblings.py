"""Answers to the same prompt side by side, with what differs marked word by word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET

from adaptive_site.lib import word_diff
from adaptive_site.lib.errors import Invalid
from interactions.filters.conditions import Contains
from interactions.models import Interaction
from interactions.services.browsing import siblings as service
from interactions.services.browsing.rows import Row, Whole
from interactions.services.browsing.siblings import MOST_COLUMNS, SIBLINGS_LISTED, SiblingAnswer
from interactions.web.filtering.query_string import encoded
from interactions.web.rendering.labels import Tag, tags_of
from interactions.web.rendering.turns import Turn, TurnGroup, answer_text, turn_groups, turns_of
from projects.models import Project
from projects.web.requests import ProjectRequest, in_project, project_page

ANSWERS_IN_SIGHT = 12  # other answers that are in sight; the rest are folded


@dataclass(frozen=True, slots=True)
class Answer:
    """A column: the answer formatted, or how it differs from the first; None when too long.

    Of a very long one `rest` characters are not in `text`.
    """

    row: Row
    page: str
    leave: str
    tags: list[Tag]
    text: str
    rest: int
    diff: word_diff.WordDiff | None
    turn: Turn | None

    @property
    def interaction(self) -> Interaction:
        """The row itself."""
        return self.row.interaction

    @property
    def plain(self) -> str:
        """The link to the whole answer as plain text."""
        return f"{self.page}text/"

    @property
    def same_percent(self) -> int:
        """How much of both texts is the same, in per cent; all of it only when nothing differs."""
        share = self.diff.share if self.diff else 0.0
        return 100 if share == 1 else min(99, round(100 * share))

    @property
    def runs(self) -> list[word_diff.Run]:
        """The words of the answer; removed words only where both texts are alike."""
        assert self.diff is not None
        return self.diff.runs if self.diff.is_alike else self.diff.right


@dataclass(frozen=True, slots=True)
class OtherAnswer:
    """Another answer, and the page with it as a column, or without when it is one."""

    interaction: Interaction
    link: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The page."""

    wanted: ClassVar[Sequence[Contains]] = ()  # no text is searched for here
    system: ClassVar[str] = ""

    project: Project
    first: Interaction
    prompt: list[Turn]
    answers: list[Answer]
    choices: list[OtherAnswer]
    is_formatted: bool
    other_view: str

    @property
    def interaction(self) -> Interaction:
        """The interaction whose prompt is shown."""
        return self.first

    @property
    def turn_groups(self) -> list[TurnGroup]:
        """The prompt, the earlier messages of a long one folded."""
        return turn_groups(self.prompt)

    @property
    def offered(self) -> list[list[OtherAnswer]]:
        """The other answers: those in sight, and the rest."""
        return [self.choices[:ANSWERS_IN_SIGHT], self.choices[ANSWERS_IN_SIGHT:]]

    @property
    def pairs(self) -> str:
        """Where two answers of this prompt are compared at a time."""
        data = QueryDict(mutable=True)
        data["prompt"] = str(self.first.prompt_hash)
        return reverse("pairs", kwargs={"key": self.project.key}) + encoded(data)

    @property
    def has_more(self) -> bool:
        """Whether there may be older answers than are listed."""
        return len(self.choices) >= SIBLINGS_LISTED


@require_GET
@in_project()
def siblings(request: ProjectRequest, id: UUID) -> HttpResponse:
    """The columns: this interaction, and those of `with`; `view=formatted` reads as Markdown."""
    chosen = _chosen(request.GET, id)
    view = _view(request.GET)
    found = service.siblings(request.project, id, chosen=chosen)
    shown = [column.row.interaction.id for column in found.columns[1:]]
    first = found.columns[0]
    page = SideBySide(
        request.project,
        first.row.interaction,
        _prompt(request.project, first),
        [_answer(request.project, one, first, shown, view) for one in found.columns],
        sorted(
            (_choice(request.project, id, one, shown, view) for one in found.others),
            key=lambda choice: not choice.is_on,
        ),
        bool(view),
        _address(request.project, id, shown, "" if view else "formatted"),
    )
    return project_page(request, "interactions/siblings.html", {"page": page})


def _view(data: QueryDict) -> str:
    view = data.get("view", "")
    if view not in ("", "formatted"):
        raise Invalid("expected formatted, or nothing for the differences", field="view")
    return view


def _chosen(data: QueryDict, id: UUID) -> list[UUID]:
    try:
        wanted = dict.fromkeys(UUID(one) for one in data.getlist("with"))
    except ValueError as error:
        raise Invalid("expected the id of an interaction", field="with") from error
    wanted.pop(id, None)
    if len(wanted) > MOST_COLUMNS - 1:
        raise Invalid(f"expected at most {MOST_COLUMNS - 1} others", field="with")
    return list(wanted)


def _answer(
    project: Project, one: SiblingAnswer, first: SiblingAnswer, shown: list[UUID], view: str
) -> Answer:
    row, text = one.row, answer_text(one.body)
    it = row.interaction
    diff = (
        word_diff.compare(answer_text(first.body), text) if one is not first and not view else None
    )
    leave = ""
    if one is not first and len(shown) > 1:
        leave = _address(project, first.row.interaction.id, [i for i in shown if i != it.id], view)
    return Answer(
        row=row,
        page=reverse("interaction", kwargs={"key": project.key, "id": it.id}),
        leave=leave,
        tags=tags_of(project, it.id, row.labels, may_change=False).all,
        text=text[: word_diff.CHARACTERS_COMPARED],
        rest=max(0, len(text) - word_diff.CHARACTERS_COMPARED),
        diff=diff,
        turn=_turn(project, one) if view else None,
    )


def _prompt(project: Project, one: SiblingAnswer) -> list[Turn]:
    it = one.row.interaction
    it.body = one.body
    return turns_of(project, Whole(it, images=one.row.images), is_raw=False)[:-1]


def _turn(project: Project, one: SiblingAnswer) -> Turn:
    it = one.row.interaction
    it.body = one.body
    return turns_of(project, Whole(it), is_raw=False, skip=len(one.body.messages))[-1]


def _choice(
    project: Project, id: UUID, one: Interaction, shown: list[UUID], view: str
) -> OtherAnswer:
    """A third column is added while there is room; then the last one gives way."""
    is_on = one.id in shown
    without = [other for other in shown if other != one.id]
    ids = without if is_on else [*shown[: MOST_COLUMNS - 2], one.id]
    return OtherAnswer(one, _address(project, id, ids, view), is_on)


def _address(project: Project, id: UUID, others: list[UUID], view: str) -> str:
    data = QueryDict(mutable=True)
    data.setlist("with", [str(one) for one in others])
    if view:
        data["view"] = view
    return reverse("siblings", kwargs={"key": project.key, "id": id}) + encoded(data)
