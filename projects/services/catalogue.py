"""The models of the server, as far as a caller may see and use them."""

from typing import Any

from django.db import transaction
from django.db.models import Q

from adaptive_site.lib.errors import Forbidden, NotFound
from adaptive_site.lib.nul import without_nul
from projects.models import Llm, Project, ProjectLlm
from projects.models.llm import LlmQuerySet
from projects.services import audit, llms, registry
from projects.services.access import MANAGE, Caller
from projects.services.llms import NOT_ATTACHED


def visible(caller: Caller) -> LlmQuerySet:
    """Those in the projects the caller reads, and those with a provider that are in none.

    Administrators see all. A model of another's project, and so its provider's key, stays
    theirs.
    """
    found = Llm.objects.order_by("key")
    if caller.user.is_superuser:
        return found
    mine = ProjectLlm.objects.filter(project__in=list(caller.projects())).values("llm")
    free = Q(attachments=None) & ~Q(provider=Llm.Provider.NONE)
    return found.filter(Q(id__in=mine) | Q(provider=Llm.Provider.ECHO) | free)


def known(caller: Caller, id_or_key: str) -> Llm:
    """The visible one with this id or key; NotFound in the words the SDK maps."""
    found = visible(caller).known_as(without_nul(id_or_key)).first()
    if found is None:
        raise NotFound(NOT_ATTACHED)
    return found


def service(project: Project, id_or_key: str) -> ProjectLlm:
    """A model in `project`: by the id of the two together, or the model's id or key."""
    llm = llms.attached(project, id_or_key)
    return ProjectLlm.objects.select_related("llm").get(project=project, llm=llm)


@transaction.atomic
def register(caller: Caller, **known_of: Any) -> Llm:
    """Register a model that a provider answers for (`llms.register_external` has the members).

    Raises Forbidden for who manages no project at all.
    """
    manages = any(MANAGE in granted for granted in caller.permissions.values())
    if not manages and not caller.user.is_superuser:
        raise Forbidden(f"you need the permission {MANAGE} in some project")
    made = llms.register_external(**known_of)
    _note(caller, None, "model.registered", made, base_url=made.base_url)
    return made


@transaction.atomic
def attach(caller: Caller, project: Project, id_or_key: str) -> ProjectLlm:
    """Let a visible model be used in `project`; twice is once."""
    there = Llm.objects.in_project(project).known_as(without_nul(id_or_key)).first()
    if there is None:
        there = known(caller, id_or_key)
        llms.attach(project, there)
        _note(caller, project, "model.attached", there)
    return ProjectLlm.objects.select_related("llm").get(project=project, llm=there)


@transaction.atomic
def change(
    caller: Caller,
    project: Project,
    link: ProjectLlm,
    *,
    is_default: bool | None = None,
    desired_online: bool | None = None,
) -> ProjectLlm:
    """Make a model its project's default, or no longer so; None leaves a thing as it is."""
    if is_default is not None and is_default != link.is_default:
        registry.set_default(caller, project, link.llm, is_default=is_default)
    if desired_online is not None:
        ProjectLlm.objects.filter(id=link.id).update(desired_online=desired_online)
    return ProjectLlm.objects.select_related("llm").get(id=link.id)


def _note(caller: Caller, project: Project | None, verb: str, llm: Llm, **details: Any) -> None:
    audit.record(project, actor=caller.user, verb=verb, subject=llm.key, **details)
