"""Making and sharing projects."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from adaptive_site.lib.errors import Invalid
from projects.models import Project, ProjectShare, Role, Team
from projects.services import llms


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
