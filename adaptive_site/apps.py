"""The roof: the process, its settings and its addresses."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The app `adaptive_site`; it has commands and no models."""

    name = "adaptive_site"
    verbose_name = "Site"
