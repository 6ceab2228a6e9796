"""Pages of bulk actions: the list, one with its progress and result, undoing, going on."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import Invalid
from interactions.models import BulkAction
from interactions.services import selections
from interactions.services.bulk import actions as bulk_actions
from interactions.services.bulk import queue
from interactions.web.bulk.toasts import toast
from projects.models import User
from projects.services.access import Caller
from projects.web.requests import ProjectRequest, in_project, project_page

ACTIONS_PER_PAGE = 50


@dataclass
class ShownAction:
    """A bulk action as its page and the list show it."""

    action: BulkAction
    caller: Caller

    @cached_property
    def sentence(self) -> str:
        """What is done, in words."""
        return bulk_actions.sentence(self.action)

    @cached_property
    def selected(self) -> str:
        """To what, in words."""
        return selections.sentence(self.action.selection)

    @property
    def by(self) -> User:
        """Who began the bulk action."""
        return self.action.created_by

    @property
    def may_undo(self) -> bool:
        """Whether the caller may undo the bulk action now."""
        return bulk_actions.may_undo(self.action, self.caller) and bulk_actions.can_be_undone(
            self.action
        )

    @property
    def is_undoing(self) -> bool:
        """Whether the progress is that of undoing."""
        return self.action.undone_at is not None

    @property
    def done(self) -> int:
        """How many are done, or undone, by now."""
        return self.action.undone + self.action.left if self.is_undoing else self.action.done

    @property
    def total(self) -> int | None:
        """The number of interactions to go through; None while unknown."""
        return self.action.changed if self.is_undoing else self.action.total

    @property
    def percent(self) -> int:
        """The share that is done."""
        return min(100, self.done * 100 // self.total) if self.total else 0

    @cached_property
    def is_worked_on(self) -> bool:
        """Whether a worker is there; asked only while there is something to do."""
        return not self.action.is_under_way or queue.is_worked_on()

    @property
    def until(self) -> str:
        """Until when the bulk action can be undone."""
        return f"{self.action.created_at + bulk_actions.UNDO_KEPT:%-d %B %Y}"

    @property
    def seconds(self) -> float:
        """The seconds from beginning to end."""
        ended = self.action.finished_at or self.action.created_at
        return (ended - self.action.created_at).total_seconds()


@require_GET
@in_project()
def listing(request: ProjectRequest) -> HttpResponse:
    """The list of the caller's bulk actions, and for owners of everybody's."""
    before = request.GET.get("before", "")
    if before and not before.isdecimal():
        raise Invalid("expected a whole number", field="before")
    found = bulk_actions.listed(
        request.project,
        caller=request.caller,
        before=int(before[:18]) if before else None,
        limit=ACTIONS_PER_PAGE + 1,
    )
    page = found[:ACTIONS_PER_PAGE]
    older = f"?{urlencode({'before': page[-1].id})}" if len(found) > len(page) else ""
    shown = [ShownAction(action, request.caller) for action in page]
    return project_page(
        request,
        "selections/bulk_actions.html",
        {"actions": shown, "older": older},
        tab="bulk-actions",
    )


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def bulk_action(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """The page of a bulk action with its progress or result; for htmx the progress alone."""
    shown = ShownAction(
        bulk_actions.known(request.project, uuid, caller=request.caller), request.caller
    )
    if request.htmx:
        context = {"shown": shown, "project": request.project}
        return render(request, "selections/_progress.html", context)
    return project_page(request, "selections/bulk_action.html", {"shown": shown})


@require_POST
@in_project()
def undo(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Undo a bulk action; on the list, say so in a toast."""
    found = bulk_actions.known(request.project, uuid, caller=request.caller)
    action = bulk_actions.undo(found, caller=request.caller)
    if request.htmx:
        words = bulk_actions.undone_sentence(action)
        return toast(request, words, action=action, changed="undo")
    return HttpResponseRedirect(_page(request, uuid), status=303)


@require_POST
@in_project()
def resume(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Resume a bulk action that has failed."""
    found = bulk_actions.known(request.project, uuid, caller=request.caller)
    bulk_actions.resume(found, caller=request.caller)
    return HttpResponseRedirect(_page(request, uuid), status=303)


@require_POST
@in_project()
def changed(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Select the interactions that a bulk action has changed."""
    found = bulk_actions.known(request.project, uuid, caller=request.caller)
    made = selections.changed_by(found, by=request.caller.user)
    where = {"key": request.project.key, "uuid": made.uuid}
    return HttpResponseRedirect(reverse("selection", kwargs=where), status=303)


def _page(request: ProjectRequest, uuid: UUID) -> str:
    return reverse("bulk-action", kwargs={"key": request.project.key, "uuid": uuid})
