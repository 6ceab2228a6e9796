"""Checks of where things happen and who may: projects, teams, roles, users, permissions."""

from typing import Any

from adaptive_sdk import Adaptive

from tests.contract.drivers.calling import ASYNC, BASE_URL, Client, World
from tests.contract.drivers.checks import check, refusal


def shares_of(project: Any) -> dict[str, tuple[str, bool]]:
    """What each team may do: {team key: (role key, whether it owns)}."""
    return {one.team.key: (one.role.key, one.is_owner) for one in project.shares}


def an_owner(world: World) -> str:
    """The key of a role that exists from the start."""
    roles = {role.key for role in world.call("roles.list")}
    return "owner" if "owner" in roles else sorted(roles)[0]


@check("projects.create")
def a_project_is_created_and_is_there_at_once(world: World) -> None:
    key = world.named("project")
    made = world.call("projects.create", key=key, name="Made by the client", description="For it")
    assert (made.key, made.name, made.description) == (key, "Made by the client", "For it")
    assert isinstance(made.created_at, int | float) or made.created_at
    assert len(made.shares) == 1, made.shares
    world.project = key
    assert world.call("projects.get", project=key).id == made.id


@check("projects.create")
def a_second_project_of_the_same_key_is_refused(world: World) -> None:
    said = refusal(world, "projects.create", key=world.project)
    assert "already" in said or "exists" in said or "taken" in said, said


@check("set_default_project")
@check("set_default_use_case")
def a_default_project_is_used_where_none_is_named(world: World) -> None:
    setters = [name for name in dir(world.client.sdk) if name.startswith("set_default_")]
    for setter in setters:
        getattr(world.client.sdk, setter)(world.project)
        assert world.call("projects.get").key == world.project


@check("projects.get")
def an_unknown_project_is_none(world: World) -> None:
    assert world.call("projects.get", project="no-such-one") is None
    found = world.call("projects.get", project=world.project)
    assert "echo" in {one.key for one in found.model_services}
    by_id = world.call("projects.get", project=str(found.id))
    assert by_id.key == world.project


@check("projects.list")
def projects_are_listed(world: World) -> None:
    keys = [one.key for one in world.call("projects.list")]
    assert world.project in keys
    assert "demo" in keys


@check("use_cases.list")
def the_deprecated_name_of_projects_still_works(world: World) -> None:
    """0.13 and 0.14 answer to `use_cases` as well."""
    if world.is_old:
        return
    key = world.named("use-case")
    assert world.call("use_cases.create", key=key).key == key
    assert world.call("use_cases.get", project=key).name == key
    assert key in {one.key for one in world.call("use_cases.list")}
    team = world.call("teams.create", key=world.named("aliases")).key
    shared = world.call("use_cases.share", project=key, team=team, role=an_owner(world))
    assert team in shares_of(shared)
    assert team not in shares_of(world.call("use_cases.unshare", project=key, team=team))


@check("permissions.list")
def permissions_are_listed(world: World) -> None:
    permissions = world.call("permissions.list")
    assert "project:read" in permissions
    world.kept["permissions"] = permissions


@check("roles.create")
def a_role_is_created_and_listed(world: World) -> None:
    key = world.named("readers")
    made = world.call("roles.create", key=key, permissions=["project:read"], name="Readers")
    assert (made.key, made.name, made.permissions) == (key, "Readers", ["project:read"])


@check("roles.list")
def roles_are_listed_with_their_permissions(world: World) -> None:
    roles = {role.key: role for role in world.call("roles.list")}
    assert roles[world.named("readers")].permissions == ["project:read"]


@check("teams.create")
def a_team_is_created(world: World) -> None:
    key = world.named("team")
    made = world.call("teams.create", key=key, name="A team")
    assert (made.key, made.name) == (key, "A team")


@check("teams.list")
def teams_are_listed(world: World) -> None:
    assert world.named("team") in {team.key for team in world.call("teams.list")}


@check("projects.share")
def a_project_is_shared_and_the_role_changed(world: World) -> None:
    team, role = world.named("team"), world.named("readers")
    before = shares_of(world.call("projects.get", project=world.project))
    shared = world.call("projects.share", project=world.project, team=team, role=role)
    assert shares_of(shared) == {**before, team: (role, False)}
    changed = world.call("projects.share", project=world.project, team=team, role=an_owner(world))
    assert shares_of(changed)[team] == (an_owner(world), False)


@check("projects.unshare")
def a_share_is_taken_back(world: World) -> None:
    team = world.named("team")
    left = world.call("projects.unshare", project=world.project, team=team)
    assert team not in shares_of(left)
    assert team not in shares_of(world.call("projects.get", project=world.project))
    assert world.call("projects.unshare", project="no-such-one", team=team) is None


@check("users.me")
def the_key_s_user_is_me(world: World) -> None:
    me = world.call("users.me")
    assert me.email == "alice@example.org"


@check("users.create")
def a_user_is_created_with_teams_and_roles(world: World) -> None:
    email = f"{world.named('bob')}@example.org"
    team, role = world.named("team"), world.named("readers")
    made = world.call("users.create", email=email, name="Bob", teams_with_role=[(team, role)])
    assert (made.email, made.name) == (email, "Bob")
    assert [(one.team.key, one.role.key) for one in made.teams] == [(team, role)]
    said = refusal(world, "users.create", email=email, name="Bob", teams_with_role=[])
    assert "already" in said or "exists" in said or "taken" in said, said


@check("users.list")
def users_are_listed(world: World) -> None:
    emails = [user.email for user in world.call("users.list")]
    assert f"{world.named('bob')}@example.org" in emails


@check("users.add_to_team")
def a_user_s_role_in_a_team_is_replaced(world: World) -> None:
    email, team = f"{world.named('bob')}@example.org", world.named("team")
    set_to = world.call("users.add_to_team", email=email, team=team, role=an_owner(world))
    assert (set_to.user.email, set_to.team.key) == (email, team)
    assert set_to.role.key == an_owner(world)
    said = refusal(world, "users.add_to_team", email="nobody@example.org", team=team, role="x")
    assert said.startswith("AdaptiveEntityNotFoundError"), said


@check("users.remove_from_team")
def a_user_leaves_a_team(world: World) -> None:
    email, team = f"{world.named('bob')}@example.org", world.named("team")
    left = world.call("users.remove_from_team", email=email, team=team)
    assert left.email == email
    assert team not in {one.team.key for one in left.teams}


@check("users.delete")
def a_user_is_deleted(world: World) -> None:
    email = f"{world.named('bob')}@example.org"
    world.call("users.delete", email=email)
    assert email not in [user.email for user in world.call("users.list")]


@check("users.create_service_account")
def a_service_account_s_key_works_at_once(world: World) -> None:
    name, team = world.named("robot"), world.named("robots")
    world.call("teams.create", key=team)
    made = world.call(
        "users.create_service_account", name=name, teams_with_role=[(team, an_owner(world))]
    )
    assert made.email == f"{name}@system.adaptive.local"
    robot = Adaptive(base_url=BASE_URL, api_key=made.api_key)
    me = robot.users.me()
    assert me is not None
    assert me.email == made.email


def a_key_that_is_none_is_answered_with_401(kind: str) -> str:
    """What a caller with a wrong key is told, by GraphQL and by REST."""
    stranger = World(Client(kind, api_key="not-a-key"), b"", project="demo")
    graphql = refusal(stranger, "users.me")
    rest = refusal(
        stranger,
        "interactions.create",
        messages=[{"role": "user", "content": "x"}],
        completion="y",
        **{"use_case" if stranger.is_old else "project": "demo"},
    )
    assert "401" in graphql, graphql
    assert "Client error 401" in rest, rest
    return graphql


@check("users.me")
def a_wrong_key_is_refused_by_graphql_and_by_rest(world: World) -> None:
    assert a_key_that_is_none_is_answered_with_401(world.client.kind)


@check("close")
def a_closed_client_answers_no_more(world: World) -> None:
    other = Client(world.client.kind)
    assert other.call("users.me").email
    other.call("close")
    text = refusal(World(other, b""), "users.me")
    assert text.startswith("RuntimeError"), (world.client.kind == ASYNC, text)
