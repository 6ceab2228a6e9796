"""Invitations: a link works once, for whom it was made, while who made it may still give that."""

from datetime import timedelta

import pytest
from django.utils import timezone

from adaptive_site.lib.errors import Forbidden, Gone, Invalid, NotFound
from projects.models import Event, Invitation, Project, Role, User
from projects.services import people
from projects.services.access import DELETE, MANAGE, READ, Caller
from projects.services.membership import invitations, project_people
from projects.services.membership.invitations import InvitedTo
from tests import make

PASSWORD = "a walk in the woods"


def invite(
    by: User, project: Project, role: str = "viewer", email: str = "vera@example.org"
) -> str:
    place = InvitedTo(project, role=people.role_named(role))
    return invitations.invite(Caller(by), email, place)[1]


def test_a_newcomer_gets_an_account_and_the_role(alice: User, project: Project) -> None:
    secret = invite(alice, project, email="Vera@EXAMPLE.org")
    vera = invitations.accept(secret, by=None, name="Vera", password=PASSWORD)
    assert vera.email == "Vera@example.org"
    assert vera.check_password(PASSWORD)
    caller = Caller(vera)
    assert caller.may(READ, project)
    assert not caller.may(DELETE, project)
    assert not caller.may_create_projects
    verbs = list(Event.objects.in_project(project).values_list("verb", flat=True))
    assert {"invitation.made", "invitation.accepted"} <= set(verbs)
    assert secret not in str(list(Event.objects.in_project(project).values_list("details")))
    with pytest.raises(Gone, match="accepted already"):
        invitations.accept(secret, by=None, name="Vera", password=PASSWORD)


def test_who_has_an_account_logs_in_and_joins(alice: User, charlie: User, project: Project) -> None:
    secret = invite(alice, project, email="CHARLIE@example.org")
    with pytest.raises(Forbidden, match="log in"):
        invitations.accept(secret, by=None, name="Evil", password=PASSWORD)
    with pytest.raises(Forbidden, match="another address"):
        invitations.accept(secret, by=make.make_user("eve"), password="")
    assert invitations.accept(secret, by=charlie) == charlie
    assert Caller(charlie).may(READ, project)


def test_a_link_that_ended_opens_nothing(alice: User, bob: User, project: Project) -> None:
    make.share(project, bob, "owner")
    for n, end in enumerate(("expire", "revoke", "renew", "inviter")):
        secret = invite(bob, project, email=f"v{n}@example.org")
        made = Invitation.objects.in_project(project).latest("id")
        if end == "expire":
            made.expires_at = timezone.now() - timedelta(seconds=1)
            made.save()
        elif end == "revoke":
            invitations.revoke(Caller(alice), made)
        elif end == "renew":
            assert invitations.renew(Caller(alice), made) != secret
        else:
            bob.memberships.all().delete()  # what he may no longer give, his links do not
        with pytest.raises(NotFound if end == "renew" else Gone):
            invitations.accept(secret, by=None, name="V", password=PASSWORD)
    assert not User.objects.filter(email__startswith="v").exists()


def test_nobody_invites_to_more_than_they_may(alice: User, bob: User, project: Project) -> None:
    with pytest.raises(Forbidden):
        invite(bob, project)
    more = Role.objects.create(key="proxy", name="Proxy", permissions=[READ, "user:act_for"])
    with pytest.raises(Forbidden, match="permits what you may not"):
        invite(alice, project, more.key)
    with pytest.raises(Forbidden, match="only administrators"):
        invitations.invite(Caller(alice), "a@example.org", InvitedTo())


@pytest.mark.parametrize("email", ["", "vera", "vera@", "a@b@c", "ci@system.adaptive.local", "\0"])
def test_an_address_that_is_none_is_refused(alice: User, project: Project, email: str) -> None:
    with pytest.raises(Invalid, match="email"):
        invite(alice, project, email=email)
    assert not Invitation.objects.in_project(project).exists()


def test_who_is_in_the_project_is_not_invited_and_others_look_alike(
    alice: User, bob: User, charlie: User, project: Project
) -> None:
    with pytest.raises(Invalid, match="already"):
        invite(alice, project, email="BOB@example.org")
    invite(alice, project, email=charlie.email)  # an account, or none: the same
    invite(alice, project, email="nobody@example.org")


def test_a_second_invitation_ends_the_first(alice: User, project: Project) -> None:
    first = invite(alice, project)
    invite(alice, project, "editor")
    assert [one.role.key for one in invitations.pending(project) if one.role] == ["editor"]
    with pytest.raises(Gone, match="revoked"):
        invitations.accept(first, by=None, name="V", password=PASSWORD)


@pytest.mark.parametrize(("name", "password"), [("", PASSWORD), ("Vera", "12345678"), ("V", "")])
def test_a_simple_password_leaves_the_link_open(
    alice: User, project: Project, name: str, password: str
) -> None:
    secret = invite(alice, project)
    with pytest.raises(Invalid):
        invitations.accept(secret, by=None, name=name, password=password)
    assert not User.objects.filter(email="vera@example.org").exists()
    assert invitations.accept(secret, by=None, name="Vera", password=PASSWORD)


def test_a_deactivated_person_does_not_come_back_by_a_link(
    alice: User, charlie: User, project: Project
) -> None:
    charlie.is_active = False
    charlie.save()
    secret = invite(alice, project, email=charlie.email)
    with pytest.raises(Forbidden):
        invitations.accept(secret, by=None, name="C", password=PASSWORD)


def test_an_invitation_to_an_archived_project_still_opens_it(alice: User, project: Project) -> None:
    project.archived_at = timezone.now()
    project.save()
    vera = invitations.accept(invite(alice, project), by=None, name="V", password=PASSWORD)
    assert [one.role_name for one in project_people.everybody(project) if one.user == vera] == [
        "Viewer"
    ]
    assert not Caller(vera).may(MANAGE, project)
