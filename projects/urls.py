"""Addresses of people and projects."""

from django.conf import settings
from django.contrib.auth.views import PasswordChangeDoneView
from django.urls import include, path

from adaptive_site.lib.http.late_view import late_view
from projects.web import (
    account,
    connect,
    forgotten_password,
    keys,
    second_factor,
    theme,
    time_zone,
)
from projects.web.api_keys import own
from projects.web.api_keys import project as project_keys
from projects.web.people import invitation, roles, teams, users
from projects.web.people import project as people

_PROJECT = "projects/<slug:key>/"
_PEOPLE = f"{_PROJECT}people/"
_KEYS = f"{_PROJECT}keys/"
_ACCOUNT = f"{_KEYS}accounts/<uuid:id>/"
_TEAM = "teams/<slug:key>/"

urlpatterns = [
    path("login/", account.LogIn.as_view(), name="login"),
    path("logout/", account.LogOut.as_view(), name="logout"),
    path("login/code/", second_factor.code, name="second-factor-login"),
    *([path("login/openid/", include("projects.openid_urls"))] if settings.OPENID else []),
    path("account/second-factor/", second_factor.setting, name="second-factor"),
    path("account/second-factor/on/", second_factor.turn_on, name="second-factor-on"),
    path("account/second-factor/off/", second_factor.turn_off, name="second-factor-off"),
    path(
        "account/second-factor/qr.svg",
        late_view("projects.web.second_factor_picture.picture"),
        name="second-factor-picture",
    ),
    path("account/password/", account.ChangePassword.as_view(), name="password_change"),
    path("account/password/done/", PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("account/forgotten/", forgotten_password.forgotten, name="forgotten_password"),
    path(
        "account/new-password/<str:user>/<str:token>/",
        forgotten_password.new_password,
        name="new_password",
    ),
    path("account/sign-out/", account.sign_out_everywhere, name="sign_out_everywhere"),
    path("account/keys/", own.own_keys, name="own_keys"),
    path("account/keys/<int:id>/revoke/", own.revoke_own, name="revoke-own-key"),
    path("invitations/<str:secret>/", invitation.invitation, name="invitation"),
    path("console/people/", users.users, name="console-people"),
    path("console/people/<uuid:id>/", users.change, name="change-user"),
    path(
        "console/people/invitations/<int:id>/revoke/",
        users.revoke_any,
        name="revoke-any-invitation",
    ),
    path("console/roles/", roles.roles, name="console-roles"),
    path("console/roles/<slug:key>/", roles.role, name="console-role"),
    path("console/roles/<slug:key>/remove/", roles.remove_role, name="remove-role"),
    path("console/teams/", teams.teams, name="console-teams"),
    path(_TEAM, teams.team, name="team"),
    path(f"{_TEAM}rename/", teams.rename, name="rename-team"),
    path(f"{_TEAM}invite/", teams.invite, name="invite-to-team"),
    path(f"{_TEAM}invitations/<int:id>/revoke/", teams.revoke, name="revoke-team-invitation"),
    path(f"{_TEAM}members/<uuid:id>/", teams.seat, name="seat"),
    path("keys/", keys.keys, name="keys"),
    path("theme/", theme.choose, name="theme"),
    path("account/time-zone/", time_zone.time_zone, name="time_zone"),
    path(f"{_PROJECT}connect/", connect.connect, name="connect"),
    path(f"{_PROJECT}connect/keys/", connect.make_key, name="make-key"),
    path(f"{_PROJECT}connect/keys/<int:id>/revoke/", connect.revoke_key, name="revoke-key"),
    path(_PEOPLE, people.people, name="people"),
    path(f"{_PEOPLE}invite/", people.invite, name="invite"),
    path(f"{_PEOPLE}leave/", people.leave, name="leave-project"),
    path(f"{_PEOPLE}invitations/<int:id>/renew/", people.renew, name="renew-invitation"),
    path(f"{_PEOPLE}invitations/<int:id>/revoke/", people.revoke, name="revoke-invitation"),
    path(f"{_PEOPLE}teams/<int:id>/", people.set_team, name="set-team-role"),
    path(f"{_PEOPLE}<uuid:id>/role/", people.set_role, name="set-person-role"),
    path(f"{_PEOPLE}<uuid:id>/remove/", people.remove, name="remove-person"),
    path(_KEYS, project_keys.project_keys, name="project-keys"),
    path(f"{_KEYS}<int:id>/shut-out/", project_keys.shut_out, name="shut-out-key"),
    path(f"{_KEYS}accounts/", project_keys.make_account, name="make-account"),
    path(f"{_ACCOUNT}key/", project_keys.renew_key, name="renew-account-key"),
    path(f"{_ACCOUNT}remove/", project_keys.remove_account, name="remove-account"),
]
