"""The people of a project: a page to see them, and forms that change who they are."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib.errors import Invalid, NotFound
from projects.models import Invitation, Project, ProjectShare, Role, User
from projects.services.access import MANAGE, Caller
from projects.services.membership import invitations, project_people, roles
from projects.services.membership.invitations import InvitedTo
from projects.services.membership.project_people import PersonHere, WayIn
from projects.services.membership.rules import may_give
from projects.web.people.links import Link, link_of, mailed
from projects.web.refusals import blame
from projects.web.requests import ProjectRequest, in_project

MOST_PEOPLE_SHOWN = 500


class InviteForm(forms.Form):
    """Whom to invite, as what, and until when."""

    email = forms.CharField(
        max_length=254, error_messages={"required": "expected an e-mail address"}
    )
    role = forms.CharField(max_length=100)
    days = forms.TypedChoiceField(
        coerce=int,
        choices=[(1, "for a day"), (7, "for 7 days"), (30, "for 30 days")],
        initial=7,
    )


@dataclass(frozen=True, slots=True)
class RoleInWords:
    """A role that may be given, and what it permits."""

    role: Role

    @property
    def meaning(self) -> str:
        """Such as `read interactions, labels, feedback and datasets`."""
        return roles.in_words(self.role.permissions)


@dataclass
class PeoplePage:
    """The page; `link` is that of an invitation made just now."""

    caller: Caller
    project: Project
    form: InviteForm
    link: Link | None = None

    tab = "people"

    @cached_property
    def may_manage(self) -> bool:
        """Whether the caller may change who is in the project."""
        return self.caller.may(MANAGE, self.project)

    @cached_property
    def everybody(self) -> list[PersonHere]:
        """Everybody in the project, as far as the caller may see them."""
        found = project_people.everybody(self.project)
        if self.may_manage:
            return found
        seen = set(User.objects.visible_to(self.caller).values_list("id", flat=True))
        return [one for one in found if one.user.id in seen]

    @property
    def people(self) -> list[PersonHere]:
        """The first of them."""
        return self.everybody[:MOST_PEOPLE_SHOWN]

    @property
    def left(self) -> int:
        """How many are not shown."""
        return max(0, len(self.everybody) - MOST_PEOPLE_SHOWN)

    @cached_property
    def teams(self) -> list[ProjectShare]:
        """The teams of several projects that have this one."""
        return project_people.team_shares(self.project)

    @cached_property
    def givable(self) -> list[RoleInWords]:
        """The roles that the caller may give here."""
        found = project_people.givable_roles(self.caller, self.project, roles.all_of_them())
        return [RoleInWords(role) for role in found]

    @cached_property
    def pending(self) -> list[Invitation]:
        """Invitations that nobody has accepted."""
        return list(invitations.pending(self.project)) if self.may_manage else []

    def may_change(self, way: WayIn | None) -> bool:
        """Whether the caller may change or end this way in."""
        return self.may_manage and way is not None and self.may_take(way.share.role)

    def may_take(self, role: Role) -> bool:
        """Whether the caller has all that a role permits."""
        return may_give(self.caller, self.project, role)

    def meaning(self, permissions: list[str]) -> str:
        """Permissions in words."""
        return roles.in_words(permissions)

    @property
    def is_here(self) -> bool:
        """Whether the caller is in the project, and can leave it."""
        return any(one.user == self.caller.user for one in self.everybody)


def _page(request: ProjectRequest, form: InviteForm | None = None) -> PeoplePage:
    return PeoplePage(request.caller, request.project, form or InviteForm())


def _show(request: ProjectRequest, page: PeoplePage, *, status: int = 200) -> HttpResponse:
    return render(request, "projects/people.html", {"page": page}, status=status)


@require_GET
@in_project()
def people(request: ProjectRequest) -> HttpResponse:
    """The page."""
    return _show(request, _page(request))


@require_POST
@never_cache
@in_project(MANAGE)
def invite(request: ProjectRequest) -> HttpResponse:
    """Make an invitation, and show its link in the answer itself: it is kept nowhere."""
    form = InviteForm(request.POST)
    page = _page(request, form)
    if form.is_valid():
        given = form.cleaned_data
        try:
            role = roles.named(given["role"])
            made, secret = invitations.invite(
                request.caller,
                given["email"],
                InvitedTo(request.project, role=role),
                days=given["days"],
            )
        except Invalid as error:
            blame(form, error)
        else:
            page = _page(request)
            page.link = mailed(request, made, link_of(request, made, secret))
    return _show(request, page, status=422 if form.errors else 200)


@require_POST
@never_cache
@in_project(MANAGE)
def renew(request: ProjectRequest, id: int) -> HttpResponse:
    """Make another link in place of an earlier one, and show it."""
    invitation = invitations.known(invitations.pending(request.project), id)
    secret = invitations.renew(request.caller, invitation)
    page = _page(request)
    page.link = mailed(request, invitation, link_of(request, invitation, secret))
    return _show(request, page)


@require_POST
@in_project(MANAGE)
def revoke(request: ProjectRequest, id: int) -> HttpResponse:
    """Let an invitation open nothing."""
    invitation = invitations.known(invitations.pending(request.project), id)
    invitations.revoke(request.caller, invitation)
    messages.info(request, f"The invitation of {invitation.email} is revoked.")
    return redirect("people", request.project.key)


@require_POST
@in_project(MANAGE)
def set_role(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Change the role of somebody who is in this project by it alone."""
    here = project_people.person(request.project, id)
    role = roles.named(request.POST.get("role", ""))
    project_people.set_role(request.caller, request.project, here, role)
    messages.info(request, f"{here.user}: {role.name} now.")
    return redirect("people", request.project.key)


@require_POST
@in_project(MANAGE)
def remove(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Take somebody out of the project."""
    here = project_people.person(request.project, id)
    project_people.remove(request.caller, request.project, here)
    messages.info(request, f"{here.user} is no longer in this project.")
    if here.user == request.caller.user:
        return redirect("projects")
    return redirect("people", request.project.key)


@require_POST
@in_project(MANAGE)
def set_team(request: ProjectRequest, id: int) -> HttpResponse:
    """Change the most that a team may do here, or take it out."""
    share = next((one for one in project_people.team_shares(request.project) if one.id == id), None)
    if share is None:
        raise NotFound("this team is not in the project; somebody may have taken it out")
    role = None if "remove" in request.POST else roles.named(request.POST.get("role", ""))
    project_people.set_team_role(request.caller, request.project, share, role)
    done = f"{role.name} at most now." if role else "no longer in this project."
    messages.info(request, f"{share.team}: {done}")
    return redirect("people", request.project.key)


@require_POST
@in_project()
def leave(request: ProjectRequest) -> HttpResponse:
    """Leave the project."""
    project_people.leave(request.caller, request.project)
    messages.info(request, f"You have left {request.project}.")
    return redirect("projects")
