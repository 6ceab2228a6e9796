"""Acts on a selection: what one will touch, how far it is, what it has done, and undoing it."""

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
from interactions.models import Act
from interactions.services import selections
from interactions.services.bulk import queue
from projects.models import User
from projects.services.access import Caller
from projects.web.requests import ProjectRequest, in_project, project_page

PAGE = 50


@dataclass
class Doing:
    """An act as its page and the list show it."""

    act: Act
    caller: Caller

    @cached_property
    def sentence(self) -> str:
        """What is done, in words."""
        return queue.sentence(self.act)

    @cached_property
    def selected(self) -> str:
        """To what, in words."""
        return selections.sentence(self.act.selection)

    @property
    def by(self) -> User:
        """Who did it."""
        return self.act.created_by

    @property
    def may_undo(self) -> bool:
        """Whether the caller may undo it, now."""
        return queue.may_undo(self.act, self.caller) and queue.can_be_undone(self.act)

    @property
    def is_undoing(self) -> bool:
        """Whether its progress is that of the undoing."""
        return self.act.undone_at is not None

    @property
    def done(self) -> int:
        """How many are done, or undone, by now."""
        return self.act.undone + self.act.left if self.is_undoing else self.act.done

    @property
    def total(self) -> int | None:
        """Of how many; None while that is not known."""
        return self.act.changed if self.is_undoing else self.act.total

    @property
    def percent(self) -> int:
        """How much that is."""
        return min(100, self.done * 100 // self.total) if self.total else 0

    @cached_property
    def is_worked_on(self) -> bool:
        """Whether a worker is there; asked only while there is something to do."""
        return not self.act.is_under_way or queue.is_worked_on()

    @property
    def until(self) -> str:
        """Until when it can be undone."""
        return f"{self.act.created_at + queue.KEPT:%-d %B %Y}"

    @property
    def seconds(self) -> float:
        """How long it took."""
        ended = self.act.finished_at or self.act.created_at
        return (ended - self.act.created_at).total_seconds()


@require_GET
@in_project()
def listed(request: ProjectRequest) -> HttpResponse:
    """What was done to many here: by oneself, and for owners by everybody."""
    given = request.GET.get("before", "")
    if given and not given.isdecimal():
        raise Invalid("expected a whole number", field="before")
    found = queue.listed(
        request.project,
        caller=request.caller,
        before=int(given[:18]) if given else None,
        limit=PAGE + 1,
    )
    older = f"?{urlencode({'before': found[PAGE - 1].id})}" if len(found) > PAGE else ""
    shown = [Doing(act, request.caller) for act in found[:PAGE]]
    return project_page(
        request, "selections/acts.html", {"acts": shown, "older": older}, tab="acts"
    )


@require_GET
@in_project()
def last(request: ProjectRequest) -> HttpResponse:
    """To one's own last act that can be undone; to the list of acts if there is none."""
    found = queue.last_of(request.project, caller=request.caller)
    if found is None:
        return HttpResponseRedirect(reverse("acts", kwargs={"key": request.project.key}))
    return HttpResponseRedirect(_page(request, found.uuid))


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def act(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """How far it is, or what it has done; for htmx that alone."""
    doing = Doing(queue.known(request.project, uuid, caller=request.caller), request.caller)
    if request.htmx:
        context = {"doing": doing, "project": request.project}
        return render(request, "selections/_progress.html", context)
    return project_page(request, "selections/act.html", {"doing": doing})


@require_POST
@in_project()
def undo(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Have it undone."""
    found = queue.known(request.project, uuid, caller=request.caller)
    queue.undo(found, caller=request.caller)
    return HttpResponseRedirect(_page(request, uuid), status=303)


@require_POST
@in_project()
def resume(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Go on where it has failed."""
    found = queue.known(request.project, uuid, caller=request.caller)
    queue.resume(found, caller=request.caller)
    return HttpResponseRedirect(_page(request, uuid), status=303)


@require_POST
@in_project()
def touched(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Select what it has changed."""
    found = queue.known(request.project, uuid, caller=request.caller)
    made = selections.touched(found, by=request.caller.user)
    where = {"key": request.project.key, "uuid": made.uuid}
    return HttpResponseRedirect(reverse("selection", kwargs=where), status=303)


def _page(request: ProjectRequest, uuid: UUID) -> str:
    return reverse("act", kwargs={"key": request.project.key, "uuid": uuid})
