"""Roles, and what each permits, for administrators."""

from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from adaptive_site.lib.errors import Invalid, NotFound
from projects.models import Role
from projects.services import user_admin
from projects.services.access import MEANINGS, Caller
from projects.services.membership import roles as service
from projects.web.people.administration import AdminRequest, for_administrators
from projects.web.refusals import blame


class RoleFields(forms.Form):
    """A role of the site's own."""

    name = forms.CharField(max_length=200, error_messages={"required": "expected a name"})
    permissions = forms.MultipleChoiceField(choices=list(MEANINGS.items()), required=False)


@dataclass
class RolesPage:
    """The page; `editing` is the role whose form is open."""

    caller: Caller
    form: RoleFields
    editing: Role | None = None

    @cached_property
    def roles(self) -> list[Role]:
        """All roles, with how many have them; the built-in ones first."""
        order = {role.id: n for n, role in enumerate(service.all_of_them())}
        return sorted(service.with_uses(), key=lambda role: order[role.id])

    @property
    def own(self) -> list[Role]:
        """Those that are not built in."""
        return [role for role in self.roles if not service.is_built_in(role)]

    @property
    def meanings(self) -> dict[str, str]:
        """Each permission, and what it lets one do."""
        return MEANINGS


@require_http_methods(["GET", "POST"])
@for_administrators
def roles(request: AdminRequest) -> HttpResponse:
    """The table, and a form that makes a role."""
    form = RoleFields(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = user_admin.add_role(request.caller, **form.cleaned_data)
        except Invalid as error:
            blame(form, error)
        else:
            messages.info(request, f"The role {made} is there.")
            return redirect("console-roles")
    return _show(request, RolesPage(request.caller, form))


@require_http_methods(["GET", "POST"])
@for_administrators
def role(request: AdminRequest, key: str) -> HttpResponse:
    """The same page, with the form of one role."""
    found = _known(key)
    now = {"name": found.name, "permissions": found.permissions}
    form = RoleFields(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            service.change(request.caller, found, **form.cleaned_data)
        except Invalid as error:
            blame(form, error)
        else:
            messages.info(request, f"The role {found} is changed.")
            return redirect("console-roles")
    return _show(request, RolesPage(request.caller, form, found))


@require_POST
@for_administrators
def remove_role(request: AdminRequest, key: str) -> HttpResponse:
    """Remove a role that nobody has."""
    found = _known(key)
    service.remove(request.caller, found)
    messages.info(request, f"The role {found} is gone.")
    return redirect("console-roles")


def _known(key: str) -> Role:
    found = Role.objects.filter(key=key).first()
    if found is None or service.is_built_in(found):
        raise NotFound("role not found")
    return found


def _show(request: AdminRequest, page: RolesPage) -> HttpResponse:
    status = 422 if page.form.errors else 200
    return render(request, "console/roles.html", {"page": page, "tab": "roles"}, status=status)
