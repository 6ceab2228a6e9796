"""The models of a project as people see and change them; changes go into the audit log."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from adaptive_site.lib.errors import NotFound
from projects.models import Llm, Project, ProjectLlm
from projects.models.llm import LlmQuerySet
from projects.services import audit, llms
from projects.services.access import Caller


def askable(projects: Iterable[Project]) -> QuerySet[ProjectLlm]:
    """The models with a provider in these projects, by project and key."""
    return (
        ProjectLlm.objects.filter(project__in=list(projects))
        .exclude(llm__provider=Llm.Provider.NONE)
        .select_related("project", "llm")
        .order_by("project__name", "project_id", "llm__key")
    )


def in_project(project: Project) -> QuerySet[ProjectLlm]:
    """The models attached to `project`, the default first, then those that may be asked."""
    return (
        ProjectLlm.objects.filter(project=project)
        .select_related("llm")
        .order_by("-is_default", "-llm__provider", "llm__key")
    )


def attachable(caller: Caller, project: Project) -> LlmQuerySet:
    """The models with a provider that `caller` may add to `project`, by key.

    Administrators may add every one; others those of the projects they read, and those that
    are in no project. A key for a provider is never lent to people who cannot see its project.
    """
    able = Llm.objects.exclude(provider=Llm.Provider.NONE).exclude(attachments__project=project)
    if not caller.user.is_superuser:
        seen = ProjectLlm.objects.filter(project__in=list(caller.projects())).values("llm")
        able = able.filter(Q(id__in=seen) | Q(attachments=None))
    return able.order_by("key")


@transaction.atomic
def register(
    caller: Caller,
    project: Project,
    *,
    name: str,
    provider: str,
    external_id: str,
    api_key: str,
    base_url: str = "",
    extra_params: Mapping[str, Any] | None = None,
    is_default: bool = False,
) -> Llm:
    """Register a model that a provider answers for, and attach it. Raises Invalid."""
    llm = llms.register_external(
        name=name,
        provider=provider,
        external_id=external_id,
        api_key=api_key,
        base_url=base_url,
        extra_params=extra_params,
    )
    llms.attach(project, llm)
    if is_default:
        llms.set_default(project, llm)
    _note(caller, project, "model.registered", llm, provider=provider, base_url=llm.base_url)
    return llm


@transaction.atomic
def attach(caller: Caller, project: Project, llm_id: str) -> Llm:
    """Attach one of the `attachable`. Raises NotFound for any other."""
    llm = attachable(caller, project).known_as(llm_id).first()
    if llm is None:
        raise NotFound("EntityNotFound: model not found")
    llms.attach(project, llm)
    _note(caller, project, "model.attached", llm)
    return llm


@transaction.atomic
def detach(caller: Caller, project: Project, llm: Llm) -> None:
    """Take a model out of the project; what it has said there stays."""
    llms.detach(project, llm)
    _note(caller, project, "model.detached", llm)


@transaction.atomic
def set_default(caller: Caller, project: Project, llm: Llm, *, is_default: bool) -> None:
    """Make a model the one that answers when none is named, or no longer so."""
    llms.set_default(project, llm, is_default=is_default)
    _note(caller, project, "model.default", llm, is_default=is_default)


def _note(caller: Caller, project: Project, verb: str, llm: Llm, **details: Any) -> None:
    audit.record(project, actor=caller.user, verb=verb, subject=llm.key, **details)
