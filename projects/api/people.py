"""Users, teams and roles through GraphQL."""

from typing import Any

from projects.api.present import Shown, ShownPeople, show_role, show_team
from projects.models import Team, User
from projects.services import people, user_admin
from projects.services.access import PERMISSIONS

from .roots import Info, mutation, query


@query.field("me")
def me(_: None, info: Info) -> Shown:
    """The user whose key it is."""
    user = info.context.user
    return ShownPeople([user]).one(user)


@query.field("users")
def users(_: None, info: Info) -> list[Shown]:
    """Those the caller may see."""
    return ShownPeople(User.objects.visible_to(info.context)).all()


@query.field("teams")
def teams(_: None, info: Info) -> list[Shown]:
    """Those the caller may see."""
    return [show_team(team) for team in Team.objects.visible_to(info.context)]


@query.field("roles")
def roles(_: None, info: Info) -> list[Shown]:
    """All roles; what they permit is no secret."""
    return [show_role(role) for role in user_admin.roles()]


@query.field("permissions")
def permissions(_: None, info: Info) -> list[str]:
    """All permissions a role may hold."""
    return list(PERMISSIONS)


@mutation.field("createUser")
def create_user(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Make a user, or with `userType: SYSTEM` a service account."""
    joined = user_admin.add_user(
        info.context,
        name=input["name"],
        email=input.get("email"),
        seats=[user_admin.Seat(one["team"], one["role"]) for one in input["teams"]],
        is_service_account=input.get("userType") == "SYSTEM",
        with_key=bool(input.get("generateApiKey")),
    )
    return ShownPeople([joined.user]).one(joined.user, api_key=joined.api_key)


@mutation.field("deleteUser")
def delete_user(_: None, info: Info, *, user: str) -> Shown:
    """Let a user in no more."""
    info.context.check_administrator("manage people")  # before anybody is looked for
    # A program cannot be asked: the audit log says which projects have no owner any more.
    gone = user_admin.remove_user(info.context, people.user_named(user), leaves_ownerless=True)
    return ShownPeople([gone]).one(gone)


@mutation.field("setTeamMember")
def set_team_member(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Put a user into a team, or change their role in it."""
    info.context.check_administrator("manage people")
    user, team = people.user_named(input["user"]), people.team_named(input["team"])
    role = people.role_named(input["role"])
    user_admin.seat(info.context, user, team=team, role=role)
    return {"user": ShownPeople([user]).one(user), "team": show_team(team), "role": show_role(role)}


@mutation.field("removeTeamMember")
def remove_team_member(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Take a user out of a team."""
    info.context.check_administrator("manage people")
    user, team = people.user_named(input["user"]), people.team_named(input["team"])
    user_admin.unseat(info.context, user, team=team)
    return ShownPeople([user]).one(user)


@mutation.field("createTeam")
def create_team(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Make a team."""
    return show_team(user_admin.add_team(info.context, name=input["name"], key=input.get("key")))


@mutation.field("createRole")
def create_role(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Make a role."""
    made = user_admin.add_role(
        info.context,
        name=input["name"],
        key=input.get("key"),
        permissions=input["permissions"],
    )
    return show_role(made)
