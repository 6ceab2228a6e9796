"""Addresses of people and projects."""

from django.contrib.auth.views import LogoutView, PasswordChangeDoneView
from django.urls import path

from adaptive_site.lib.http.late_view import late_view
from projects.web import account, connect, keys, projects, second_factor, theme, time_zone

_PROJECT = "projects/<slug:key>/"

urlpatterns = [
    path("", projects.projects, name="projects"),
    path("login/", account.LogIn.as_view(), name="login"),
    path("login/code/", second_factor.code, name="second-factor-login"),
    path("account/second-factor/", second_factor.setting, name="second-factor"),
    path("account/second-factor/on/", second_factor.turn_on, name="second-factor-on"),
    path("account/second-factor/off/", second_factor.turn_off, name="second-factor-off"),
    path(
        "account/second-factor/qr.svg",
        late_view("projects.web.second_factor_picture.picture"),
        name="second-factor-picture",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/password/", account.ChangePassword.as_view(), name="password_change"),
    path("account/password/done/", PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("keys/", keys.keys, name="keys"),
    path("theme/", theme.choose, name="theme"),
    path("account/time-zone/", time_zone.time_zone, name="time_zone"),
    path(f"{_PROJECT}connect/", connect.connect, name="connect"),
    path(f"{_PROJECT}connect/keys/", connect.make_key, name="make-key"),
    path(f"{_PROJECT}connect/keys/<int:id>/revoke/", connect.revoke_key, name="revoke-key"),
]
