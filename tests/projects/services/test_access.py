"""Who may see and do what in a project."""

import pytest
from django.utils import timezone

from adaptive_site.lib.errors import Forbidden, Invalid, NotFound, Unauthenticated
from projects.models import ApiKey, Project, User
from projects.services import api_keys, llms, metrics, people
from projects.services import projects as projects_service
from projects.services.access import (
    ACT_FOR,
    CREATE,
    MANAGE,
    PERMISSIONS,
    Caller,
    authenticate,
    project_for,
)
from tests.make import make_key, make_llm, make_metric, make_project, make_team, make_user, share


def test_the_owner_may_do_everything_in_her_project(alice: User, project: Project) -> None:
    for permission in set(PERMISSIONS) - {ACT_FOR}:
        assert project_for(Caller(alice), "maple", permission) == project


def test_a_member_may_write_but_not_manage(bob: User, project: Project) -> None:
    assert project_for(Caller(bob), str(project.uuid), CREATE) == project
    with pytest.raises(Forbidden, match="project:manage"):
        project_for(Caller(bob), "maple", MANAGE)


def test_a_stranger_cannot_tell_a_project_from_none(charlie: User, project: Project) -> None:
    with pytest.raises(NotFound) as theirs:
        project_for(Caller(charlie), "maple")
    with pytest.raises(NotFound) as absent:
        project_for(Caller(charlie), "no-such-project")
    assert str(theirs.value) == str(absent.value)


@pytest.mark.parametrize("name", ["", "a\0b", "ünï", "x" * 5000, "%", "../etc"])
def test_a_name_that_no_project_can_have_is_not_found(alice: User, name: str) -> None:
    with pytest.raises(NotFound):
        project_for(Caller(alice), name)


@pytest.mark.parametrize("name", ["a\0b", "no-such"])
def test_a_name_that_no_model_or_metric_can_have_is_not_found(project: Project, name: str) -> None:
    with pytest.raises(NotFound):
        llms.attached(project, name)
    with pytest.raises(NotFound):
        metrics.known(project, name)


def test_an_administrator_may_do_everything_everywhere(project: Project) -> None:
    root = Caller(User.objects.create_superuser("root@example.org", "x"))
    assert project_for(root, "maple", MANAGE) == project
    assert list(Project.objects.visible_to(root)) == [project]


def test_everyone_sees_their_own_projects_by_name(
    alice: User, bob: User, charlie: User, project: Project, charlies_project: Project
) -> None:
    acorn = make_project("acorn", owner=alice)
    assert list(Project.objects.visible_to(Caller(alice))) == [acorn, project]
    assert list(Project.objects.visible_to(Caller(bob))) == [project]
    assert list(Project.objects.visible_to(Caller(charlie))) == [charlies_project]


def test_the_role_in_the_team_and_the_share_bound_each_other(project: Project) -> None:
    dora = make_user("dora")
    team = make_team("readers", {dora: "owner"})
    projects_service.share(project, team=team, role=people.role("viewer"))
    with pytest.raises(Forbidden):
        project_for(Caller(dora), "maple", CREATE)
    eve = make_user("eve")
    people.join(eve, team=make_team("maple-owners"), role=people.role("viewer"))
    with pytest.raises(Forbidden):
        project_for(Caller(eve), "maple", CREATE)


def test_two_teams_add_up(project: Project) -> None:
    dora = make_user("dora")
    share(project, dora, "viewer")
    share(project, dora, "editor")
    assert project_for(Caller(dora), "maple", CREATE) == project


def test_permissions_are_asked_for_once(
    bob: User, project: Project, django_assert_num_queries: object
) -> None:
    caller = Caller(bob)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert all(caller.may(CREATE, project) for _ in range(3))


def test_a_key_stands_for_its_user(alice: User) -> None:
    secret = make_key(alice)
    assert authenticate(f"Bearer {secret}").user == alice
    assert authenticate(f"bearer  {secret} ").user == alice


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "as-123", "Bearer wrong", "Bearer é\x80"]
)
@pytest.mark.django_db
def test_no_other_header_does(header: str) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(header)


def test_a_revoked_key_and_one_of_someone_gone_are_refused(alice: User) -> None:
    revoked, kept = make_key(alice), make_key(alice)
    digest = api_keys.digest_of(revoked)
    ApiKey.objects.filter(digest=digest).update(revoked_at=timezone.now())
    with pytest.raises(Unauthenticated):
        authenticate(f"Bearer {revoked}")
    assert authenticate(f"Bearer {kept}").user == alice
    alice.is_active = False
    alice.save()
    with pytest.raises(Unauthenticated):
        authenticate(f"Bearer {kept}")


def test_a_given_secret_makes_one_key_and_is_not_stored(alice: User) -> None:
    assert make_key(alice, "a-secret-of-mine") == make_key(alice, "a-secret-of-mine")
    (key,) = ApiKey.objects.all()
    assert "a-secret-of-mine" not in str(vars(key))


@pytest.mark.parametrize("key", ["maple", "", "with space", "a/b", "x" * 101])
def test_a_project_key_is_a_slug_not_yet_taken(project: Project, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        projects_service.create(key=key, name="Another")
    assert caught.value.field == "key"


def test_models_and_metrics_are_found_in_their_project_alone(
    project: Project, charlies_project: Project
) -> None:
    llm, metric = make_llm(project, "gpt-4o"), make_metric(project, "helpful")
    assert llms.attached(project, "gpt-4o") == llms.attached(project, str(llm.uuid)) == llm
    assert metrics.known(project, "helpful") == metrics.known(project, str(metric.uuid)) == metric
    with pytest.raises(NotFound):
        llms.attached(charlies_project, "gpt-4o")
    with pytest.raises(NotFound):
        metrics.known(charlies_project, "helpful")


def test_models_are_attached_once_however_often_they_are_named(project: Project) -> None:
    first = llms.attach_all(project, ["b", "a", "b"])
    assert llms.attach_all(project, ["a", "b", "c"])["a"] == first["a"]
    keys = project.llm_links.values_list("llm__key", flat=True)
    assert sorted(keys) == ["a", "b", "c", "echo"]
