"""API keys that permit less than their user may."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from adaptive_site.lib.errors import Forbidden, NotFound, Unauthenticated
from projects.models import ApiKey, Metric, Project, Team, User
from projects.services import metrics, people
from projects.services.access import (
    CREATE,
    DELETE,
    PERMISSIONS,
    READ,
    Caller,
    authenticate,
    project_for,
)
from tests.make import make_key, make_metric, make_project, make_user


def caller_with(user: User, **scope: object) -> Caller:
    """Who comes in by a new key of `user` that is narrowed so."""
    secret = make_key(user)
    key = ApiKey.objects.filter(user=user).latest("id")
    key.projects.set(scope.pop("projects", ()))  # type: ignore[arg-type]
    ApiKey.objects.filter(id=key.id).update(**scope)
    return authenticate(f"Bearer {secret}")


def test_a_key_of_some_permissions_has_no_others(alice: User, project: Project) -> None:
    logger = caller_with(alice, permissions=[READ, CREATE])
    assert project_for(logger, "maple", CREATE) == project
    with pytest.raises(Forbidden, match="interaction:delete"):
        project_for(logger, "maple", DELETE)


def test_a_key_gives_nothing_that_its_user_may_not(bob: User, project: Project) -> None:
    assert not caller_with(bob, permissions=list(PERMISSIONS)).may(DELETE, project)


def test_of_other_projects_a_key_for_one_sees_nothing(alice: User, project: Project) -> None:
    oak = make_project("oak", owner=alice)
    caller = caller_with(alice, is_for_every_project=False, projects=[oak])
    assert list(Project.objects.visible_to(caller)) == [oak]
    with pytest.raises(NotFound):
        project_for(caller, "maple")
    oak.delete()
    caller = Caller(alice, ApiKey.objects.get(id=caller.key.id))  # type: ignore[union-attr]
    assert list(Project.objects.visible_to(caller)) == []  # and never all of them


@pytest.mark.parametrize("scope", [{"permissions": [READ]}, {"is_for_every_project": False}])
def test_by_a_scoped_key_nobody_is_an_administrator(
    project: Project, scope: dict[str, object]
) -> None:
    root = make_user("root", is_superuser=True)
    oak = make_project("oak")
    caller = caller_with(root, projects=[oak], **scope)
    assert not caller.is_administrator
    assert not caller.may_create_projects
    assert caller.may(READ, oak)
    assert caller.may(READ, project) == ("permissions" in scope)
    assert caller.may(DELETE, oak) == ("permissions" not in scope)
    with pytest.raises(Forbidden):
        caller.check_administrator("manage people")
    assert caller_with(root).is_administrator


def test_a_key_for_one_project_lists_nobody_of_another(
    alice: User, bob: User, project: Project
) -> None:
    oak = make_project("oak", owner=alice)
    dora = make_user("dora")
    maples = Team.objects.get(key="maple-owners")
    people.join(dora, team=maples, role=people.role("owner"))
    whole, caller = (
        caller_with(alice),
        caller_with(alice, is_for_every_project=False, projects=[oak]),
    )
    assert dora in User.objects.visible_to(whole) and maples in Team.objects.visible_to(whole)
    assert list(User.objects.visible_to(caller)) == [alice]
    assert [team.key for team in Team.objects.visible_to(caller)] == ["oak-owners"]


def test_a_key_for_one_project_copies_no_metric_of_another(alice: User, project: Project) -> None:
    secret = make_metric(project, "secret")
    oak = make_project("oak", owner=alice)
    with pytest.raises(NotFound):
        metrics.link(
            oak,
            str(secret.uuid),
            caller=caller_with(alice, is_for_every_project=False, projects=[oak]),
        )
    assert not Metric.objects.in_project(oak).filter(key="secret").exists()
    assert metrics.link(oak, str(secret.uuid), caller=Caller(alice)).key == "secret"


def test_an_expired_key_opens_nothing(alice: User, project: Project) -> None:
    now = timezone.now()
    assert caller_with(alice, expires_at=now + timedelta(hours=1)).user == alice
    with pytest.raises(Unauthenticated, match="expired"):
        caller_with(alice, expires_at=now - timedelta(seconds=1))


def test_what_a_use_writes_is_no_change_of_rights(db: None) -> None:
    query = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'tell_projects_changed'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        told = {table for (table,) in cursor}
    assert "projects_apikey" in told
    assert "projects_apikeyuse" not in told
