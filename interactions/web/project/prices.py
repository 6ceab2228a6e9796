"""What the tokens of a model cost in a project, to be said by who manages the project."""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from projects.models import Llm, Project, ProjectLlm, TokenPrices
from projects.models.prices import spelled_price
from projects.services import llms, project_llms
from projects.services.access import MANAGE
from projects.web.requests import ProjectRequest, in_project


def _price() -> forms.DecimalField:
    return forms.DecimalField(min_value=0, max_digits=12, decimal_places=6, required=False)


class PricesForm(forms.Form):
    """US dollars for a million tokens; all empty for a model without prices."""

    prompt_price = _price()
    cached_price = _price()
    completion_price = _price()

    def clean(self) -> None:
        """Refuse half of the prices: a cost without the other half would be too low."""
        for name in ("prompt_price", "completion_price"):
            is_said = any(self.cleaned_data.get(other) is not None for other in self.fields)
            if is_said and name not in self.errors and self.cleaned_data.get(name) is None:
                self.add_error(name, "needed beside the others; 0 if it is free")

    @property
    def prices(self) -> TokenPrices | None:
        """The prices that were typed; None when none was."""
        given = self.cleaned_data
        if given["prompt_price"] is None:
            return None
        return TokenPrices(
            given["prompt_price"], given["completion_price"], cached=given["cached_price"]
        )


@dataclass(frozen=True, slots=True)
class PricesPage:
    """The form with the prices of a model in a project."""

    project: Project
    link: ProjectLlm
    form: PricesForm

    tab = "models"

    @property
    def llm(self) -> Llm:
        """The model."""
        return self.link.llm


@require_http_methods(["GET", "POST"])
@in_project(MANAGE)
def prices(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Say what a million tokens of a model cost, or that it has no prices."""
    link = llms.attachment(request.project, str(id))
    now = {
        name: spelled_price(price)
        for name in PricesForm.base_fields
        if (price := getattr(link, name)) is not None
    }
    form = PricesForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_bound and form.is_valid():
        project_llms.set_prices(request.caller, request.project, link.llm, form.prices)
        said = "has prices now" if form.prices else "has no prices now"
        messages.info(request, f"{link.llm.key} {said}.")
        return redirect("models", request.project.key)
    page = PricesPage(request.project, link, form)
    status = 422 if form.is_bound else 200
    return render(request, "projects/prices.html", {"page": page}, status=status)
