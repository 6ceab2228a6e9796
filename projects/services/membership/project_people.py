"""The people of a project: who is in it, through which team, and what each may do there."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from adaptive_site.lib.errors import Invalid, NotFound
from projects.models import Membership, Project, ProjectShare, Role, Team, User
from projects.models.project import slug_of
from projects.services import audit, people
from projects.services.access import MANAGE, PERMISSIONS, Caller
from projects.services.membership.rules import check_may_give, keeping_an_owner, projects_of
from projects.services.projects import share as share_with

OWNER = "owner"


@dataclass(frozen=True, slots=True)
class WayIn:
    """A team of a person's that the project is shared with; the roles bound each other."""

    share: ProjectShare
    membership: Membership

    @property
    def is_direct(self) -> bool:
        """Whether the team is the project's own, of people with this role."""
        return self.share.team.of_project_id == self.share.project_id

    @property
    def permissions(self) -> set[str]:
        """What the person may this way."""
        return set(self.share.role.permissions) & set(self.membership.role.permissions)


@dataclass(slots=True)
class PersonHere:
    """Somebody in a project, and how they came in."""

    user: User
    ways: list[WayIn] = field(default_factory=list)

    @property
    def permissions(self) -> list[str]:
        """What they may here, in the order of all permissions."""
        granted = set().union(*(way.permissions for way in self.ways))
        return [one for one in PERMISSIONS if one in granted]

    @property
    def direct(self) -> WayIn | None:
        """The way in that is of this project alone."""
        return next((way for way in self.ways if way.is_direct), None)

    @property
    def teams(self) -> list[WayIn]:
        """The other ways in."""
        return [way for way in self.ways if not way.is_direct]

    @property
    def role_name(self) -> str:
        """The role whose permissions they have here; "" when no single one of theirs is that."""
        mine = set(self.permissions)
        roles = [role for way in self.ways for role in (way.share.role, way.membership.role)]
        return next((role.name for role in roles if set(role.permissions) >= mine), "")


def everybody(project: Project) -> list[PersonHere]:
    """All users in use whom a team lets into `project`, by name, people first."""
    found: dict[int, PersonHere] = {}
    shares = (
        ProjectShare.objects.in_project(project)
        .select_related("role", "team")
        .prefetch_related("team__memberships__user", "team__memberships__role")
    )
    for share in shares:
        for membership in share.team.memberships.all():
            if membership.user.is_active:
                here = found.setdefault(membership.user_id, PersonHere(membership.user))
                here.ways.append(WayIn(share, membership))
    return sorted(found.values(), key=_order)


def _order(here: PersonHere) -> tuple[bool, str, int]:
    return here.user.is_service_account, str(here.user).casefold(), here.user.id


def person(project: Project, user_id: object) -> PersonHere:
    """One of them, by UUID. Raises NotFound for somebody else's, and for nobody's."""
    here = next((one for one in everybody(project) if str(one.user.uuid) == str(user_id)), None)
    if here is None:
        raise NotFound("this person is not in the project; somebody may have removed them")
    return here


def team_shares(project: Project) -> list[ProjectShare]:
    """The teams it is shared with that are not its own, by name."""
    shares = ProjectShare.objects.in_project(project).select_related("role", "team")
    return list(shares.exclude(team__of_project=project).order_by("team__name", "id"))


def put(project: Project, user: User, role: Role) -> None:
    """Give `user` this role in `project`, in place of another that is of this project alone."""
    team = _team_of(project, role)
    mine = Membership.objects.filter(user=user, team__of_project=project)
    mine.exclude(team=team).delete()
    people.join(user, team=team, role=role)


@transaction.atomic
def set_role(caller: Caller, project: Project, here: PersonHere, role: Role) -> None:
    """Change the role that a person has in this project alone.

    Raises Forbidden where the old or the new one permits what the caller may not, and Invalid
    when no owner would be left.
    """
    caller.check_may(MANAGE, project)
    way = here.direct
    if way is None:
        raise Invalid("the role is that of the team; change it there", field="role")
    check_may_give(caller, project, way.share.role, role)
    with keeping_an_owner([project]):
        put(project, here.user, role)
    _note(caller, project, "project.role_set", here.user, role=role.key, before=way.share.role.key)


@transaction.atomic
def remove(caller: Caller, project: Project, here: PersonHere) -> None:
    """Take a person out, as far as they are in by this project alone. Raises as `set_role`."""
    caller.check_may(MANAGE, project)
    way = here.direct
    if way is None:
        raise Invalid("this person is in the project through a team; change the team")
    check_may_give(caller, project, way.share.role)
    with keeping_an_owner([project]):
        way.membership.delete()
    _note(caller, project, "project.person_removed", here.user, before=way.share.role.key)


@transaction.atomic
def leave(caller: Caller, project: Project) -> None:
    """Take oneself out of the project, and of the teams that let one in.

    Raises Invalid where a project, this or another of these teams', would lose its last owner.
    """
    mine = [way.membership for way in person(project, caller.user.uuid).ways]
    with keeping_an_owner(projects_of(mine)):
        for membership in mine:
            membership.delete()
    _note(caller, project, "project.left", caller.user)


@transaction.atomic
def set_team_role(caller: Caller, project: Project, share: ProjectShare, role: Role | None) -> None:
    """Change the most that a team may do in the project; with None, take the team out."""
    caller.check_may(MANAGE, project)
    check_may_give(caller, project, share.role, *([role] if role else []))
    was_owner, key = share.is_owner, share.team.key
    with keeping_an_owner([project]):
        if role is None:
            share.delete()
        else:
            share.role, share.is_owner = role, role.key == OWNER
            share.save(update_fields=["role", "is_owner"])
        shares = ProjectShare.objects.in_project(project)
        if was_owner and not shares.filter(is_owner=True).exists():
            raise Invalid(f"{project.name} needs an owner: give that role to others first")
    audit.record(
        project,
        actor=caller.user,
        verb="project.team_set",
        subject=key,
        role=role.key if role else None,
    )


def givable_roles(caller: Caller, project: Project, roles: Iterable[Role]) -> list[Role]:
    """Those that the caller may give in `project`, that which permits least first."""
    found = [role for role in roles if all(caller.has(one, project) for one in role.permissions)]
    return sorted(found, key=lambda role: (len(role.permissions), role.name))


def _team_of(project: Project, role: Role) -> Team:
    """The project's own team of people with `role`, made when first asked for."""
    own = ProjectShare.objects.in_project(project).filter(team__of_project=project, role=role)
    found = own.select_related("team").first()
    if found is not None:
        return found.team
    stem = slug_of(f"{project.key}-{role.key}")[:80]
    taken = set(Team.objects.filter(key__startswith=stem).values_list("key", flat=True))
    numbered = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    key = next(one for one in (stem, *numbered) if one not in taken)
    name = f"{project.name[:150]}: {role.name[:40]}"
    team = Team.objects.create(key=key, name=name, of_project=project)
    share_with(project, team=team, role=role, is_owner=role.key == OWNER)
    return team


def _note(caller: Caller, project: Project, verb: str, user: User, **details: Any) -> None:
    audit.record(project, actor=caller.user, verb=verb, subject=user.email, **details)
