"""Addresses of people and projects."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from projects.web import projects, theme

urlpatterns = [
    path("", projects.projects, name="projects"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("theme/", theme.choose, name="theme"),
]
