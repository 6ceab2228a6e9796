"""Users, teams and roles through GraphQL: administrators manage, others see their own."""

from typing import Any

import pytest

from projects.models import ApiKey, Membership, Project, User
from projects.services.access import PERMISSIONS
from tests.asking import ask, refused, send
from tests.auditing import verbs_told
from tests.make import make_key, make_team, make_user

ADD = """mutation ($i: UserCreate!) { createUser(input: $i) {
    user { id email name teams { team { key } role { key } } } generatedApiKey email } }"""
REMOVE = "mutation ($u: IdOrKey!) { deleteUser(user: $u) { id email } }"
SEAT = """mutation ($i: TeamMemberSet!) { setTeamMember(input: $i) {
    user { email } team { key } role { key } } }"""
UNSEAT = """mutation ($i: TeamMemberRemove!) { removeTeamMember(input: $i) {
    email teams { team { key } } } }"""
TEAM = "mutation ($i: TeamCreate!) { createTeam(input: $i) { id key name createdAt } }"
ROLE = "mutation ($i: RoleCreate!) { createRole(input: $i) { id key name permissions } }"
USERS = "{ users { email name teams { team { key } role { key } } } }"


@pytest.fixture
def root(db: None) -> User:
    """An administrator."""
    return make_user("root", is_superuser=True)


@pytest.fixture
def root_key(root: User) -> str:
    """A key of the administrator's."""
    return make_key(root)


def emails(shown: list[dict[str, Any]]) -> list[str]:
    return [one["email"] for one in shown]


def test_administrators_see_all_and_others_their_teams(
    project: Project, alice_key: str, bob: User, charlie_key: str, root_key: str
) -> None:
    every = [f"{name}@example.org" for name in ("alice", "bob", "charlie", "root")]
    assert emails(ask(root_key, USERS)) == every
    assert emails(ask(alice_key, USERS)) == ["alice@example.org"]
    make_team("reds", {User.objects.get(email="alice@example.org"): "owner", bob: "viewer"})
    assert emails(ask(alice_key, USERS)) == every[:2]
    assert emails(ask(charlie_key, USERS)) == ["charlie@example.org"]
    teams = "{ teams { id key name createdAt } }"
    assert [one["key"] for one in ask(charlie_key, teams)] == ["cherry-owners"]
    assert len(ask(root_key, teams)) > 3
    assert set(ask(charlie_key, "{ permissions }")) == set(PERMISSIONS)
    roles = {one["key"] for one in ask(charlie_key, "{ roles { key permissions } }")}
    assert roles >= {"owner", "editor", "viewer"}


def test_a_user_is_added_moved_and_removed(root_key: str) -> None:
    make_team("reds")
    seats = [{"team": "reds", "role": "editor"}]
    made = ask(root_key, ADD, i={"email": "Dora@Example.org", "name": "Dora", "teams": seats})
    assert made["generatedApiKey"] is None
    assert made["user"]["teams"] == [{"team": {"key": "reds"}, "role": {"key": "editor"}}]
    assert "exists" in refused(
        root_key, ADD, i={"email": "dora@example.ORG", "name": "D", "teams": []}
    )
    seat = {"user": "dora@example.org", "team": "reds", "role": "viewer"}
    assert ask(root_key, SEAT, i=seat)["role"] == {"key": "viewer"}
    dora = User.objects.get(uuid=made["user"]["id"])
    assert Membership.objects.get(user=dora).role.key == "viewer"
    gone = ask(root_key, UNSEAT, i={"user": str(dora.uuid), "team": "reds"})
    assert gone["teams"] == []
    key = make_key(dora)
    assert ask(key, "{ me { name } }") == {"name": "Dora"}
    assert ask(root_key, REMOVE, u="dora@example.org")["id"] == made["user"]["id"]
    assert send(key, {"query": "{ me { id } }"}).status_code == 401
    assert "dora" not in str(ask(root_key, USERS))
    assert refused(root_key, REMOVE, u="dora@example.org") == "EntityNotFound: user not found"
    back = ask(root_key, ADD, i={"email": "dora@example.org", "name": "Dora II", "teams": []})
    assert back["user"]["id"] == made["user"]["id"]
    assert back["user"]["teams"] == []
    assert send(key, {"query": "{ me { id } }"}).status_code == 401
    assert verbs_told("user.added", "user.removed", "team.joined", "team.left")


def test_a_service_account_gets_a_key_that_works_at_once(root_key: str) -> None:
    make_team("reds")
    given = {
        "name": "CI Robot",
        "teams": [{"team": "reds", "role": "editor"}],
        "userType": "SYSTEM",
        "generateApiKey": True,
    }
    made = ask(root_key, ADD, i=given)
    assert made["email"] == "ci-robot@system.adaptive.local"
    assert ask(made["generatedApiKey"], "{ me { name generatedApiKey } }") == {
        "name": "CI Robot",
        "generatedApiKey": None,
    }
    assert User.objects.get(email=made["email"]).is_service_account
    assert "exists" in refused(root_key, ADD, i=given)


@pytest.mark.parametrize(
    "given",
    [
        {"email": "not an address", "name": "D", "teams": []},
        {"name": "D", "teams": []},
        {"email": "d@example.org", "name": "D", "teams": [{"team": "absent", "role": "editor"}]},
        {"email": "d@example.org", "name": "D", "teams": [{"team": "reds", "role": "absent"}]},
        {"name": "###", "teams": [], "userType": "SYSTEM"},
    ],
)
def test_a_user_who_cannot_be_is_refused(root_key: str, given: dict[str, Any]) -> None:
    make_team("reds")
    before = User.objects.count()
    assert refused(root_key, ADD, i=given)
    assert User.objects.count() == before
    assert ApiKey.objects.count() == 1


def test_teams_and_roles_are_made(root_key: str) -> None:
    team = ask(root_key, TEAM, i={"name": "The Reds", "key": None})
    assert (team["key"], team["name"]) == ("the-reds", "The Reds")
    assert refused(root_key, TEAM, i={"name": "x", "key": "the-reds"}).startswith("key")
    given = {"key": "reader", "name": "Reader", "permissions": ["interaction:read"]}
    assert ask(root_key, ROLE, i=given)["permissions"] == ["interaction:read"]
    assert refused(root_key, ROLE, i=given)
    wrong = {"key": "w", "name": "W", "permissions": ["everything"]}
    assert "interaction:read" in refused(root_key, ROLE, i=wrong)
    assert verbs_told("team.added", "role.added")


def test_nobody_else_manages_people(project: Project, alice_key: str, bob: User) -> None:
    before = User.objects.count(), Membership.objects.count()
    for query, given in (
        (ADD, {"i": {"email": "d@example.org", "name": "D", "teams": []}}),
        (REMOVE, {"u": "bob@example.org"}),
        (SEAT, {"i": {"user": "bob@example.org", "team": "maple-owners", "role": "owner"}}),
        (UNSEAT, {"i": {"user": "bob@example.org", "team": "maple-owners"}}),
        (TEAM, {"i": {"name": "T"}}),
        (ROLE, {"i": {"name": "R", "permissions": []}}),
    ):
        assert refused(alice_key, query, **given) == "only administrators may manage people"
    assert (User.objects.count(), Membership.objects.count()) == before


def test_nobody_removes_themselves(root_key: str) -> None:
    assert "themselves" in refused(root_key, REMOVE, u="root@example.org")


def test_old_clients_ask_for_a_users_keys_and_get_none(root_key: str) -> None:
    query = "{ me { apiKeys { key createdAt } user { email } } }"
    assert ask(root_key, query) == {"apiKeys": [], "user": {"email": "root@example.org"}}
