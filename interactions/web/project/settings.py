"""The settings of a project: how long it keeps its interactions."""

from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from interactions.services.retention import expiry
from projects.models import Project
from projects.models.project import LONGEST_KEPT
from projects.services import projects as service
from projects.services.access import DELETE, MANAGE, Caller
from projects.web.requests import ProjectRequest, in_project

COUNT_TO = 100_001  # some 15 ms


class SettingsForm(forms.Form):
    """Empty keeps for ever."""

    keep_days = forms.IntegerField(min_value=1, max_value=LONGEST_KEPT, required=False)


@dataclass
class Settings:
    """The page."""

    caller: Caller
    project: Project
    form: SettingsForm

    tab = "settings"

    @property
    def may_manage(self) -> bool:
        """Whether the caller may change any of it."""
        return self.caller.may(MANAGE, self.project)

    @property
    def may_shorten(self) -> bool:
        """Whether the caller may have more of it deleted."""
        return self.caller.may(DELETE, self.project)

    @cached_property
    def expired(self) -> expiry.Expired | None:
        """The interactions that are older than the project keeps, and not deleted yet."""
        return expiry.survey(self.project, at_most=COUNT_TO)


@require_http_methods(["GET", "POST"])
@in_project()
def settings(request: ProjectRequest) -> HttpResponse:
    """Show the settings, or change them."""
    project = request.project
    form = SettingsForm(request.POST or None, initial={"keep_days": project.keep_days})
    page = Settings(request.caller, project, form)
    if request.method == "POST":
        request.caller.check_may(MANAGE, project)
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["keep_days"]
        service.set_retention(project, keep_days=days, by=request.caller.user)
        messages.info(request, _change_in_words(page))
        return redirect("settings", project.key)
    status = 422 if form.errors else 200
    return render(request, "projects/settings.html", {"page": page}, status=status)


def _change_in_words(page: Settings) -> str:
    found = page.expired
    if found is None:
        return "Interactions are kept for ever."
    if not found.interactions:
        return f"Interactions are kept for {page.project.keep_days} days."
    n = f"{min(found.interactions, COUNT_TO - 1):,}{'' if found.is_exact else '+'}"
    return (
        f"From an hour from now on, what is older than {page.project.keep_days} days is deleted for"
        f" good: {n} now. Until then you can still change it."
    )
