"""The models of a project: which there are, and for owners, which there shall be."""

from dataclasses import dataclass
from functools import cached_property
from math import inf

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http import outgoing
from interactions.services.rollups import counts
from interactions.web.project.register_form import PROVIDER_NAMES, RegisterForm
from projects.models import Llm, Project, ProjectLlm, Registration, Team
from projects.services import llms, people, project_llms
from projects.services.access import MANAGE, Caller
from projects.web.refusals import blame
from projects.web.requests import ProjectRequest, in_project

MOST_INTERACTIONS_COUNTED = 50_000  # interactions that are counted
MOST_SHOWN = 40  # models above the fold of the list; from there on they are found by name


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model of the project, who answers for it, whose it is, and how often it did lately."""

    link: ProjectLlm
    provider: str
    whose: str
    n: int

    @property
    def llm(self) -> Llm:
        """The model."""
        return self.link.resolved


@dataclass(frozen=True, slots=True)
class Lent:
    """A registered model, and with whom it is shared, in words for the caller."""

    registration: Registration
    whose: str


def whose(caller: Caller, registration: Registration | None) -> str:
    """Whose a registered model is; with which teams it is shared is for those who share it.

    >>> whose(caller, registration)
    'yours, shared with Maple team'
    """
    if registration is None:
        return ""
    owner = registration.owner
    is_own = owner == caller.user
    owned = "yours" if is_own else f"{owner}’s" if owner else "the operator’s"
    if registration.is_for_all:
        return f"{owned}, shared with everybody"
    if is_own or caller.is_administrator:
        teams = sorted(team.name for team in registration.teams.all())
        return f"{owned}, {'shared with ' + ', '.join(teams) if teams else 'not shared'}"
    return owned


@dataclass
class ModelsPage:
    """The models whose name holds `wanted`; `form` is an attempt that was refused, if any."""

    caller: Caller
    project: Project
    form: RegisterForm
    wanted: str = ""

    tab = "models"
    name_help = "Programs ask for it by this name, in lower case with dashes for spaces."
    newest = MOST_INTERACTIONS_COUNTED

    @cached_property
    def lines(self) -> list[ModelRow]:
        """The attached models: the default, others that can be asked, only logged ones by use."""
        uses = dict(counts.llm_uses(self.project, newest=MOST_INTERACTIONS_COUNTED))
        rows = [
            ModelRow(
                link,
                PROVIDER_NAMES[Llm.Provider(link.resolved.provider)],
                whose(self.caller, link.registration),
                uses.get(link.llm.key, 0),
            )
            for link in ProjectLlm.objects.in_project(self.project).listed()
        ]
        # Of hundreds that only came with interactions, those in use stand on top.
        rows.sort(key=lambda row: -row.n if row.link.registration_id is None else -inf)
        return rows

    @cached_property
    def found(self) -> list[ModelRow]:
        """Those that are looked for."""
        wanted = self.wanted.strip().casefold()
        names = ((line, f"{line.llm.key} {line.llm.shown_name}".casefold()) for line in self.lines)
        return [line for line, name in names if wanted in name]

    @property
    def first(self) -> list[ModelRow]:
        """The first of them, which are always in sight."""
        return self.found[:MOST_SHOWN]

    @property
    def rest(self) -> list[ModelRow]:
        """The others."""
        return self.found[MOST_SHOWN:]

    @property
    def is_many(self) -> bool:
        """Whether a model is better found by its name."""
        return len(self.lines) > MOST_SHOWN

    @property
    def _here(self) -> list[int]:
        """The registrations of those that are attached."""
        links = (line.link for line in self.lines)
        return [link.registration.id for link in links if link.registration]

    @cached_property
    def attachable(self) -> list[Lent]:
        """Registered models that the caller may add here."""
        found = Registration.objects.attachable_by(self.caller).exclude(id__in=self._here)
        return [Lent(one, whose(self.caller, one)) for one in found.prefetch_related("teams")]

    @cached_property
    def own(self) -> list[Lent]:
        """Registered models that the caller may share; of an administrator's those here."""
        found = Registration.objects.attachable_by(self.caller)
        if self.caller.is_administrator:
            found = found.filter(id__in=self._here)
        else:
            found = found.filter(owner=self.caller.user)
        found = found.exclude(provider=Llm.Provider.ECHO).prefetch_related("teams")
        return [Lent(one, whose(self.caller, one)) for one in found]

    @cached_property
    def teams(self) -> list[Team]:
        """Whom the caller may share with."""
        return list(Team.objects.where_may(self.caller, *project_llms.MAY_SHARE))

    @property
    def may_share_with_all(self) -> bool:
        """Whether the caller may let everybody have a model."""
        return self.caller.is_administrator

    @property
    def key_help(self) -> str:
        """The help at the field of the key, which is never filled in again."""
        again = "Type it again; empty" if self.form.is_bound else "Empty"
        return f"{again} for a server that needs none."

    @property
    def address_example(self) -> str:
        """An address that the caller may register."""
        is_free = not outgoing.fault("127.0.0.1", 11434, is_privileged=self.may_share_with_all)
        return "http://127.0.0.1:11434/v1" if is_free else "https://models.example.com/v1"

    @property
    def address_help(self) -> str:
        """What may stand in the field of the address."""
        if "127" in self.address_example:
            return "Empty for the provider's own."
        return "Empty for the provider's own. Private networks are for administrators."

    @property
    def may_manage(self) -> bool:
        """Whether the caller may change any of it."""
        return self.caller.may(MANAGE, self.project)


def _page(
    request: ProjectRequest, form: RegisterForm, *, wanted: str = "", status: int = 200
) -> HttpResponse:
    page = ModelsPage(request.caller, request.project, form, wanted)
    return render(request, "projects/models.html", {"page": page}, status=status)


def _back(request: ProjectRequest, text: str) -> HttpResponse:
    messages.info(request, text)
    return redirect("models", request.project.key)


@require_GET
@in_project()
def models(request: ProjectRequest) -> HttpResponse:
    """The page; `find` narrows its list."""
    return _page(request, RegisterForm(), wanted=request.GET.get("find", ""))


@sensitive_post_parameters("api_key")
@require_POST
@in_project(MANAGE)
def register(request: ProjectRequest) -> HttpResponse:
    """Register a model at a provider and attach it."""
    form = RegisterForm(request.POST)
    if form.is_valid():
        try:
            llm = project_llms.register(request.caller, request.project, **form.cleaned_data)
        except Invalid as error:
            blame(form, error)
        else:
            return _back(request, f"{llm.key} can be asked now.")
    return _page(request, form, status=422)


@require_POST
@in_project(MANAGE)
def attach(request: ProjectRequest) -> HttpResponse:
    """Add a model that is there already."""
    link = project_llms.attach(request.caller, request.project, request.POST.get("model", ""))
    return _back(request, f"{link.llm.key} can be asked here now.")


@require_POST
@in_project()
def share(request: ProjectRequest, id: str) -> HttpResponse:
    """Say which teams may attach a registered model of the caller's."""
    registration = project_llms.attachable_named(request.caller, str(id))
    teams = [people.team_named(team) for team in request.POST.getlist("team")]
    is_for_all = "everybody" in request.POST if request.caller.is_administrator else None
    project_llms.share(request.caller, registration, teams=teams, is_for_all=is_for_all)
    return _back(request, f"{registration.llm.key} is {_shared(registration)}.")


def _shared(registration: Registration) -> str:
    if registration.is_for_all:
        return "shared with everybody"
    names = ", ".join(registration.teams.order_by("name").values_list("name", flat=True))
    return f"shared with {names}" if names else "shared with nobody"


@require_POST
@in_project(MANAGE)
def set_online(request: ProjectRequest, id: str) -> HttpResponse:
    """Let a model be asked here, or with `is_online=0` not."""
    llm = llms.attached(request.project, str(id))
    is_online = request.POST.get("is_online") != "0"
    project_llms.set_online(request.caller, request.project, llm, is_online=is_online)
    change = "can be asked again" if is_online else "is offline here and is not asked"
    return _back(request, f"{llm.key} {change}.")


@require_POST
@in_project(MANAGE)
def detach(request: ProjectRequest, id: str) -> HttpResponse:
    """Take a model out of the project."""
    link = llms.attachment(request.project, str(id))
    project_llms.detach(request.caller, request.project, link.llm)
    stays = "what it answered stays"
    if link.prices:
        stays += ", without a cost until the model is attached and has prices again"
    return _back(request, f"{link.llm.key} is detached from this project; {stays}.")


@require_POST
@in_project(MANAGE)
def set_default(request: ProjectRequest, id: str) -> HttpResponse:
    """Make a model the default, or with `is_default=0` no longer so."""
    llm = llms.attached(request.project, str(id))
    is_default = request.POST.get("is_default") != "0"
    project_llms.set_default(request.caller, request.project, llm, is_default=is_default)
    change = "answers when no model is named" if is_default else "is no longer the default"
    return _back(request, f"{llm.key} {change}.")
