"""Erasing for good: what is meant, how much of it is where, and the confirmation."""

from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from adaptive_site.lib.errors import Invalid
from interactions.models import ErasureRecord
from interactions.services.erasure.sought_words import SoughtWords
from interactions.services.erasure.survey import ErasureSurvey
from interactions.services.jobs import erasures, erasures_again
from interactions.services.jobs.erasures import MOST_IDS
from projects.models import Project
from projects.services.access import DELETE, Caller
from projects.web.requests import ProjectRequest, in_project

ERASE, MASK = "erase", "mask"
LONGEST_QUERY, LONGEST_IDS, LONGEST_WORDS = 4_000, 500_000, 12_000


class ErasureForm(forms.Form):
    """A filter as in the query bar, ids, or both; and words, a line each."""

    query = forms.CharField(required=False, max_length=LONGEST_QUERY)
    ids = forms.CharField(required=False, max_length=LONGEST_IDS)
    words = forms.CharField(required=False, max_length=LONGEST_WORDS)
    what = forms.ChoiceField(choices=[(ERASE, "Erase"), (MASK, "Mask")], required=False)
    confirm = forms.CharField(required=False, max_length=200)

    def clean_ids(self) -> list[UUID]:
        """All that are in the text."""
        given = self.cleaned_data["ids"]
        found = [UUID(id) for id in given.replace(",", " ").split() if _is_uuid(id)]
        if len(found) < len(given.replace(",", " ").split()):
            raise forms.ValidationError("expected ids, each on a line of its own")
        if len(found) > MOST_IDS:
            raise forms.ValidationError(f"expected at most {MOST_IDS:,} ids")
        return found

    def clean_words(self) -> SoughtWords:
        """A line each."""
        try:
            return SoughtWords.of(self.cleaned_data["words"])
        except Invalid as error:
            raise forms.ValidationError(str(error).removeprefix("words: ")) from error

    def clean_what(self) -> str:
        """Erasing, where nothing is said."""
        return self.cleaned_data["what"] or ERASE

    @property
    def is_mask(self) -> bool:
        """Whether words are masked, and nothing is erased."""
        return bool(self["what"].value() == MASK)

    @property
    def filter(self) -> QueryDict | None:
        """The filter, where there is one."""
        given = self.cleaned_data["query"].strip()
        if not given:
            return None
        asked = QueryDict(mutable=True)
        asked["q"] = given
        return asked


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@dataclass
class ErasurePage:
    """The page; `found` is what a dry run has counted."""

    caller: Caller
    project: Project
    form: ErasureForm
    found: ErasureSurvey | None = None

    tab = "erasure"

    @cached_property
    def due(self) -> list[ErasureRecord]:
        """Erasures whose words have to be said again, since a backup was restored."""
        return erasures_again.due(self.project)


@require_http_methods(["GET", "POST"])
@in_project(DELETE)
def erasure(request: ProjectRequest) -> HttpResponse:
    """Ask what; look where it is; or, with the project's key typed, begin."""
    form = ErasureForm(request.POST or None)
    page = ErasurePage(request.caller, request.project, form)
    if request.method == "GET" or not form.is_valid():
        return _page(request, page, status=422 if form.is_bound else 200)
    try:
        return _answer(request, page)
    except Invalid as error:
        name = error.field if error.field in form.fields else "query"
        form.add_error(name, str(error).removeprefix(f"{error.field}: "))
        return _page(request, page, status=422)


def _answer(request: ProjectRequest, page: ErasurePage) -> HttpResponse:
    """Begin, where the key of the project was typed; else what a dry run counts."""
    form, project = page.form, request.project
    given = form.cleaned_data
    words = replace(given["words"], is_masked=given["what"] == MASK)
    asked = {"query": form.filter, "ids": given["ids"], "words": words}
    is_asked, key = request.POST.get("do") == "erase", project.key
    if is_asked and given["confirm"].strip() == key:
        job = erasures.begin(project, caller=request.caller, **asked)
        return redirect("job", key, job.uuid)
    page.found = erasures.survey(project, caller=request.caller, **asked)
    if is_asked:
        form.add_error("confirm", f"expected {key}")
    return _page(request, page, status=422 if is_asked else 200)


def _page(request: ProjectRequest, page: ErasurePage, status: int = 200) -> HttpResponse:
    return render(request, "projects/erasure.html", {"page": page}, status=status)
