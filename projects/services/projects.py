"""Making and sharing projects."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from adaptive_site.lib.errors import Invalid
from projects.models import Project, ProjectShare, Role, Team, User
from projects.services import audit, llms

RETENTION_SET = "project.retention_set"


@transaction.atomic
def create(*, key: str, name: str, description: str = "") -> Project:
    """Make a project, with the echo to try it. Invalid when the key is taken or is not a slug."""
    project = Project(key=key, name=name or key, description=description)
    try:
        project.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field) from error
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

    Raises Invalid when it is not a number of days.
    """
    before = Project.objects.values_list("keep_days", flat=True).get(id=project.id)
    if keep_days == before:
        return project
    project.keep_days = keep_days
    try:
        project.full_clean()
    except ValidationError as error:
        raise Invalid(error.messages[0], field="keep_days") from error
    project.save(update_fields=["keep_days"])
    audit.record(
        project, actor=by, verb=RETENTION_SET, subject=project.key, days=keep_days, before=before
    )
    return project
