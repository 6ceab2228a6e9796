"""The page before a bulk action: its arguments, and what it will change; a POST begins it."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import DomainError, Forbidden, Invalid, NotFound
from interactions.filters import feedback_text
from interactions.models import BulkAction, Selection
from interactions.services import selections
from interactions.services.browsing import rows
from interactions.services.bulk import actions as bulk_actions
from interactions.services.bulk.kinds import KINDS_OF_ACTION
from interactions.services.bulk.preview import Preview
from interactions.services.judging import metric_scales as scales
from interactions.services.judging.metric_scales import Scale
from interactions.services.rollups import counts
from interactions.web.bulk.toasts import toast
from projects.models import Metric, Project
from projects.services.access import MANAGE, Caller
from projects.web.requests import ProjectRequest, in_project, project_page

PREVIEW_LIMIT_MS = 3_000
EXAMPLES_SHOWN = 5  # of what it will change, the newest
# What a form sends; a value may be empty, and keeps its spaces.
ARGUMENT_FIELDS = ("key", "value", "metric", "reason", "anybody")


@dataclass(frozen=True, slots=True)
class Choice:
    """A usual value of a metric, its word and whether that is good or bad."""

    value: int
    word: str
    tone: str


@dataclass
class Preparation:
    """A bulk action before it begins: what was typed, what is wrong, what would change."""

    caller: Caller
    selection: Selection
    kind: str
    data: QueryDict
    error: DomainError | None = None
    arguments: dict[str, object] = field(default_factory=dict)
    is_ready: bool = False
    is_late: bool = False
    preview: Preview | None = None
    examples: list[rows.Row] = field(default_factory=list)

    def read(self) -> "Preparation":
        """Check the arguments; with all there, count what the bulk action would change."""
        required = KINDS_OF_ACTION[self.kind].REQUIRED
        if required and required not in self.data:
            return self
        try:
            self.arguments = bulk_actions.check(
                self.project, self.kind, self.typed, caller=self.caller
            )
        except (Invalid, Forbidden) as error:
            self.error = error
            return self
        self.is_ready = True
        try:
            with time_limit(PREVIEW_LIMIT_MS):
                self.preview = bulk_actions.preview(
                    self.selection, self.kind, self.arguments, by=self.caller.user
                )
        except TookTooLong:
            self.is_late = True
        if self.kind == BulkAction.Kind.DELETE:
            self._read_examples()
        return self

    def _read_examples(self) -> None:
        """Read the newest rows that will change; the page does without when that takes long."""
        try:
            with time_limit(PREVIEW_LIMIT_MS):
                ids = selections.shown(self.selection, limit=EXAMPLES_SHOWN)
                self.examples = rows.rows(self.project, ids)
        except TookTooLong:
            self.examples = []

    @property
    def project(self) -> Project:
        """Whose interactions are touched."""
        return self.selection.project

    @property
    def typed(self) -> dict[str, str]:
        """The arguments as typed; a label to be removed has no value."""
        unlabels = self.kind == BulkAction.Kind.UNLABEL
        names = [name for name in ARGUMENT_FIELDS if not (unlabels and name == "value")]
        typed = {name: str(self.data[name]) for name in names if name in self.data}
        return {"value": "", **typed} if self.kind == BulkAction.Kind.LABEL else typed

    @property
    def name(self) -> str:
        """What is done, without its arguments."""
        return BulkAction.Kind(self.kind).label

    @property
    def words(self) -> str:
        """What is done, in words."""
        return KINDS_OF_ACTION[self.kind].sentence(self.arguments)

    @property
    def pressing(self) -> str:
        """The text of the button; for deleting with the number of interactions, if counted."""
        if self.kind != BulkAction.Kind.DELETE or self.preview is None:
            return self.words
        n, more = self.preview.looked_at, "" if self.preview.is_all else "+"
        return f"{self.words} {n:,}{more} interaction{'' if (n, more) == (1, '') else 's'}"

    @property
    def selected(self) -> str:
        """To what, in words."""
        return selections.sentence(self.selection)

    @property
    def wrong(self) -> str:
        """The field at fault."""
        return self.error.field if self.error else ""

    @property
    def complaint(self) -> str:
        """What was expected there."""
        return str(self.error).removeprefix(f"{self.wrong}: ")

    @cached_property
    def label_keys(self) -> list[str]:
        """Keys to choose from."""
        return counts.label_keys(self.project)

    @cached_property
    def scales(self) -> list[Scale]:
        """Metrics to choose from."""
        return scales.scales(self.project)

    @cached_property
    def choices(self) -> list[tuple[Metric, list[Choice]]]:
        """Each metric with the buttons for its values; without any a number is typed."""
        return [
            (
                scale.metric,
                [
                    Choice(
                        value,
                        feedback_text.value_of(scale.metric, value),
                        scale.metric.tone(value),
                    )
                    for value in scale.values
                ],
            )
            for scale in self.scales
        ]

    @cached_property
    def carried_keys(self) -> list[tuple[str, int]]:
        """The label keys of a few interactions, and how many have each, most frequent first."""
        found = rows.rows(self.project, self.selection.includes)
        return Counter(label.key for row in found for label in row.labels).most_common()

    @property
    def n(self) -> int:
        """How many interactions were ticked, when they were ticked one by one."""
        return len(self.selection.includes)

    @property
    def may_manage(self) -> bool:
        """Whether others' feedback may be withdrawn too."""
        return self.caller.may(MANAGE, self.project)

    @property
    def days(self) -> int:
        """For how many days a bulk action can be undone."""
        return bulk_actions.UNDO_KEPT.days


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_project()
def prepare(request: ProjectRequest, uuid: UUID, kind: str) -> HttpResponse:
    """The page of the arguments and their preview; POST begins the bulk action or says why not.

    For htmx a popover on few interactions, whose POST does the bulk action at once.
    """
    selection = selections.known(request.project, uuid)
    if kind not in KINDS_OF_ACTION:
        raise NotFound(f"there is no bulk action {kind}")
    request.caller.check_may(KINDS_OF_ACTION[kind].PERMISSION, request.project)
    if request.method == "POST":
        return _begin(request, Preparation(request.caller, selection, kind, request.POST))
    preparation = Preparation(request.caller, selection, kind, request.GET).read()
    if request.htmx:
        return _popover(request, preparation)
    return project_page(request, "selections/prepare.html", {"preparation": preparation})


def _begin(request: ProjectRequest, preparation: Preparation) -> HttpResponse:
    begin = bulk_actions.do_now if request.htmx else bulk_actions.begin
    try:
        action = begin(
            preparation.selection, preparation.kind, preparation.typed, caller=request.caller
        )
    except Invalid as error:
        preparation.error = error
        if request.htmx:
            return _popover(request, preparation, status=422)
        context = {"preparation": preparation}
        return project_page(request, "selections/prepare.html", context, status=422)
    if request.htmx:
        words = bulk_actions.result(action)
        return toast(request, words, action=action, changed=preparation.kind)
    where = {"key": request.project.key, "uuid": action.uuid}
    return HttpResponseRedirect(reverse("bulk-action", kwargs=where), status=303)


def _popover(
    request: ProjectRequest, preparation: Preparation, *, status: int = 200
) -> HttpResponse:
    """The arguments alone, to be shown above the bar; after a fault in place of what was there."""
    context = {"preparation": preparation, "project": request.project}
    response = render(request, "selections/_popover.html", context, status=status)
    response["HX-Retarget"] = "#bulk-popover"
    return response
