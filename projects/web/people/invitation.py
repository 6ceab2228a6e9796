"""What one sees who follows the link of an invitation."""

from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from adaptive_site.lib.errors import DomainError, Forbidden, Gone, Invalid, NotFound
from adaptive_site.lib.openid.settings import OpenIdSettings
from projects.models import Invitation, User
from projects.services.membership import invitations, roles
from projects.web.refusals import blame


class AcceptForm(forms.Form):
    """Who somebody without an account is."""

    name = forms.CharField(max_length=200, error_messages={"required": "expected your name"})
    password = forms.CharField(
        max_length=4096, strip=False, error_messages={"required": "expected a password"}
    )


@dataclass
class InvitationPage:
    """The page of a link that opens something."""

    invitation: Invitation
    user: User | None
    form: AcceptForm

    @property
    def place(self) -> str:
        """What one is invited into."""
        return str(self.invitation.project or self.invitation.team or "Adaptive Site")

    @property
    def meaning(self) -> str:
        """What the role permits, in words; "" without one."""
        role = self.invitation.role
        return roles.in_words(role.permissions) if role else ""

    @property
    def is_for_another(self) -> bool:
        """Whether somebody is logged in who was not invited."""
        return self.user is not None and not invitations.is_for(self.invitation, self.user)

    @property
    def openid(self) -> OpenIdSettings | None:
        """The provider by which it may be accepted, too; None without one."""
        provider: OpenIdSettings | None = settings.OPENID
        return provider

    @property
    def has_to_log_in(self) -> bool:
        """Whether nobody is logged in, and the address has an account."""
        return self.user is None and invitations.has_account(self.invitation)


@require_http_methods(["GET", "POST"])
@never_cache
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Say what a link opens, and open it to who takes it; a link that ended says why."""
    user = request.user if isinstance(request.user, User) else None
    form = AcceptForm(request.POST if request.method == "POST" and user is None else None)
    try:
        found = invitations.of_secret(secret)
        invitations.check_open(found)
        if request.method == "POST" and (accepted := _accepted(secret, user, form)) is not None:
            return _in(request, accepted, found)
    except (Gone, NotFound) as error:
        return _ended(request, error)
    context = {"page": InvitationPage(found, user, form)}
    return render(request, "people/invitation.html", context, status=422 if form.errors else 200)


def _accepted(secret: str, user: User | None, form: AcceptForm) -> User | None:
    """Who has accepted; None when something is wrong with the form, or with who sends it."""
    if user is None and not form.is_valid():
        return None
    given = form.cleaned_data if user is None else {}
    try:
        return invitations.accept(secret, by=user, **given)
    except Invalid as error:
        blame(form, error)
    except Forbidden:  # not raised to the log of refusals, which would have the link: the page says
        return None
    return None


def _in(request: HttpRequest, user: User, found: Invitation) -> HttpResponse:
    if not request.user.is_authenticated:
        login(request, user, backend="projects.services.signing_in.login.ThrottledBackend")
    if found.project is not None:
        return redirect("interactions", found.project.key)
    return redirect("projects")


def _ended(request: HttpRequest, error: DomainError) -> HttpResponse:
    context = {"error": error, "is_known": not isinstance(error, NotFound)}
    return render(request, "people/invitation_ended.html", context, status=error.status)
