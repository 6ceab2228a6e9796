"""Saved views of the list: private, shared, or opened by default."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from adaptive_site.lib.database.model_rows import ModelRows
from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.models import ListPreference, SavedView
from projects.models import Project, User
from projects.services import audit
from projects.services.access import LABEL, MANAGE, Caller

LONGEST_VIEW_NAME = 100
LONGEST_VIEW_QUERY = 8_000
_VIEWS = ModelRows(SavedView, "v")
_OWNERS = ModelRows(User, "u")
_PREFERENCES = ModelRows(ListPreference, "p")


@dataclass(frozen=True)
class SavedViews:
    """The saved views a person may open in a project, and how that person last saw the list."""

    views: list[SavedView]
    preference: ListPreference

    @property
    def default(self) -> SavedView | None:
        """The view the bare list opens with: one's own default, else the project's."""
        mine = self.preference.default_view_id
        by_id = {view.id: view for view in self.views}
        if mine in by_id:
            return by_id[mine]
        return next((view for view in self.views if view.is_project_default), None)


def kept(project: Project, *, user: User) -> SavedViews:
    """One's own views and the shared ones by name, and one's preference, in two queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_VIEWS.columns}, {_OWNERS.columns}"
            " FROM interactions_savedview v JOIN projects_user u ON u.id = v.owner_id"
            " WHERE v.project_id = %s AND (v.owner_id = %s OR v.is_shared) ORDER BY v.name, v.id",
            [project.id, user.id],
        )
        rows = cursor.fetchall()
    return SavedViews([_view(project, row) for row in rows], preference(project, user=user))


def _view(project: Project, row: tuple[Any, ...]) -> SavedView:
    view = _VIEWS.made(row)
    view.project, view.owner = project, _OWNERS.made(row[_VIEWS.width :])
    return view


def preference(project: Project, *, user: User) -> ListPreference:
    """How the person sees the list; an empty one that is not stored when nothing was chosen."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_PREFERENCES.columns} FROM interactions_listpreference p"
            " WHERE p.project_id = %s AND p.user_id = %s",
            [project.id, user.id],
        )
        row = cursor.fetchone()
    return _PREFERENCES.made(row) if row else ListPreference(project=project, user=user)


def find(project: Project, id: UUID, *, caller: Caller) -> SavedView:
    """The view, if it is the caller's own or shared. Raises NotFound."""
    views = SavedView.objects.in_project(project).select_related("owner")
    view = views.filter(Q(owner=caller.user) | Q(is_shared=True), id=id).first()
    if view is None:
        raise NotFound("this view is not there; it may have been deleted")
    return view


def may_change(view: SavedView, *, caller: Caller) -> bool:
    """Whether the caller may: their own view, and every shared one of a project they manage."""
    return view.owner_id == caller.user.id or (view.is_shared and caller.may(MANAGE, view.project))


@transaction.atomic
def save(
    project: Project, *, caller: Caller, name: str, query: str, is_shared: bool = False
) -> SavedView:
    """Keep an address of the list as a view. Who may only read keeps private ones.

    Raises Invalid for a name or address that cannot be taken, Forbidden for sharing.
    """
    name, query = _checked_name(name), _checked_query(query)
    _check_sharing(project, caller, is_shared)
    _check_free(project, caller.user, name)
    view = SavedView.objects.create(
        project=project, owner=caller.user, name=name, query=query, is_shared=is_shared
    )
    _note(view, caller, "view.save")
    return view


@transaction.atomic
def change(
    view: SavedView,
    *,
    caller: Caller,
    name: str | None = None,
    query: str | None = None,
    is_shared: bool | None = None,
) -> SavedView:
    """Give a view another name or address, or share it or no longer; None leaves as it is.

    Raises Forbidden unless it is the caller's own, or shared in a project they manage.
    """
    _check_may_change(view, caller)
    if name is not None and (name := _checked_name(name)) != view.name:
        _check_free(view.project, view.owner, name)
        view.name = name
    if query is not None:
        view.query = _checked_query(query)
    if is_shared is not None and is_shared != view.is_shared:
        _check_sharing(view.project, caller, is_shared)
        view.is_shared = is_shared
        if not is_shared:
            view.is_project_default = False
            others = ListPreference.objects.in_project(view.project).filter(default_view=view)
            others.exclude(user=view.owner).update(default_view=None)
    view.save()
    _note(view, caller, "view.change")
    return view


@transaction.atomic
def delete(view: SavedView, *, caller: Caller) -> None:
    """Delete a view; lists that opened with the view open plain. Raises Forbidden."""
    _check_may_change(view, caller)
    _note(view, caller, "view.delete")
    view.delete()


@transaction.atomic
def begin_with(project: Project, view: SavedView | None, *, caller: Caller) -> None:
    """Let the caller's bare list open with this view; with None, with the project's default."""
    ListPreference.objects.update_or_create(
        project=project, user=caller.user, defaults={"default_view": view}
    )


@transaction.atomic
def begin_project_with(project: Project, view: SavedView | None, *, caller: Caller) -> None:
    """Open the project's list with a shared view for all who chose none. Raises Forbidden."""
    caller.check_may(MANAGE, project)
    if view is not None and not view.is_shared:
        raise Invalid("expected a shared view: others cannot see a private one", field="view")
    # Two owners at once would break the constraint without the lock.
    Project.objects.select_for_update().get(id=project.id)
    SavedView.objects.in_project(project).filter(is_project_default=True).update(
        is_project_default=False
    )
    if view is not None:
        SavedView.objects.in_project(project).filter(id=view.id).update(is_project_default=True)
    subject = view.name if view else ""
    audit.record(project, actor=caller.user, verb="view.default", subject=subject)


def remember(project: Project, *, user: User, density: str, columns: str | None = None) -> None:
    """Let the list look like this from now on, for this person in this project.

    Without `columns` these stay as they are.
    """
    chosen = {"density": density} | ({} if columns is None else {"columns": columns})
    ListPreference.objects.update_or_create(project=project, user=user, defaults=chosen)


def _check_may_change(view: SavedView, caller: Caller) -> None:
    if not may_change(view, caller=caller):
        raise Forbidden("this view belongs to somebody else; save one of your own")


def _check_sharing(project: Project, caller: Caller, is_shared: bool) -> None:
    if is_shared and not caller.may(LABEL, project):
        raise Forbidden(f"you need the permission {LABEL} to share a view in this project")


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or "\0" in name or len(name) > LONGEST_VIEW_NAME:
        raise Invalid(f"expected a name of 1 to {LONGEST_VIEW_NAME} characters", field="name")
    return name


def _checked_query(query: str) -> str:
    if "\0" in query or len(query) > LONGEST_VIEW_QUERY:
        raise Invalid(
            f"expected an address of up to {LONGEST_VIEW_QUERY:,} characters", field="query"
        )
    return query


def _check_free(project: Project, owner: User, name: str) -> None:
    if SavedView.objects.in_project(project).filter(owner=owner, name=name).exists():
        raise Invalid(f"there is a view called “{name}” already; expected another", field="name")


def _note(view: SavedView, caller: Caller, verb: str) -> None:
    """Shared views are everybody's business; private ones are nobody's."""
    if view.is_shared:
        audit.record(view.project, actor=caller.user, verb=verb, subject=view.name)
