"""The people of a project: changed by who may, and an owner always stays."""

import pytest

from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from projects.models import Membership, Project, ProjectShare, User
from projects.services import people, project_sharing, user_admin
from projects.services.access import DELETE, LABEL, MANAGE, READ, Caller
from projects.services.membership import project_people as service
from projects.services.membership import teams
from projects.services.membership.rules import owners
from projects.services.project_sharing import Share
from tests import make


def here(project: Project, user: User) -> service.PersonHere:
    return service.person(project, user.uuid)


@pytest.fixture
def vera(project: Project) -> User:
    user = make.make_user("vera")
    service.put(project, user, people.role("viewer"))
    return user


def test_what_each_may_is_what_all_their_teams_let_them(
    alice: User, bob: User, vera: User, project: Project
) -> None:
    found = {one.user: one for one in service.everybody(project)}
    assert found.keys() == {alice, bob, vera}
    assert found[vera].role_name == "Viewer"
    assert found[vera].permissions == ["project:read", READ]
    make.share(project, vera, "annotator")
    again = here(project, vera)
    assert LABEL in again.permissions
    assert (again.direct is not None, len(again.teams)) == (True, 1)


def test_a_role_is_changed_and_taken_away(alice: User, vera: User, project: Project) -> None:
    service.set_role(Caller(alice), project, here(project, vera), people.role("editor"))
    assert Caller(vera).may(LABEL, project)
    assert here(project, vera).role_name == "Editor"
    assert Membership.objects.filter(user=vera).count() == 1
    service.remove(Caller(alice), project, here(project, vera))
    assert not Caller(vera).permissions
    with pytest.raises(NotFound):
        here(project, vera)


def test_nobody_gives_or_takes_more_than_they_have(
    alice: User, vera: User, project: Project
) -> None:
    steward = make.make_user("stew")
    role = user_admin.add_role(
        Caller(make.make_user("root", is_superuser=True)),
        name="Steward",
        permissions=["project:read", READ, MANAGE],
    )
    service.put(project, steward, role)
    olga = make.make_user("olga")
    service.put(project, olga, people.role("owner"))
    caller = Caller(steward)
    for target, wanted in ((vera, "editor"), (olga, "viewer"), (steward, "owner")):
        with pytest.raises(Forbidden, match="permits what you may not"):
            service.set_role(caller, project, here(project, target), people.role(wanted))
    with pytest.raises(Forbidden):
        service.remove(caller, project, here(project, olga))
    service.remove(caller, project, here(project, vera))
    assert not Caller(olga).permissions.keys() ^ {project.id}
    with pytest.raises(Forbidden, match="project:manage"):
        service.remove(Caller(make.make_user("eve")), project, here(project, steward))


def test_the_last_owner_stays(project: Project, alice: User, bob: User) -> None:
    def share() -> ProjectShare:
        return ProjectShare.objects.in_project(project).get(is_owner=True)

    caller = Caller(alice)
    for change in (
        lambda: service.set_team_role(caller, project, share(), people.role("viewer")),
        lambda: service.set_team_role(caller, project, share(), None),
        lambda: service.leave(caller, project),
        lambda: teams.unseat(caller, share().team, alice),
        lambda: project_sharing.replace(
            caller, project, [Share(make.make_team("empty", {bob: "viewer"}).key, "owner", True)]
        ),
    ):
        with pytest.raises((Invalid, NotFound)):
            change()
        assert share()
        assert owners(project) == {alice.id}
    service.put(project, bob, people.role("owner"))
    service.leave(caller, project)
    assert owners(project) == {bob.id}
    assert not Caller(alice).permissions
    with pytest.raises(Invalid, match="needs an owner"):
        service.set_role(Caller(bob), project, here(project, bob), people.role("viewer"))


def test_a_service_account_is_no_owner(project: Project, alice: User) -> None:
    robot = make.make_user("robot", is_service_account=True)
    service.put(project, robot, people.role("owner"))
    with pytest.raises(Invalid, match="needs an owner"):
        service.leave(Caller(alice), project)


def test_who_is_in_by_a_team_is_changed_there(alice: User, bob: User, project: Project) -> None:
    with pytest.raises(Invalid, match="team"):
        service.remove(Caller(alice), project, here(project, bob))
    share = next(one for one in service.team_shares(project) if one.role.key == "editor")
    service.set_team_role(Caller(alice), project, share, people.role("annotator"))
    assert LABEL in Caller(bob).permissions[project.id]
    assert DELETE not in Caller(bob).permissions[project.id]


def test_a_team_is_changed_by_who_manages_all_its_projects(
    alice: User, bob: User, vera: User, project: Project
) -> None:
    team = make.make_team("reds", {alice: "owner", bob: "editor"})
    project.shares.create(team=team, role=people.role("editor"))
    teams.seat(Caller(alice), team, vera, people.role("annotator"))
    with pytest.raises(Forbidden):
        teams.seat(Caller(bob), team, vera, people.role("viewer"))
    birch = make.make_project("birch", owner=bob)
    birch.shares.create(team=team, role=people.role("viewer"))
    with pytest.raises(Forbidden, match="may not change this team"):  # she manages not birch
        teams.seat(Caller(alice), team, vera, people.role("viewer"))
    teams.unseat(Caller(vera), team, vera)  # oneself always may
    with pytest.raises(NotFound):
        teams.unseat(Caller(vera), team, vera)


def test_teams_that_one_does_not_know_look_like_none(
    alice: User, charlie: User, project: Project
) -> None:
    make.make_team("secret", {charlie: "owner"})
    owner = Share("maple-owners", "owner", is_owner=True)
    said = []
    for key in ("secret", "absent"):
        with pytest.raises(NotFound) as error:
            project_sharing.replace(Caller(alice), project, [owner, Share(key, "viewer")])
        said.append(str(error.value))
    assert said[0] == said[1]
