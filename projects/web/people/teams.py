"""Teams of several projects: all of them for administrators, each for its members."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adaptive_site.lib.errors import Invalid
from projects.models import Invitation, Membership, ProjectShare, Team, User
from projects.services import people, user_admin
from projects.services.access import Caller
from projects.services.membership import invitations, roles
from projects.services.membership import teams as service
from projects.services.membership.invitations import InvitedTo
from projects.web.people.administration import AdminRequest, for_administrators, logged_in
from projects.web.people.links import Link, link_of, mailed
from projects.web.people.project import InviteForm, RoleInWords
from projects.web.refusals import blame


class TeamForm(forms.Form):
    """The name of a team."""

    name = forms.CharField(max_length=200, error_messages={"required": "expected a name"})


@require_http_methods(["GET", "POST"])
@for_administrators
def teams(request: AdminRequest) -> HttpResponse:
    """All teams, and a form that makes one."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = user_admin.add_team(request.caller, name=form.cleaned_data["name"])
        except Invalid as error:
            blame(form, error)
        else:
            return redirect("team", made.key)
    context = {"teams": service.every_team(), "form": form, "tab": "teams"}
    return render(request, "console/teams.html", context, status=422 if form.errors else 200)


@dataclass
class TeamPage:
    """A team, as one of it or an administrator sees it."""

    caller: Caller
    team: Team
    form: InviteForm
    link: Link | None = None

    @cached_property
    def may_manage(self) -> bool:
        """Whether the caller may change who is in it."""
        return service.may_manage(self.caller, self.team)

    @cached_property
    def members(self) -> list[Membership]:
        """Who is in it and can log in, as far as the caller may see them."""
        seen = User.objects.visible_to(self.caller)
        found = self.team.memberships.filter(user__in=seen).select_related("user", "role")
        return sorted(found, key=lambda one: (str(one.user).casefold(), one.id))

    @cached_property
    def shares(self) -> list[ProjectShare]:
        """Its projects, as far as the caller may see them."""
        return service.shares_of(self.caller, self.team)

    @cached_property
    def givable(self) -> list[RoleInWords]:
        """The roles that the caller may give here."""
        if not self.may_manage:
            return []
        found = roles.all_of_them()
        return [RoleInWords(one) for one in found if service.may_seat(self.caller, self.team, one)]

    @cached_property
    def pending(self) -> list[Invitation]:
        """Invitations into it that nobody has accepted."""
        if not self.may_manage:
            return []
        return list(invitations.every_pending().filter(team=self.team))

    def may_change(self, membership: Membership) -> bool:
        """Whether the caller may change this member's role, or take them out."""
        return self.may_manage and service.may_seat(self.caller, self.team, membership.role)


def _show(request: AdminRequest, page: TeamPage) -> HttpResponse:
    status = 422 if page.form.errors else 200
    return render(request, "people/team.html", {"page": page, "tab": "teams"}, status=status)


@require_GET
@logged_in
def team(request: AdminRequest, key: str) -> HttpResponse:
    """The page of one."""
    found = service.known(request.caller, key)
    return _show(request, TeamPage(request.caller, found, InviteForm()))


@require_POST
@never_cache
@logged_in
def invite(request: AdminRequest, key: str) -> HttpResponse:
    """Invite somebody into the team, and show the link in the answer itself."""
    found, form = service.known(request.caller, key), InviteForm(request.POST)
    page = TeamPage(request.caller, found, form)
    if form.is_valid():
        given = form.cleaned_data
        try:
            place = InvitedTo(team=found, role=roles.named(given["role"]))
            made, secret = invitations.invite(
                request.caller, given["email"], place, days=given["days"]
            )
        except Invalid as error:
            blame(form, error)
        else:
            page = TeamPage(request.caller, found, InviteForm())
            page.link = mailed(request, made, link_of(request, made, secret))
    return _show(request, page)


@require_POST
@logged_in
def seat(request: AdminRequest, key: str, id: UUID) -> HttpResponse:
    """Change a member's role, or take them out."""
    found = service.known(request.caller, key)
    user = people.user_named(str(id))
    if "remove" in request.POST:
        service.unseat(request.caller, found, user)
        messages.info(request, f"{user} is no longer in the team {found}.")
    else:
        role = roles.named(request.POST.get("role", ""))
        service.check_is_in(found, user)
        service.seat(request.caller, found, user, role)
        messages.info(request, f"{user}: {role} now.")
    if Team.objects.visible_to(request.caller).filter(id=found.id).exists():
        return redirect("team", found.key)
    return redirect("projects")


@require_POST
@logged_in
def revoke(request: AdminRequest, key: str, id: int) -> HttpResponse:
    """Revoke an invitation into the team."""
    found = service.known(request.caller, key)
    invitation = invitations.known(invitations.every_pending().filter(team=found), id)
    invitations.revoke(request.caller, invitation)
    return redirect("team", found.key)


@require_POST
@logged_in
def rename(request: AdminRequest, key: str) -> HttpResponse:
    """Give the team another name, or remove it when it is empty."""
    found = service.known(request.caller, key)
    if "remove" in request.POST:
        service.remove(request.caller, found)
        messages.info(request, f"The team {found} is gone.")
        return redirect("console-teams" if request.caller.is_administrator else "projects")
    service.rename(request.caller, found, request.POST.get("name", ""))
    return redirect("team", found.key)
