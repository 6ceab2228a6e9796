"""Who owns a new project, and all the teams that one is shared with."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from projects.models import Membership, Project, ProjectShare, Team
from projects.models.project import slug_of
from projects.services import audit, metrics, people, projects
from projects.services.access import MANAGE, Caller
from projects.services.membership import rules


@dataclass(frozen=True, slots=True)
class Share:
    """A team and a role, each by id or key."""

    team: str
    role: str
    is_owner: bool = False


@dataclass(frozen=True, slots=True)
class Created:
    """A new project, and the caller, who knows of it."""

    project: Project
    caller: Caller


@transaction.atomic
def create_owned(
    caller: Caller,
    *,
    name: str,
    key: str | None = None,
    description: str = "",
    team: str | None = None,
    default_metric: str | None = None,
) -> Created:
    """Make a project owned by a team: the one named, else the caller's own.

    Without a key it gets one from its name. `default_metric` names a definition of a client
    before 0.13, which is linked. Raises Invalid, NotFound, and Forbidden when the caller may
    make no projects, or not manage the team's.
    """
    if not caller.may_create_projects:
        raise Forbidden("you may not create projects here; ask an administrator")
    name = without_nul(name).strip()
    if not name:
        raise Invalid("expected a name", field="name")
    owner = _own_team(caller) if not team else _managed(caller, people.team_named(team))
    project = projects.create(
        key=without_nul(key) if key else _key_for(name),
        name=name,
        description=without_nul(description),
    )
    projects.share(project, team=owner, role=people.role("owner"), is_owner=True)
    audit.record(project, actor=caller.user, verb="project.created", subject=project.key)
    if default_metric:
        metrics.link(project, default_metric, by=caller.user)
    return Created(project, Caller(caller.user, caller.key))


@transaction.atomic
def replace(caller: Caller, project: Project, shares: Sequence[Share]) -> Caller:
    """Share `project` with these teams and no others; returns the caller as they now may.

    Raises Invalid when a team stands twice or no owner would be left, NotFound for what is not
    there, and Forbidden when a share that is made, changed or ended permits what the caller may
    not: nobody gives away, or takes away, more than they have.
    """
    wanted = {_visible(caller, project, one.team): one for one in shares}
    if len(wanted) < len(shares):
        raise Invalid("expected each team once", field="shares")
    shared = ProjectShare.objects.in_project(project)
    held = shared.select_for_update(of=("self",)).select_related("role", "team")
    before = list(held)
    had_owner = any(one.is_owner for one in before)
    if had_owner and not any(one.is_owner for one in shares):
        raise Invalid("expected at least one owner", field="shares")
    roles = {team: people.role_named(one.role) for team, one in wanted.items()}
    there = {share.team_id: share for share in before}
    changed = [share.role for share in before if share.team not in wanted]
    for team, one in wanted.items():
        share = there.get(team.id)
        if share is None or (share.role_id, share.is_owner) != (roles[team].id, one.is_owner):
            changed += [roles[team], *([share.role] if share else [])]
    rules.check_may_give(caller, project, *changed)
    with rules.keeping_an_owner([project]):
        shared.exclude(team__in=wanted).delete()
        for team, one in wanted.items():
            projects.share(project, team=team, role=roles[team], is_owner=one.is_owner)
    teams = sorted(team.key for team in wanted)
    audit.record(
        project, actor=caller.user, verb="project.shared", subject=project.key, teams=teams
    )
    return Caller(caller.user, caller.key)


def _visible(caller: Caller, project: Project, id_or_key: str) -> Team:
    """A team that the caller knows of, or that has the project. NotFound tells no others apart."""
    team = people.team_named(id_or_key)
    there = ProjectShare.objects.in_project(project).filter(team=team).exists()
    if not there and not Team.objects.visible_to(caller).filter(id=team.id).exists():
        raise NotFound("EntityNotFound: team not found")
    return team


def _own_team(caller: Caller) -> Team:
    """The team of the caller alone, made when first asked for."""
    user = caller.user
    team = people.team(f"user-{user.uuid}", str(user))
    if not Membership.objects.filter(team=team).exists():
        people.join(user, team=team, role=people.role("owner"))
    return _managed(caller, team)


def _managed(caller: Caller, team: Team) -> Team:
    mine = caller.user.memberships.filter(team=team).select_related("role").first()
    if mine is None and not caller.is_administrator:
        raise NotFound("EntityNotFound: team not found")
    if team.of_project_id is not None:
        raise Invalid("expected a team that is not another project's own", field="team")
    if mine is None or caller.is_administrator:
        return team
    if MANAGE not in mine.role.permissions:
        raise Forbidden(f"you need the permission {MANAGE} in this team")
    return team


def _key_for(name: str) -> str:
    """A free key from a name: `my-project`, then `my-project-2`."""
    stem = slug_of(name)[:90] or "project"
    taken = set(Project.objects.filter(key__startswith=stem).values_list("key", flat=True))
    numbered = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    return next(key for key in (stem, *numbered) if key not in taken)
