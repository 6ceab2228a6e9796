"""What owners, administrators and people with an account do about people, for the log to tell."""

import time
from typing import Any

import pyotp
from django.test import Client

from projects.models import ApiKey, User
from projects.services.signing_in import passwords
from tests import make
from tests.interactions.doors.people_there import people_of
from tests.interactions.web.auditing.doors import Doors


def owning(doors: Doors) -> None:
    """An owner changes who is in a project and its teams, which keys open it, and leaves."""
    ids = people_of(doors.project, doors.alice)
    person, invited = f"people/{ids['person']}", f"people/invitations/{ids['invitation']}"
    doors.post(f"{invited}/renew/")
    doors.post(f"{invited}/revoke/")
    doors.post(f"{person}/role/", role="editor")
    doors.post(f"{person}/remove/")
    doors.post(f"people/teams/{ids['team_share']}/", role="editor")
    key = ApiKey.objects.filter(user=doors.alice).latest("id")
    doors.post(f"keys/{key.id}/shut-out/")
    doors.post(f"keys/{key.id}/shut-out/", open="1")
    of_team = f"/teams/{ids['team']}"
    _send(doors.client, f"{of_team}/rename/", name="Other")
    _send(doors.client, f"{of_team}/members/{ids['team_member']}/", remove="1")
    doors.post("settings/name/", name="Maples", description="")
    doors.post("settings/archive/")
    doors.post("settings/archive/", restore="1")
    make.share(doors.project, make.make_user("another"), "owner")
    doors.post("people/leave/")


def administering(doors: Doors) -> None:
    """An administrator changes roles, teams, and people of the site."""
    ids = people_of(doors.project, doors.alice)
    User.objects.filter(pk=doors.alice.pk).update(is_superuser=True, is_staff=True)
    role = f"/console/roles/{ids['role']}/"
    _send(doors.client, role, name="Auditors", permissions=["audit:read"])
    _send(doors.client, f"{role}remove/")
    _send(doors.client, "/console/teams/", name="Empty")
    _send(doors.client, "/teams/empty/rename/", remove="1")
    person = User.objects.get(uuid=ids["person"])
    _phone(person)
    for do in (
        "link", "second-factor", "sign-out", "promote", "demote", "deactivate", "reactivate"
    ):  # fmt: skip
        _send(doors.client, f"/console/people/{person.uuid}/", do=do)


def ones_own(doors: Doors) -> None:
    """A second step turned on, a recovery code used up, turned off; a new password by a link."""
    codes = _phone(doors.alice)
    fresh = Client()
    mine = {"username": doors.alice.email, "password": make.PASSWORD}
    _send(fresh, "/login/", **mine)
    _send(fresh, "/login/code/", code=codes.pop())
    _send(fresh, "/account/second-factor/off/", code=codes.pop())
    user, token = passwords.link_for(User.objects.get(pk=doors.alice.pk))
    new = {"password": "another horse battery", "revokes_keys": "1"}
    _send(Client(), f"/account/new-password/{user}/{token}/", **new)


def _send(client: Client, path: str, **data: Any) -> Any:
    answer = client.post(path, data)
    assert answer.status_code in (200, 302), (path, answer.status_code, answer.text[:300])
    return answer


def _phone(user: User) -> list[str]:
    """Turn the second step on, in a browser of theirs; the recovery codes."""
    browser = Client()
    browser.force_login(user)
    browser.get("/account/second-factor/")
    code = pyotp.TOTP(browser.session["second_factor_secret"]).at(int(time.time()))
    made = _send(browser, "/account/second-factor/on/", code=code)
    return list(made.context["codes"])


PEOPLE_WALK = [
    (
        owning,
        {
            "invitation.renewed", "invitation.revoked", "project.role_set",
            "project.person_removed", "project.team_set", "key.shut_out", "key.let_in",
            "team.renamed", "team.left", "project.renamed", "project.archived",
            "project.restored", "project.left",
        },
    ),
    (
        administering,
        {
            "role.changed", "role.removed", "team.removed", "user.password_link_made",
            "user.second_factor_removed", "user.signed_out", "user.administrator_set",
            "user.deactivated", "user.activated",
        },
    ),
    (
        ones_own,
        {
            "user.second_factor_on", "user.recovery_code_used", "user.second_factor_off",
            "user.password_reset", "key.all_revoked",
        },
    ),
]  # fmt: skip
