"""Addresses of people and projects."""

from django.contrib.auth.views import PasswordChangeDoneView
from django.urls import path

from projects.web import account, connect, keys, projects, theme, time_zone

_PROJECT = "projects/<slug:key>/"

urlpatterns = [
    path("", projects.projects, name="projects"),
    path("login/", account.LogIn.as_view(), name="login"),
    path("logout/", account.LogOut.as_view(), name="logout"),
    path("account/password/", account.ChangePassword.as_view(), name="password_change"),
    path("account/password/done/", PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("keys/", keys.keys, name="keys"),
    path("theme/", theme.choose, name="theme"),
    path("account/time-zone/", time_zone.time_zone, name="time_zone"),
    path(f"{_PROJECT}connect/", connect.connect, name="connect"),
    path(f"{_PROJECT}connect/keys/", connect.make_key, name="make-key"),
    path(f"{_PROJECT}connect/keys/<int:id>/revoke/", connect.revoke_key, name="revoke-key"),
]
