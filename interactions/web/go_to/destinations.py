"""Where one may go, and what one may do, from anywhere: pages, actions, views and projects."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from interactions.services.browsing import saved_views
from interactions.web.filtering.links import link_to_view
from interactions.web.go_to.open_page import OpenPage
from projects.models import Project, User
from projects.services.access import CREATE, MANAGE, Caller

FILTERED_PAGES = {
    "interactions": "Interactions", "sessions": "Sessions", "groups": "Groups", "pairs": "Pairs",
    "review": "Review", "images": "Images", "feedback": "Feedback",
}  # fmt: skip
SETTINGS_PAGES = {
    "datasets": "Datasets", "jobs": "Jobs", "settings": "Settings", "models": "Models",
    "metrics": "Metrics", "connect": "Connect", "bulk-actions": "Activity", "views": "Manage views",
}  # fmt: skip
THEMES = {
    "light": "Switch to the light theme",
    "dark": "Switch to the dark theme",
    "auto": "Use the system’s theme",
}
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Destination:
    """A link to somewhere, or with `fields` a form: its name, what it is, and its project.

    `words` are others by which it is found.
    """

    name: str
    kind: str
    link: str
    project: str = ""
    words: str = ""
    fields: Fields = ()


def pages(project: Project, page: OpenPage) -> Iterator[Destination]:
    """The pages of a project; those that have a filter keep that of the page one is on."""
    for url_name, title in (FILTERED_PAGES | SETTINGS_PAGES).items():
        query = page.filter.removesuffix("?") if url_name in FILTERED_PAGES else ""
        words = url_name.replace("-", " ")
        yield Destination(title, "page", _page(project, url_name) + query, project.name, words)


def project_actions(caller: Caller, project: Project, page: OpenPage) -> Iterator[Destination]:
    """What the caller may do in a project with what the filter matches, or to set it up."""
    saving = f"{_page(project, 'view-menu')}{page.list.removesuffix('?')}#view-name"
    export = (("query", page.filter), ("of", "all"), ("action", "export"))
    for name, link, words, fields in (
        ("Save this view", saving, "new view filter columns", ()),
        ("Export all that match", _page(project, "selections"), "download jsonl file", export),
        ("New API key", f"{_page(project, 'connect')}#api-key", "create make connect", ()),
    ):
        yield Destination(name, "action", link, project.name, words, fields)
    if caller.may(CREATE, project):
        words = "upload drop csv jsonl json parquet langfuse phoenix langsmith"
        yield Destination("Import a file", "action", _page(project, "import"), project.name, words)
    if caller.may(MANAGE, project):
        for name, link in (
            ("Register a model", f"{_page(project, 'models')}#register"),
            ("Create a metric", f"{_page(project, 'metrics')}#create"),
        ):
            yield Destination(name, "action", link, project.name, "new add")


def views(project: Project, user: User) -> Iterator[Destination]:
    """The saved views of a project that `user` may open."""
    for view in saved_views.kept(project, user=user).views:
        yield Destination(view.name, "saved view", link_to_view(view), project.name)


def project(one: Project) -> Destination:
    """A project, that is its interactions."""
    return Destination(one.name, f"project {one.key}", _page(one, "interactions"))


def everywhere(user: User, page: OpenPage, theme: str) -> Iterator[Destination]:
    """What belongs to no project; `theme` is the one that was chosen, "" for the system's."""
    for name, words in THEMES.items():
        if name != (theme or "auto"):
            fields = (("theme", name), ("next", page.address))
            yield Destination(words, "action", reverse("theme"), words="colours", fields=fields)
    yield Destination("All projects", "page", reverse("projects"))
    yield Destination("Keyboard shortcuts", "page", reverse("keys"), words="keys help")
    yield Destination("Time zone", "page", reverse("time_zone"), words="utc clock")
    yield Destination("Change your password", "page", reverse("password_change"))
    if user.is_superuser:
        yield Destination("Admin console", "page", reverse("admin:index"))


def _page(project: Project, url_name: str) -> str:
    return reverse(url_name, kwargs={"key": project.key})
