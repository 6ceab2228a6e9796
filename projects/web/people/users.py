"""All people of the site, for administrators: seen, invited, deactivated, signed out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from adaptive_site.lib.errors import Invalid
from projects.models import Invitation, Project, ProviderIdentity, SecondFactor, User
from projects.services import people, user_admin
from projects.services.access import Caller
from projects.services.membership import invitations, rules
from projects.services.membership.invitations import InvitedTo
from projects.services.signing_in import identities, passwords, second_factor
from projects.web.people.administration import AdminRequest, for_administrators
from projects.web.people.links import Link, link_of, mailed, password_link
from projects.web.refusals import blame

PEOPLE_A_PAGE = 100


class SiteInviteForm(forms.Form):
    """Whom to invite to the site."""

    email = forms.CharField(
        max_length=254, error_messages={"required": "expected an e-mail address"}
    )
    days = forms.TypedChoiceField(
        coerce=int,
        choices=[(1, "for a day"), (7, "for 7 days"), (30, "for 30 days")],
        initial=7,
    )


@dataclass(frozen=True, slots=True)
class Leaving:
    """A question before somebody is shut out: who, by which button, and what it leaves behind."""

    user: User
    act: str
    ownerless: list[Project]

    @property
    def verb(self) -> str:
        """What the button says."""
        return self.act.capitalize()


@dataclass
class UsersPage:
    """The page: the people whose name or address holds `name`."""

    caller: Caller
    form: SiteInviteForm
    name: str = ""
    after: str = ""
    link: Link | None = None
    leaving: "Leaving | None" = None

    @cached_property
    def _found(self) -> list[User]:
        found = User.objects.order_by("email")
        if self.name:
            found = found.filter(Q(email__icontains=self.name) | Q(name__icontains=self.name))
        if self.after:
            found = found.filter(email__gt=self.after)
        there = Q(memberships__team__shares__project__deleted_at=None)
        projects = Count("memberships__team__shares__project", filter=there, distinct=True)
        counted = found.annotate(
            projects=projects,
            teams=Count("memberships", filter=Q(memberships__team__of_project=None), distinct=True),
            has_identity=Exists(ProviderIdentity.objects.filter(user=OuterRef("pk"))),
            has_second_factor=Exists(SecondFactor.objects.filter(user=OuterRef("pk"))),
        )
        return list(counted[: PEOPLE_A_PAGE + 1])

    @property
    def users(self) -> list[User]:
        """Those of this page, by address."""
        return self._found[:PEOPLE_A_PAGE]

    @property
    def next_after(self) -> str:
        """After which address the next page begins; "" when there is none."""
        return self._found[PEOPLE_A_PAGE - 1].email if len(self._found) > PEOPLE_A_PAGE else ""

    @cached_property
    def pending(self) -> list[Invitation]:
        """Invitations that nobody has accepted, of the whole site."""
        return list(invitations.every_pending()[:PEOPLE_A_PAGE])


def _page(request: AdminRequest, form: SiteInviteForm | None = None) -> UsersPage:
    name, after = request.GET.get("name", "").strip(), request.GET.get("after", "")
    return UsersPage(request.caller, form or SiteInviteForm(), name, after)


def _show(request: AdminRequest, page: UsersPage, *, status: int = 200) -> HttpResponse:
    return render(request, "console/people.html", {"page": page, "tab": "people"}, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@for_administrators
def users(request: AdminRequest) -> HttpResponse:
    """The page, which invites too."""
    if request.method != "POST":
        return _show(request, _page(request))
    form = SiteInviteForm(request.POST)
    page = _page(request, form)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made, secret = invitations.invite(
                request.caller, given["email"], InvitedTo(), days=given["days"]
            )
        except Invalid as error:
            blame(form, error)
        else:
            page = _page(request)
            page.link = mailed(request, made, link_of(request, made, secret))
    return _show(request, page, status=422 if form.errors else 200)


@require_POST
@for_administrators
def revoke_any(request: AdminRequest, id: int) -> HttpResponse:
    """Revoke an invitation, into whatever it is."""
    invitation = invitations.known(invitations.every_pending(), id)
    invitations.revoke(request.caller, invitation)
    messages.info(request, f"The invitation of {invitation.email} is revoked.")
    return redirect("console-people")


@require_POST
@never_cache
@for_administrators
def change(request: AdminRequest, id: UUID) -> HttpResponse:
    """Do to a person what the button says; what leaves something behind is asked about first."""
    user = _known(id)
    act, page = request.POST.get("do", ""), _page(request)
    if act == "link":
        page.link = password_link(request, user, passwords.made_by(request.caller, user))
        return _show(request, page)
    if act in ("deactivate", "remove") and request.POST.get("sure") != "1":
        page.leaving = Leaving(user, act, rules.owned_by_nobody_else(user))
        if page.leaving.ownerless or act == "remove":
            return _show(request, page)
    if act not in _ACTS:
        raise Invalid("expected one of the buttons", field="do")
    _ACTS[act](request.caller, user)
    messages.info(request, f"{user}: {_DONE[act]}")
    return redirect("console-people")


_ACTS: Mapping[str, Callable[[Caller, User], object]] = {
    "deactivate": partial(user_admin.set_active, is_active=False, leaves_ownerless=True),
    "remove": partial(user_admin.remove_user, leaves_ownerless=True),
    "reactivate": partial(user_admin.set_active, is_active=True),
    "promote": partial(user_admin.set_administrator, is_administrator=True),
    "demote": partial(user_admin.set_administrator, is_administrator=False),
    "sign-out": passwords.sign_out_everywhere,
    "second-factor": second_factor.remove,
    "unlink": identities.unlink,
}
_DONE = {
    "deactivate": "deactivated, and signed out everywhere.",
    "reactivate": "may log in again.",
    "remove": "removed: out of every team, all keys revoked, signed out everywhere.",
    "promote": "an administrator now.",
    "demote": "no administrator any more.",
    "sign-out": "signed out everywhere.",
    "second-factor": "logs in with the password alone now.",
    "unlink": "unlinked; who signs in next with this e-mail address gets the account.",
}


def _known(id: UUID) -> User:
    return User.objects.filter(uuid=id).first() or people.user_named(str(id))
