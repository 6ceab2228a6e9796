"""The settings of a dataset: what it is called, how it grows, and deleting it."""

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from adaptive_site.lib.errors import Invalid
from interactions.filters.address.form import InteractionFilter
from interactions.models import Dataset
from interactions.services.datasets import create, item_records
from interactions.services.datasets import growth as growing
from interactions.services.datasets.growth import Growth, GrowthDedupe, Schedule
from interactions.services.jobs.datasets import begin_logging
from interactions.web.datasets import lineage_words
from interactions.web.datasets.frame import DatasetFrame, dataset_of
from projects.services.access import EDIT_DATASETS
from projects.web.requests import ProjectRequest, in_project, project_page


class DatasetForm(forms.Form):
    """Name, key and description."""

    name = forms.CharField(max_length=200, error_messages={"required": "expected a name"})
    key = forms.CharField(max_length=200, error_messages={"required": "expected a key"})
    description = forms.CharField(
        max_length=10_000, required=False, widget=forms.Textarea, strip=False
    )


class GrowthForm(forms.Form):
    """How a dataset grows; `query` is the filter, as the list's address has it."""

    query = forms.CharField(max_length=10_000, required=False, strip=False)
    schedule = forms.ChoiceField(
        choices=[(one.value, words) for one, words in lineage_words.SCHEDULES.items()]
    )
    dedupe = forms.ChoiceField(
        choices=[
            (GrowthDedupe.PROMPT.value, "leave out prompts that are here"),
            (GrowthDedupe.ANSWER.value, "leave out prompts that are here with the same answer"),
            (GrowthDedupe.NONE.value, "take them as well"),
        ]
    )
    cap = forms.IntegerField(required=False, error_messages={"invalid": "expected a whole number"})
    gate = forms.BooleanField(required=False)
    existing = forms.BooleanField(required=False)


@dataclass
class SettingsPage(DatasetFrame):
    """The page; `delete_error` says why it was not deleted."""

    view = "dataset-settings"

    form: DatasetForm = field(default_factory=DatasetForm)
    growth_form: GrowthForm = field(default_factory=GrowthForm)
    delete_error: str = ""

    @cached_property
    def can_be_logged(self) -> bool:
        """Whether there are records that came from no interaction, and could be some."""
        if self.dataset.kind == Dataset.Kind.PROMPT or self.dataset.state != Dataset.State.READY:
            return False
        return item_records.included(self.dataset).filter(interaction_id=None).exists()

    @cached_property
    def growth(self) -> Growth | None:
        """How it grows, or grew."""
        return Growth.of(self.dataset)

    @property
    def growth_words(self) -> str:
        """What it takes, in words."""
        return growing.sentence(self.project, self.growth) if self.growth else ""

    @property
    def growth_sentences(self) -> list[str]:
        """How it takes them, in sentences."""
        growth = self.growth
        if growth is None:
            return []
        said = list(lineage_words.growth_sentences(asdict(growth)))
        if growth.cap:
            said.append(f"It stops when it has {growth.cap:,} records.")
        return said

    @property
    def growth_link(self) -> str:
        """The list at its filter."""
        here = reverse("interactions", kwargs={"key": self.project.key})
        return f"{here}?{self.growth.query}" if self.growth else here

    @property
    def growth_initial(self) -> dict[str, Any]:
        """What the form of growth shows before somebody changes it."""
        if self.growth is None:
            return {"schedule": Schedule.DAILY, "dedupe": GrowthDedupe.PROMPT, "gate": True}
        names = ("query", "schedule", "dedupe", "cap", "gate")
        return {name: getattr(self.growth, name) for name in names}

    @property
    def initial(self) -> dict[str, Any]:
        """What the form shows before somebody changes it."""
        found = self.dataset
        return {"name": found.name, "key": found.key, "description": found.description}


@require_http_methods(["GET", "HEAD", "POST"])
@in_project()
def settings(request: ProjectRequest, dataset: str) -> HttpResponse:
    """The page; POST stores name, key and description, or says what is wrong with them."""
    page = _page(request, dataset)
    if request.method != "POST":
        return _shown(request, page)
    request.caller.check_may(EDIT_DATASETS, request.project)
    page.form = DatasetForm(request.POST)
    if page.form.is_valid():
        try:
            create.rename(page.dataset, by=request.caller.user, **page.form.cleaned_data)
        except Invalid as error:
            _blame(page.form, error)
    if page.form.errors:
        page.dataset = dataset_of(request, dataset)
        return _shown(request, page, status=422)
    messages.info(request, "Saved.")
    return HttpResponseRedirect(page.link("dataset-settings"), status=303)


@require_POST
@in_project(EDIT_DATASETS)
def grow(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Have the dataset grow by a filter, change how it does, or with `stop` end that."""
    page = _page(request, dataset)
    if "stop" in request.POST:
        growing.stop(page.dataset, by=request.caller.user)
        messages.info(request, "The dataset takes nothing more by itself.")
        return _after_growth(page)
    page.growth_form = form = GrowthForm(request.POST)
    if form.is_valid():
        try:
            _grow(page, form.cleaned_data)
        except Invalid as error:
            _blame(form, error)
    if form.errors:
        return _shown(request, page, status=422)
    messages.info(request, "The dataset takes new matches by itself.")
    return _after_growth(page)


@require_POST
@in_project(EDIT_DATASETS)
def log(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Have a job log the records as interactions."""
    job = begin_logging(dataset_of(request, dataset), by=request.caller.user)
    return redirect("job", request.project.key, job.uuid)


def _query(said: str) -> QueryDict:
    """The filter of an address of the list, of what stands in it after the `?`, or as typed there.

    What is typed has no parameter of an address in it: `language:fr feedback.helpful:yes`.
    """
    query = QueryDict(said.rpartition("?")[2])
    if not said or "?" in said or any(name in InteractionFilter.base_filters for name in query):
        return query
    return QueryDict(urlencode({"q": said}))


def _grow(page: SettingsPage, said: dict[str, Any]) -> None:
    """Begin with a filter, or if it is the one that is kept, change the rest."""
    by = page.caller.user
    given = {name: said[name] for name in ("schedule", "gate", "cap", "dedupe")}
    query = _query(said["query"].strip())
    if page.growth is not None and query == QueryDict(page.growth.query):
        growing.change(page.dataset, by=by, existing=said["existing"], **given)
    else:
        growing.start(page.dataset, query, by=by, existing=said["existing"], **given)


def _after_growth(page: SettingsPage) -> HttpResponse:
    return HttpResponseRedirect(f"{page.link('dataset-settings')}#growth", status=303)


@require_POST
@in_project(EDIT_DATASETS)
def delete(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Put the dataset in the bin, if its name was typed."""
    page = _page(request, dataset)
    if request.POST.get("typed", "").strip() != page.dataset.name:
        page.delete_error = f"expected the name of the dataset: {page.dataset.name}"
        return _shown(request, page, status=422)
    create.delete(page.dataset, by=request.caller.user)
    messages.info(request, f"Deleted {page.dataset.name}. It can be restored below for 30 days.")
    where = {"key": request.project.key}
    return HttpResponseRedirect(f"{reverse('datasets', kwargs=where)}#deleted", status=303)


def _page(request: ProjectRequest, dataset: str) -> SettingsPage:
    page = SettingsPage(request.caller, request.project, dataset_of(request, dataset))
    page.form = DatasetForm(initial=page.initial)
    page.growth_form = GrowthForm(initial=page.growth_initial)
    return page


def _blame(form: forms.Form, error: Invalid) -> None:
    """Say beside the field what is wrong with it."""
    message = str(error).removeprefix(f"{error.field}: ")
    if error.field in form.fields:
        form.add_error(error.field, message)
    else:
        form.add_error(None, str(error))


def _shown(request: ProjectRequest, page: SettingsPage, *, status: int = 200) -> HttpResponse:
    context = {"page": page}
    return project_page(
        request, "datasets/settings.html", context, tab="datasets", status=status
    )  # fmt: skip
