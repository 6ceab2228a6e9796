"""Jobs and bulk actions of all projects: how far they are, tried again, cancelled."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from adaptive_site.console.list_page import (
    MOST_AT_ONCE,
    ROWS_PER_PAGE,
    ListPage,
    after,
    each,
    named,
)
from adaptive_site.lib.errors import Invalid
from interactions.models import BulkAction, Job
from interactions.services.bulk.queue import is_worked_on
from interactions.services.jobs import across_projects
from interactions.services.jobs.across_projects import (
    BULK_ACTION,
    JOB,
    Work,
    WorkFilter,
    WorkPlace,
)
from interactions.web.bulk.actions import ShownAction
from interactions.web.jobs.shown import ShownJob, rounded
from projects.services.access import Caller
from projects.web.form_chips import Condition
from projects.web.people.administration import AdminRequest, for_administrators

WORK_KINDS = (
    (JOB, "jobs"),
    (BULK_ACTION, "bulk actions"),
    *((kind.value, kind.label.lower()) for kind in Job.Kind),
)
STATES_SHOWN = (
    ("unfinished", "waiting or running"),
    ("failed", "failed"),
    ("done", "done"),
    ("cancelled", "cancelled or undone"),
)


@dataclass
class WorkRow:
    """A job or a bulk action, as the list shows it."""

    work: Work
    caller: Caller

    @cached_property
    def _shown(self) -> ShownJob | ShownAction:
        if isinstance(self.work, Job):
            return ShownJob(self.work)
        return ShownAction(self.work, self.caller)

    @property
    def name(self) -> str:
        """What the buttons call it."""
        return f"{JOB if isinstance(self.work, Job) else BULK_ACTION}:{self.work.uuid}"

    @property
    def sentence(self) -> str:
        """What is done, in words."""
        return self._shown.sentence

    @property
    def address(self) -> str:
        """Its own page."""
        view = "job" if isinstance(self.work, Job) else "bulk-action"
        return reverse(view, kwargs={"key": self.work.project.key, "uuid": self.work.uuid})

    @property
    def is_cancelling(self) -> bool:
        """Whether it ends at its next step."""
        return isinstance(self._shown, ShownJob) and self._shown.is_cancelling

    @property
    def percent(self) -> int | None:
        """The share that is done; None where that is not known."""
        return self._shown.percent if self.work.is_under_way and self._shown.total else None

    @property
    def done(self) -> str:
        """How much is done, of how much."""
        done, total = self._shown.done, self._shown.total
        if not done and total is None:
            return ""
        return f"{done:,}" if total is None else f"{done:,} of {total:,}"

    @property
    def took(self) -> str:
        """How long it has taken, or took."""
        if isinstance(self._shown, ShownJob) and self.work.finished_at:
            return self._shown.took
        if self.work.finished_at is None:
            return ""
        return rounded((self.work.finished_at - self.work.created_at).total_seconds() or 0.1)

    @property
    def may_retry(self) -> bool:
        """Whether it may go on."""
        if isinstance(self._shown, ShownJob):
            return self._shown.may_retry
        is_failed = self.work.state == BulkAction.State.FAILED
        return is_failed and self._shown.action.purged_at is None

    @property
    def cancelling(self) -> str:
        """What the button says that ends it; "" where there is nothing to end."""
        if not self.work.is_under_way or self.is_cancelling:
            return ""
        if isinstance(self.work, Job):
            return "Cancel"
        return "" if self.work.state == BulkAction.State.UNDOING else "Stop and undo"

    @property
    def may_act(self) -> bool:
        """Whether anything can be done to it."""
        return self.may_retry or bool(self.cancelling)


class WorkPage(ListPage):
    """The page."""

    tab, template, view_name = "work", "console/work.html", "console-work"
    conditions = (
        Condition("state", "State", "choice", STATES_SHOWN),
        Condition("kind", "Kind", "choice", WORK_KINDS),
        Condition("project", "Project", placeholder="the key of a project"),
        Condition("person", "Begun by", placeholder="an address"),
    )

    @cached_property
    def _before(self) -> WorkPlace | None:
        try:
            return WorkPlace.read(self.asked.cursor) if self.asked.cursor else None
        except ValueError as error:
            raise Invalid("expected a place that the list links to", field="before") from error

    @cached_property
    def _found(self) -> list[Work]:
        said = self.asked.said
        wanted = WorkFilter(
            said["kind"], said["state"], said["project"].strip(), said["person"].strip()
        )
        return across_projects.page(wanted, before=self._before, limit=ROWS_PER_PAGE + 1)

    @cached_property
    def rows(self) -> list[WorkRow]:
        """Those of this page, the newest first."""
        return [WorkRow(one, self.caller) for one in self._found[:ROWS_PER_PAGE]]

    @property
    def older(self) -> str:
        """The link to the next page; "" when there is none."""
        if len(self._found) <= ROWS_PER_PAGE:
            return ""
        place = across_projects.place_after(self._found[:ROWS_PER_PAGE], self._before)
        return self.asked.with_(before=str(place))

    @cached_property
    def under_way(self) -> list[WorkRow]:
        """Those whose progress is followed."""
        return [row for row in self.rows if row.work.is_under_way]

    @property
    def is_worked_on(self) -> bool:
        """Whether a worker is there for what is under way."""
        return not self.under_way or is_worked_on()

    @property
    def may_act(self) -> bool:
        """Whether anything can be done to any of them."""
        return any(row.may_act for row in self.rows)


@require_safe
@for_administrators
def work(request: AdminRequest) -> HttpResponse:
    """The page."""
    return WorkPage(request.caller, request.GET).response(request)


@require_safe
@for_administrators
def progress(request: AdminRequest) -> HttpResponse:
    """How far some are by now: their cells, which take the places of those that are shown."""
    names = request.GET.getlist("of")
    if len(names) > MOST_AT_ONCE:
        raise Invalid(f"expected at most {MOST_AT_ONCE} of them", field="of")
    rows = [WorkRow(one, request.caller) for one in across_projects.named(names)]
    under_way = [row for row in rows if row.work.is_under_way]
    return render(request, "console/_progress.html", {"rows": rows, "under_way": under_way})


@require_POST
@for_administrators
def act(request: AdminRequest) -> HttpResponse:
    """Have one, or those that are ticked, tried again or cancelled."""
    page, caller = WorkPage(request.caller, request.GET), request.caller
    do, names = named(request)
    if do not in ("retry", "cancel"):
        raise Invalid("expected retry or cancel", field="do")
    one_act = across_projects.retry if do == "retry" else across_projects.cancel
    words = "tried again" if do == "retry" else "cancelled"
    said = each(
        across_projects.named(names),
        lambda one: one_act(caller, one),
        lambda n: f"{n:,} {'is' if n == 1 else 'are'} {words}",
    )
    return after(request, page, said)
