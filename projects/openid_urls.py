"""Addresses of signing in with a provider, there only where one is configured."""

from django.urls import path

from adaptive_site.lib.http.late_view import late_view

urlpatterns = [
    # With Authlib: 0.3 s of processor time and 12 MB.
    path("", late_view("projects.web.openid.begin"), name="openid"),
    path("back/", late_view("projects.web.openid.back"), name="openid-back"),
]
