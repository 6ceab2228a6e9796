"""People, teams, roles, projects, keys, models and metrics that are called by the payloads."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from projects.models import (
    ApiKey,
    Invitation,
    Llm,
    Membership,
    Metric,
    Project,
    ProjectLlm,
    ProjectShare,
    Registration,
    Role,
    Team,
    User,
)
from tests.hostile.payloads import NAMES, SHORT, TOGETHER

Places = dict[str, dict[str, Any]]


def masking() -> dict[str, Any]:
    """Patterns that mask nothing, with such names."""
    patterns = {name[:32]: "zzzzzz" for name in NAMES[:40]}
    return {"kinds": [], "region": SHORT, "patterns": patterns, "keeps_unsearched": False}


def people(project: Project, by: User) -> Places:
    """Users, roles, teams, projects, invitations and keys with such names."""
    users = User.objects.bulk_create(
        User(email=f"u{n}@example.org", name=name, is_service_account=n % 2 == 1, password="!")
        for n, name in enumerate(NAMES)
    )
    roles = Role.objects.bulk_create(
        Role(key=f"role-{n}", name=name, permissions=["project:read", SHORT])
        for n, name in enumerate(NAMES)
    )
    teams = Team.objects.bulk_create(
        Team(key=f"team-{n}", name=name) for n, name in enumerate(NAMES)
    )
    Membership.objects.bulk_create(
        Membership(user=user, team=team, role=role)
        for user, team, role in zip(users, teams, roles, strict=True)
    )
    Membership.objects.create(user=users[0], team=teams[1], role=roles[1])
    ProjectShare.objects.bulk_create(
        ProjectShare(project=project, team=team, role=role)
        for team, role in zip(teams, roles, strict=True)
    )
    Project.objects.bulk_create(
        Project(key=f"project-{n}", name=name, description=name) for n, name in enumerate(NAMES)
    )
    until = timezone.now() + timedelta(days=1)
    Invitation.objects.bulk_create(
        Invitation(
            project=project if n % 3 == 0 else None,
            team=teams[0] if n % 3 == 1 else None,
            role=roles[n], email=name[:254], digest=bytes([n]) * 32,
            created_by=by, expires_at=until,
        )
        for n, name in enumerate(NAMES)
    )  # fmt: skip
    keys = ApiKey.objects.bulk_create(
        ApiKey(
            user=(by, users[1])[n % 2], name=name, prefix=SHORT[:12],
            digest=bytes([n, 1]) * 16, permissions=["project:read"],
        )
        for n, name in enumerate(NAMES)
    )  # fmt: skip
    return {
        "console/people/": {"id": users[0].uuid},
        "console/roles/": {"key": roles[0].key},
        "teams/": {"key": teams[0].key, "id": users[0].uuid},
        "projects/{key}/keys/": {"id": keys[0].pk},
    }


def metrics(project: Project) -> list[Metric]:
    """Of both kinds; the first is described by all payloads."""
    made = Metric.objects.bulk_create(
        Metric(
            project=project, key=name, name=name, description=TOGETHER if n == 0 else name,
            kind=("BOOL", "SCALAR")[n % 2],
        )
        for n, name in enumerate(NAMES)
    )  # fmt: skip
    Project.objects.filter(id=project.id).update(primary_metric=made[0])
    return list(made)


def llms(project: Project, by: User) -> list[Llm]:
    """Models of such names, each attached."""
    made = Llm.objects.bulk_create(Llm(key=name, name=name) for name in NAMES)
    registrations = Registration.objects.bulk_create(
        Registration(
            llm=llm, owner=by, name=name, provider="OPEN_AI", base_url=name,
            external_id=name, extra_params={name: name}, is_for_all=True,
        )
        for name, llm in zip(NAMES, made, strict=True)
    )  # fmt: skip
    ProjectLlm.objects.bulk_create(
        ProjectLlm(project=project, llm=llm, registration=registration)
        for llm, registration in zip(made, registrations, strict=True)
    )
    return list(made)
