"""Metrics of a project."""

from typing import Any

from django.db import transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid, NotFound, check_fields
from projects.models import Metric, Project, User
from projects.services import audit
from projects.services.access import MANAGE, Caller


def known(project: Project, id_or_key: str, *, field: str = "metric") -> Metric:
    """The metric with this id or key in `project`; NotFound in the words the SDK maps."""
    mine, name = Metric.objects.in_project(project).linked(), without_nul(id_or_key)
    metric = mine.known_as(name).first()
    if metric is None:
        # Clients before 0.13 may name a metric by the id it has where it was linked first.
        metric = mine.filter(key__in=Metric.objects.known_as(name).values("key")).first()
    if metric is None:
        raise NotFound("EntityNotFound: metric not found", field=field)
    return metric


def yes_no(project: Project) -> frozenset[str]:
    """The keys of the metrics, linked or not, whose values are yes and no."""
    found = Metric.objects.in_project(project).filter(kind=Metric.Kind.BOOL)
    return frozenset(found.values_list("key", flat=True))


def ensure(
    project: Project,
    key: str,
    *,
    kind: str,
    scoring_type: str = Metric.Scoring.HIGHER_IS_BETTER,
    name: str = "",
    description: str = "",
) -> Metric:
    """The metric with this key, made when it is not there yet."""
    metric, _ = Metric.objects.get_or_create(
        project=project,
        key=key,
        defaults={
            "name": name or key,
            "kind": kind,
            "scoring_type": scoring_type,
            "description": description,
        },
    )
    return metric


@transaction.atomic
def create(
    project: Project | None,
    *,
    key: str,
    kind: str,
    scoring_type: str = Metric.Scoring.HIGHER_IS_BETTER,
    name: str = "",
    description: str = "",
    threshold: float | None = None,
    by: User,
) -> Metric:
    """Make a metric; without a project a definition, to be linked to projects later.

    Raises Invalid naming the member at fault, also when the key is taken.
    """
    key = without_nul(key).strip()
    metric = Metric(
        project=project,
        key=key,
        name=without_nul(name).strip() or key,
        kind=kind,
        scoring_type=scoring_type,
        threshold=threshold,
        description=without_nul(description),
    )
    check_fields(metric, validate_unique=False, validate_constraints=False)
    if Metric.objects.filter(project=project, key=key).exists():
        raise Invalid(f"a metric named {key} exists", field="key")
    metric.save()
    if project is not None:
        audit.record(project, actor=by, verb="metric.created", subject=key, kind=kind)
    return metric


@transaction.atomic
def edit(
    metric: Metric,
    *,
    name: str,
    scoring_type: str,
    description: str,
    threshold: float | None = None,
    by: User,
) -> Metric:
    """Change what a metric is called and which values are good; its key and kind stay.

    What is good is computed from the values wherever it is counted, so it holds at once.
    Raises Invalid naming the member at fault.
    """
    metric.name = without_nul(name).strip() or metric.key
    metric.scoring_type = scoring_type
    metric.threshold = threshold
    metric.description = without_nul(description)
    check_fields(metric, validate_unique=False, validate_constraints=False)
    metric.save(update_fields=["name", "scoring_type", "threshold", "description"])
    if metric.project is not None:
        audit.record(
            metric.project,
            actor=by,
            verb="metric.edited",
            subject=metric.key,
            name=metric.name,
            scoring_type=scoring_type,
            threshold=threshold,
        )
    return metric


@transaction.atomic
def link(project: Project, id_or_key: str, *, caller: Caller) -> Metric:
    """Let feedback be given in `project` under its metric.

    Of clients before 0.13, which define a metric for no project: the definition becomes this
    project's; what another project that `caller` reads has taken already is copied. Raises
    NotFound when there is none.
    """
    metric = _own(project, id_or_key)
    if metric is None:
        name = without_nul(id_or_key)
        definitions = Metric.objects.filter(project=None).select_for_update()
        definition = definitions.known_as(name).first()
        if definition is not None:
            definition.project, definition.is_linked = project, False
            definition.save(update_fields=["project", "is_linked"])
            return _set_linked(project, definition, is_linked=True, by=caller.user)
        others = Metric.objects.visible_to(caller).order_by("project__key")
        definition = others.known_as(name).first()
        if definition is None:
            raise NotFound("EntityNotFound: metric not found", field="metric")
        metric, _ = Metric.objects.get_or_create(
            project=project,
            key=definition.key,
            defaults={
                "name": definition.name,
                "kind": definition.kind,
                "scoring_type": definition.scoring_type,
                "threshold": definition.threshold,
                "description": definition.description,
                "is_linked": False,
            },
        )
    return _set_linked(project, metric, is_linked=True, by=caller.user)


@transaction.atomic
def unlink(project: Project, id_or_key: str, *, by: User) -> Metric:
    """Let no more feedback be given under a metric; what was given stays. Raises NotFound."""
    metric = _own(project, id_or_key)
    if metric is None:
        raise NotFound("EntityNotFound: metric not found", field="metric")
    return _set_linked(project, metric, is_linked=False, by=by)


@transaction.atomic
def set_primary(project: Project, metric: Metric | None, *, by: User) -> Project:
    """Put the values of a metric of `project` on the number keys; None: of the most used one.

    Raises NotFound for a metric under which `project` takes no feedback.
    """
    before = project.primary_metric
    if metric == before:
        return project
    if metric is not None:
        known(project, metric.key)
    project.primary_metric = metric
    project.save(update_fields=["primary_metric"])
    audit.record(
        project,
        actor=by,
        verb="project.primary_metric_set",
        subject=project.key,
        metric=metric.key if metric else "",
        before=before.key if before else "",
    )
    return project


def _own(project: Project, id_or_key: str) -> Metric | None:
    """The metric of `project`, linked or not."""
    return Metric.objects.in_project(project).known_as(without_nul(id_or_key)).first()


def _set_linked(project: Project, metric: Metric, *, is_linked: bool, by: User) -> Metric:
    if metric.is_linked != is_linked:
        metric.is_linked = is_linked
        metric.save(update_fields=["is_linked"])
        verb = "metric.linked" if is_linked else "metric.unlinked"
        audit.record(project, actor=by, verb=verb, subject=metric.key)
    return metric


def visible(caller: Caller) -> list[Metric]:
    """The metrics of the projects the caller reads, and the definitions none of them has linked."""
    linked = Metric.objects.visible_to(caller).linked()
    mine = list(linked.order_by("project__key", "key"))
    definitions = Metric.objects.filter(project=None).order_by("key")
    return [*mine, *definitions.exclude(key__in={metric.key for metric in mine})]


def visible_named(caller: Caller, id_or_key: str) -> Metric | None:
    """The one a caller means who names no project; of several, the first project's."""
    name = without_nul(id_or_key)
    linked = Metric.objects.visible_to(caller).linked().order_by("project__key")
    definitions = Metric.objects.filter(project=None)
    return linked.known_as(name).first() or definitions.known_as(name).first()


def define(caller: Caller, **known_of: Any) -> Metric:
    """Make a definition without a project; who manages no project at all may not.

    Raises Invalid also when a project that the caller manages has taken the key.
    """
    caller.check_may_somewhere(MANAGE)
    key = without_nul(known_of["key"]).strip()
    visible = Project.objects.visible_to(caller)
    managed = [project for project in visible if caller.may(MANAGE, project)]
    if Metric.objects.in_projects(managed).filter(key=key).exists():
        raise Invalid(f"a metric named {key} exists", field="key")
    return create(None, by=caller.user, **known_of)
