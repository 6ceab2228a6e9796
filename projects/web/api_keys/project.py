"""The API keys that reach a project, and its service accounts."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib.errors import Invalid
from projects.models import ApiKey, Project, User
from projects.services.access import MANAGE, Caller
from projects.services.keys import scopes, service_accounts
from projects.services.keys.scopes import KeyHere
from projects.services.membership import project_people, roles
from projects.services.membership.project_people import PersonHere
from projects.web.api_keys.form import ScopedKeyForm
from projects.web.api_keys.own import meaning
from projects.web.people.project import RoleInWords
from projects.web.refusals import blame
from projects.web.requests import ProjectRequest, in_project


class AccountForm(ScopedKeyForm):
    """A service account with a role, and its first key."""

    role = forms.CharField(max_length=100)


@dataclass
class ProjectKeys:
    """The page; `secret` is that of a key made just now."""

    caller: Caller
    project: Project
    form: AccountForm
    secret: str = ""

    tab = "keys"

    @cached_property
    def keys(self) -> list[KeyHere]:
        """The keys that reach the project."""
        return scopes.reaching(self.project)

    @cached_property
    def accounts(self) -> list[PersonHere]:
        """The project's service accounts."""
        found = project_people.everybody(self.project)
        return [one for one in found if one.user.is_service_account and one.direct]

    @cached_property
    def givable(self) -> list[RoleInWords]:
        """The roles that the caller may give here."""
        found = project_people.givable_roles(self.caller, self.project, roles.all_of_them())
        return [RoleInWords(role) for role in found]

    def meaning(self, key: ApiKey) -> str:
        """What a key may, in words."""
        return meaning(key)


def _show(request: ProjectRequest, form: AccountForm, **more: Any) -> HttpResponse:
    page = ProjectKeys(request.caller, request.project, form, **more)
    status = 422 if form.errors else 200
    return render(request, "api_keys/project.html", {"page": page}, status=status)


@require_GET
@in_project(MANAGE)
def project_keys(request: ProjectRequest) -> HttpResponse:
    """The page."""
    return _show(request, AccountForm())


@require_POST
@in_project(MANAGE)
def shut_out(request: ProjectRequest, id: int) -> HttpResponse:
    """Shut a key out of the project, or let it in again."""
    is_shut_out = request.POST.get("open") != "1"
    key = scopes.set_shut_out(request.caller, request.project, id, is_shut_out)
    done = "is shut out of this project" if is_shut_out else "reaches this project again"
    messages.info(request, f"The key {key} {done}.")
    return redirect("project-keys", request.project.key)


@require_POST
@never_cache
@in_project(MANAGE)
def make_account(request: ProjectRequest) -> HttpResponse:
    """Make a service account with a key, whose secret is shown in the answer itself."""
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    try:
        role = roles.named(form.cleaned_data["role"])
        _, secret = service_accounts.make(
            request.caller,
            request.project,
            name=form.cleaned_data["name"],
            role=role,
            scope=form.scope,
        )
    except Invalid as error:
        blame(form, error)
        return _show(request, form)
    return _show(request, AccountForm(), secret=secret)


def _account(request: ProjectRequest, id: UUID) -> User:
    return project_people.person(request.project, id).user


@require_POST
@never_cache
@in_project(MANAGE)
def renew_key(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Make another key of a service account, as its newest one is; the others go on."""
    account = _account(request, id)
    newest = scopes.of_user(account).first()
    scope = scopes.KeyScope(
        permissions=newest.permissions if newest else None,
        requests_a_minute=newest.requests_a_minute if newest else None,
    )
    _, secret = service_accounts.renew_key(request.caller, request.project, account, scope)
    return _show(request, AccountForm(), secret=secret)


@require_POST
@in_project(MANAGE)
def remove_account(request: ProjectRequest, id: UUID) -> HttpResponse:
    """End a service account and its keys."""
    account = _account(request, id)
    service_accounts.remove(request.caller, request.project, account)
    messages.info(request, f"The service account {account} has ended, and its keys.")
    return redirect("project-keys", request.project.key)
