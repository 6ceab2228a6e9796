"""What holds whoever changes the people of a project: nobody gives more, and an owner stays."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction

from adaptive_site.lib.errors import Forbidden, Invalid
from projects.models import Membership, Project, ProjectShare, Role, User
from projects.services.access import MANAGE, Caller


def may_give(caller: Caller, project: Project, role: Role) -> bool:
    """Whether the caller has all that `role` permits, in `project`."""
    return all(caller.has(one, project) for one in role.permissions)


def check_may_give(caller: Caller, project: Project, *roles: Role) -> None:
    """Raise Forbidden for a role that permits what the caller may not: to give, or take away."""
    for role in roles:
        if not may_give(caller, project, role):
            raise Forbidden(f"the role {role.key} permits what you may not in this project")


def owners(project: Project) -> set[int]:
    """The ids of the people who may manage `project` and can log in."""
    found = ProjectShare.objects.in_project(project).filter(
        role__permissions__contains=[MANAGE],
        team__memberships__role__permissions__contains=[MANAGE],
        team__memberships__user__is_active=True,
        team__memberships__user__is_service_account=False,
    )
    return set(found.values_list("team__memberships__user", flat=True))


@contextmanager
def keeping_an_owner(projects: Iterable[Project]) -> Iterator[None]:
    """A transaction of changes, which raises Invalid where a project loses its last owner."""
    with transaction.atomic():
        ids = sorted(project.id for project in projects)
        # One after another, or two owners could remove each other at the same moment.
        locked = list(Project.objects.filter(id__in=ids).order_by("id").select_for_update())
        had = [project for project in locked if owners(project)]
        yield
        for project in had:
            if not owners(project):
                raise Invalid(f"{project.name} needs an owner: give somebody else that role first")


def owned_by_nobody_else(user: User) -> list[Project]:
    """The projects that have no other owner than `user`, by name."""
    theirs = user.memberships.filter(role__permissions__contains=[MANAGE])
    shared = Project.objects.there().filter(shares__team__memberships__in=theirs).distinct()
    return [one for one in shared.order_by("name", "id") if owners(one) == {user.pk}]


@contextmanager
def keeping_an_administrator() -> Iterator[None]:
    """A transaction of changes; raises Invalid where the site loses its last administrator."""
    with transaction.atomic():
        everybody = User.objects.filter(is_superuser=True)
        # One after another, or two administrators could demote each other at the same moment.
        list(everybody.order_by("id").select_for_update())
        yield
        if not everybody.filter(is_active=True, is_service_account=False).exists():
            raise Invalid("the site needs an administrator: make somebody else one first")


def projects_of(memberships: Iterable[Membership]) -> list[Project]:
    """The projects that are shared with the teams of these memberships."""
    teams = {membership.team_id for membership in memberships}
    return list(Project.objects.there().filter(shares__team__in=teams).distinct())
