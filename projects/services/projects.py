"""Making and sharing projects."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Forbidden, Invalid, check_fields
from projects.models import Project, ProjectShare, Role, Team, User
from projects.services import audit, llms
from projects.services.access import DELETE, MANAGE, Caller

RETENTION_SET = "project.retention_set"


@transaction.atomic
def create(*, key: str, name: str, description: str = "") -> Project:
    """Make a project, with the echo to try it. Invalid when the key is taken or is not a slug."""
    project = Project(key=key, name=name or key, description=description)
    check_fields(project)
    project.save()
    if settings.DEMO_MODEL:
        llms.attach_echo(project)
    return project


@transaction.atomic
def share(project: Project, *, team: Team, role: Role, is_owner: bool = False) -> ProjectShare:
    """Let the members of `team` use `project`, with `role` as the most they may do."""
    made, _ = ProjectShare.objects.update_or_create(
        project=project, team=team, defaults={"role": role, "is_owner": is_owner}
    )
    return made


@transaction.atomic
def set_retention(project: Project, *, keep_days: int | None, by: User) -> Project:
    """Keep interactions of `project` for so many days, or with None for ever.

    To keep for less than before deletes, so `by` needs what deleting one by one needs. Raises
    Forbidden without it, Invalid when it is not a number of days.
    """
    locked = Project.objects.select_for_update().values_list("keep_days", flat=True)
    before = locked.get(id=project.id)
    if keep_days == before:
        return project
    if is_shorter(keep_days, before) and not Caller(by).may(DELETE, project):
        raise Forbidden(
            f"to keep interactions for less long deletes them: you need the permission {DELETE}"
            " in this project"
        )
    project.keep_days = keep_days
    check_fields(project)
    project.save(update_fields=["keep_days"])
    audit.record(
        project, actor=by, verb=RETENTION_SET, subject=project.key, days=keep_days, before=before
    )
    return project


@transaction.atomic
def rename(caller: Caller, project: Project, *, name: str, description: str) -> None:
    """Give a project another name; its key stays, since programs know it by that."""
    caller.check_may(MANAGE, project)
    before = project.name
    project.name, project.description = without_nul(name).strip(), without_nul(description).strip()
    check_fields(project)
    project.save(update_fields=["name", "description"])
    audit.record(
        project,
        actor=caller.user,
        verb="project.renamed",
        subject=project.key,
        name=project.name,
        before=before,
    )


@transaction.atomic
def archive(caller: Caller, project: Project, is_archived: bool) -> None:
    """Let nothing be added to a project or changed in it, or again; what is there is read."""
    caller.check_may(MANAGE, project)
    project.archived_at = timezone.now() if is_archived else None
    project.save(update_fields=["archived_at"])
    verb = "project.archived" if is_archived else "project.restored"
    audit.record(project, actor=caller.user, verb=verb, subject=project.key)


@transaction.atomic
def delete(caller: Caller, project: Project, *, typed: str) -> None:
    """Take a project away from everybody at once, for good; a worker removes all that is of it.

    Its key is free again. `typed` has to be its name. Raises Forbidden, Invalid.
    """
    for permission in (MANAGE, DELETE):
        caller.check_may(permission, project)
    if typed.strip() != project.name.strip():
        raise Invalid(f"expected the project's name, {project.name}", field="name")
    key, project.key = project.key, f"deleted-{project.uuid.hex}"
    project.deleted_at = timezone.now()
    project.save(update_fields=["key", "deleted_at"])
    ProjectShare.objects.in_project(project).delete()
    audit.record(None, actor=caller.user, verb="project.deleted", subject=key, id=str(project.uuid))


def is_shorter(keep_days: int | None, before: int | None) -> bool:
    """Whether to keep for so many days, None being for ever, is less than `before`."""
    return keep_days is not None and (before is None or keep_days < before)
