"""The site's addresses with those of a provider, which the tests' settings have none of."""

from django.urls import include, path

from adaptive_site import urls

handler500 = urls.handler500
urlpatterns = [path("login/openid/", include("projects.openid_urls")), *urls.urlpatterns]
