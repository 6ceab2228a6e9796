"""Registered models of everybody: who uses them, how they answer, disabled, changed, tried."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from adaptive_site.console.list_page import ROWS_PER_PAGE, ListPage, after
from adaptive_site.console.model_form import ModelForm
from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from adaptive_site.lib.errors import DomainError, Invalid
from interactions.services.chat.trial import TRIAL_QUESTION, TrialAnswer, ask_once
from interactions.web.project.register_form import PROVIDER_NAMES
from projects.models import Llm, Registration
from projects.services.access import Caller
from projects.services.registered_llms import administration
from projects.services.registered_llms.administration import (
    MODEL_STATES,
    ModelFilter,
    RegisteredModel,
)
from projects.web.form_chips import Condition
from projects.web.people.administration import AdminRequest, for_administrators
from projects.web.refusals import blame

PROVIDERS_SHOWN = tuple((one.value, PROVIDER_NAMES[one]) for one in Llm.Provider if one.value)
PROJECTS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """A model asked once: its answer, or what went wrong in words."""

    registration: Registration
    answer: TrialAnswer | None = None
    fault: str = ""
    question: str = TRIAL_QUESTION


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A registered model as the list shows it."""

    model: RegisteredModel

    @property
    def registration(self) -> Registration:
        """The row."""
        return self.model.registration

    @property
    def provider(self) -> str:
        """Who answers."""
        return PROVIDER_NAMES[Llm.Provider(self.registration.provider)]

    @property
    def is_echo(self) -> bool:
        """Whether it is this server's own, of which nothing can be changed."""
        return self.registration.provider == Llm.Provider.ECHO

    @property
    def rest(self) -> int:
        """How many projects are not named."""
        return max(0, len(self.model.projects) - PROJECTS_NAMED)


class EveryModelPage(ListPage):
    """The page."""

    tab, template, view_name = "models", "console/models.html", "console-models"
    cursor = "after"
    conditions = (
        Condition("name", "Name", placeholder="a name or an address"),
        Condition("provider", "Provider", "choice", PROVIDERS_SHOWN),
        Condition("project", "Project", placeholder="the key of a project"),
        Condition("state", "State", "choice", tuple(MODEL_STATES.items())),
    )
    named = PROJECTS_NAMED

    @cached_property
    def _found(self) -> list[RegisteredModel]:
        said = self.asked.said
        wanted = ModelFilter(
            said["name"].strip(), said["provider"], said["project"].strip(), said["state"]
        )
        return administration.page(
            self.caller, wanted, after=self.asked.cursor, limit=ROWS_PER_PAGE + 1
        )

    @property
    def lines(self) -> list[ModelLine]:
        """Those of this page, by key."""
        return [ModelLine(one) for one in self._found[:ROWS_PER_PAGE]]

    @property
    def more(self) -> str:
        """The link to the next page; "" when there is none."""
        if len(self._found) <= ROWS_PER_PAGE:
            return ""
        return self.asked.with_(after=administration.cursor_of(self._found[ROWS_PER_PAGE - 1]))


@dataclass
class RegisteredModelPage:
    """The page of one registered model; `trial` is a question that was asked just now."""

    caller: Caller
    registration: Registration
    form: ModelForm
    trial: Trial | None = None

    @cached_property
    def line(self) -> ModelLine:
        """What is known of its use."""
        return ModelLine(administration.with_uses(self.caller, [self.registration])[0])


def _show(request: AdminRequest, page: RegisteredModelPage, *, status: int = 200) -> HttpResponse:
    context = {"page": page, "tab": "models"}
    return render(request, "console/model.html", context, status=status)


@require_safe
@never_cache
@for_administrators
def models(request: AdminRequest) -> HttpResponse:
    """The list."""
    return EveryModelPage(request.caller, request.GET).response(request)


@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_administrators
def model(request: AdminRequest, id: UUID) -> HttpResponse:
    """One of them, which this changes too."""
    registration = administration.known(id)
    if request.method != "POST":
        page = RegisteredModelPage(request.caller, registration, ModelForm.of(registration))
        return _show(request, page)
    form = ModelForm(request.POST)
    if form.is_valid():
        try:
            administration.change(request.caller, registration, **form.cleaned_data)
        except Invalid as error:
            blame(form, error)
        else:
            return redirect("console-models")
    return _show(request, RegisteredModelPage(request.caller, registration, form), status=422)


@require_POST
@for_administrators
def disable(request: AdminRequest, id: UUID) -> HttpResponse:
    """Let a model be asked in no project, or with `is_disabled=0` again."""
    registration = administration.known(id)
    is_disabled = request.POST.get("is_disabled") != "0"
    administration.set_disabled(request.caller, registration, is_disabled)
    done = "is asked in no project now" if is_disabled else "can be asked again"
    page = EveryModelPage(request.caller, request.GET)
    return after(request, page, f"{registration.llm.key} {done}.")


@require_POST
@never_cache
@for_administrators
def try_it(request: AdminRequest, id: UUID) -> HttpResponse:
    """Ask a model once, and show what came; for htmx that alone."""
    registration = administration.known(id)
    try:
        with in_the_requests_thread():
            trial = Trial(registration, async_to_sync(ask_once)(request.caller, registration))
    except DomainError as error:
        trial = Trial(registration, fault=str(error))
    if request.headers.get("HX-Request"):
        return render(request, "console/_trial.html", {"trial": trial})
    fresh = administration.known(id)
    page = RegisteredModelPage(request.caller, fresh, ModelForm.of(fresh), trial)
    return _show(request, page)
