"""Teams: made, renamed, removed, and who is in them with which role.

Administrators change every team; others those whose projects they manage, and give nothing there
that they do not have. A team that a project made for its own people is changed in the project.
"""

from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Forbidden, Invalid, NotFound, check_fields
from projects.models import Membership, Project, ProjectShare, Role, Team, User
from projects.services import audit, people
from projects.services.access import MANAGE, Caller
from projects.services.membership.rules import keeping_an_owner, may_give


def every_team() -> QuerySet[Team]:
    """All teams that are not a project's own, by name, with how many people and projects."""
    found = Team.objects.filter(of_project=None).annotate(
        members=Count("memberships", distinct=True), projects=Count("shares", distinct=True)
    )
    return found.order_by("name", "id")


def known(caller: Caller, key: str) -> Team:
    """A team that the caller may see, by key. Raises NotFound."""
    team = Team.objects.visible_to(caller).filter(key=key, of_project=None).first()
    if team is None:
        raise NotFound("team not found")
    return team


def may_manage(caller: Caller, team: Team) -> bool:
    """Whether the caller may change who is in `team`: with MANAGE in it and in all its projects."""
    if team.of_project_id is not None:
        return False
    if caller.is_administrator:
        return True
    mine = caller.user.memberships.filter(team=team).select_related("role").first()
    if mine is None or caller.is_scoped or MANAGE not in mine.role.permissions:
        return False
    return all(caller.has(MANAGE, project) for project in _projects(team))


def may_seat(caller: Caller, team: Team, *roles: Role) -> bool:
    """Whether the caller may give, and take away, these roles in `team`."""
    if not may_manage(caller, team):
        return False
    if caller.is_administrator:
        return True
    mine = caller.user.memberships.select_related("role").get(team=team).role.permissions
    projects = _projects(team)
    return all(
        set(role.permissions) <= set(mine) and all(may_give(caller, one, role) for one in projects)
        for role in roles
    )


def check_may_seat(caller: Caller, team: Team, *roles: Role) -> None:
    """Raise Forbidden where `may_seat` says no."""
    if not may_manage(caller, team):
        raise Forbidden("you may not change this team")
    if not may_seat(caller, team, *roles):
        keys = ", ".join(role.key for role in roles)
        raise Forbidden(f"{keys}: this permits what you may not in every project of the team")


def check_is_in(team: Team, user: User) -> None:
    """Raise NotFound for somebody who is not in `team`: others are invited."""
    if not Membership.objects.filter(team=team, user=user).exists():
        raise NotFound("this person is not in the team")


@transaction.atomic
def seat(caller: Caller, team: Team, user: User, role: Role) -> None:
    """Put somebody into a team, or change their role there. Raises Forbidden, Invalid."""
    before = Membership.objects.filter(team=team, user=user).select_related("role").first()
    check_may_seat(caller, team, role, *([before.role] if before else []))
    with keeping_an_owner(_projects(team)):
        people.join(user, team=team, role=role)
    _note(caller, "team.joined", user.email, team=team.key, role=role.key)


@transaction.atomic
def unseat(caller: Caller, team: Team, user: User) -> None:
    """Take somebody out of a team; oneself too. Raises Forbidden, Invalid, NotFound."""
    found = Membership.objects.filter(team=team, user=user).select_related("role").first()
    if found is None:
        raise NotFound("this person is not in the team")
    if user != caller.user:
        check_may_seat(caller, team, found.role)
    with keeping_an_owner(_projects(team)):
        found.delete()
    _note(caller, "team.left", user.email, team=team.key)


@transaction.atomic
def rename(caller: Caller, team: Team, name: str) -> None:
    """Give a team another name; its key stays, since programs know it by that."""
    if not may_manage(caller, team):
        raise Forbidden("you may not change this team")
    before, team.name = team.name, without_nul(name).strip()
    check_fields(team)
    team.save(update_fields=["name"])
    _note(caller, "team.renamed", team.key, name=team.name, before=before)


@transaction.atomic
def remove(caller: Caller, team: Team) -> None:
    """Remove a team that nobody is in and that shares no project. Raises Invalid."""
    if not may_manage(caller, team):
        raise Forbidden("you may not change this team")
    if team.memberships.exists() or team.shares.exists():
        raise Invalid("expected a team without members and projects")
    _note(caller, "team.removed", team.key)
    team.delete()


def shares_of(caller: Caller, team: Team) -> list[ProjectShare]:
    """The projects of a team that the caller may see, with the most that the team may there."""
    readable = Project.objects.visible_to(caller)
    shares = ProjectShare.objects.in_projects(readable).filter(team=team)
    return list(shares.select_related("project", "role").order_by("project__name"))


def _projects(team: Team) -> list[Project]:
    return list(Project.objects.there().filter(shares__team=team))


def _note(caller: Caller, verb: str, subject: str, **details: Any) -> None:
    audit.record(None, actor=caller.user, verb=verb, subject=subject, **details)
