"""People, teams, roles, keys, projects, models and metrics: who and where."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """The app `projects`."""

    name = "projects"
    verbose_name = "Projects and people"
