"""Models (LLMs) and their attachment to projects."""

from collections.abc import Iterable

from django.db import transaction

from adaptive_site.lib.errors import NotFound
from adaptive_site.lib.nul import without_nul
from projects.models import Llm, Project, ProjectLlm


def attached(project: Project, id_or_key: str, *, field: str = "") -> Llm:
    """The model with this id or key, attached to `project`; NotFound otherwise."""
    llm = Llm.objects.in_project(project).known_as(without_nul(id_or_key)).first()
    if llm is None:
        raise NotFound("EntityNotFound: model not found or not attached", field=field)
    return llm


@transaction.atomic
def attach_all(project: Project, keys: Iterable[str]) -> dict[str, Llm]:
    """The models with these keys, by key; those not known are made, all are attached."""
    wanted = sorted(set(keys))
    Llm.objects.bulk_create(
        [Llm(key=key, name=key) for key in wanted],
        ignore_conflicts=True,
        batch_size=1000,
    )
    llms = {llm.key: llm for llm in Llm.objects.filter(key__in=wanted)}
    ProjectLlm.objects.bulk_create(
        [ProjectLlm(project=project, llm=llms[key]) for key in wanted],
        ignore_conflicts=True,
        batch_size=1000,
    )
    return llms
