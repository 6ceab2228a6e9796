"""A person's own API keys: made, seen, revoked."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from adaptive_site.lib.errors import Invalid
from projects.models import ApiKey, Project, User
from projects.services.access import Caller
from projects.services.keys import scopes
from projects.services.membership import roles
from projects.web.api_keys.form import ScopedKeyForm
from projects.web.refusals import blame
from projects.web.requests import ProjectRequest


@dataclass
class OwnKeys:
    """The page; `secret` is that of a key made just now."""

    caller: Caller
    form: ScopedKeyForm
    secret: str = ""

    @cached_property
    def keys(self) -> list[ApiKey]:
        """The caller's keys, newest first."""
        return list(scopes.of_user(self.caller.user))

    def meaning(self, key: ApiKey) -> str:
        """What a key may, in words."""
        return meaning(key)


def meaning(key: ApiKey) -> str:
    """What a key is for: permissions, projects and limit, in words."""
    may = "all that its user may"
    if key.permissions is not None:
        may = roles.in_words(key.permissions)
    names = ", ".join(project.name for project in key.projects.all())
    where = "in every project" if key.is_for_every_project else f"in {names or 'no project'}"
    limit = key.requests_a_minute
    return f"{may}, {where}" + (f"; {limit:,} requests a minute" if limit else "")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def own_keys(request: ProjectRequest) -> HttpResponse:
    """The page, which makes a key too, and shows its secret in the answer itself."""
    assert isinstance(request.user, User)
    caller = Caller(request.user)
    readable = Project.objects.visible_to(caller)
    form = ScopedKeyForm(request.POST or None, readable=readable)
    page = OwnKeys(caller, form)
    if request.method == "POST" and form.is_valid():
        try:
            _, page.secret = scopes.make(caller, form.cleaned_data["name"], form.scope)
        except Invalid as error:
            blame(form, error)
        else:
            page.form = ScopedKeyForm(readable=readable)
    status = 422 if form.errors else 200
    return render(request, "api_keys/own.html", {"page": page}, status=status)


@login_required
@require_POST
def revoke_own(request: ProjectRequest, id: int) -> HttpResponse:
    """Revoke one of one's own keys."""
    assert isinstance(request.user, User)
    revoked = scopes.revoke(Caller(request.user), id)
    messages.info(request, f"The key {revoked} is revoked.")
    return redirect("own_keys")
