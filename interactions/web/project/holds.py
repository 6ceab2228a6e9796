"""Placing and lifting legal holds."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.filters.notation import parse_label
from interactions.services.holds import rules
from projects.services.access import MANAGE
from projects.web.requests import ProjectRequest, in_project


class HoldForm(forms.Form):
    """A label as in the query bar, `hold:case-17` or a key alone, and why."""

    label = forms.CharField(max_length=700)
    note = forms.CharField(max_length=rules.LONGEST_NOTE, required=False)

    def clean_label(self) -> tuple[str, str | None]:
        """Key and value."""
        try:
            return parse_label(self.cleaned_data["label"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@require_POST
@in_project(MANAGE)
def place(request: ProjectRequest) -> HttpResponse:
    """Hold what carries a label."""
    form = HoldForm(request.POST)
    if form.is_valid():
        key, value = form.cleaned_data["label"]
        note, by = form.cleaned_data["note"], request.caller.user
        try:
            made = rules.place(request.project, key=key, value=value, note=note, by=by)
        except Invalid as error:
            form.add_error("label" if error.field != "note" else "note", error.said)
        else:
            name = rules.name_of(made.label)
            messages.info(request, f"Held: nothing deletes interactions with {name}.")
    for field, errors in form.errors.items():
        messages.error(request, f"{field.capitalize()}: {errors[0]}")
    return redirect("retention", request.project.key)


@require_POST
@in_project(MANAGE)
def lift(request: ProjectRequest, id: int) -> HttpResponse:
    """Hold no longer what carries its label."""
    try:
        name = rules.lift(request.project, id, by=request.caller.user)
    except NotFound as error:
        messages.error(request, error.said)
    else:
        messages.info(request, f"Lifted: {name} holds nothing any more.")
    return redirect("retention", request.project.key)
