"""A project that was deleted is gone at once for people, and for good from every table and file."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.services.recording.log import log_interactions
from interactions.services.retention import removal
from interactions.services.rollups import compaction
from interactions.services.selections import tick
from interactions.textindex import upkeep
from projects.models import Event, Project, User
from projects.services import projects
from projects.services.access import Caller, project_for
from tests import make

KEPT = {"projects_event"}  # the audit log says who deleted it


def rows_of(project: Project) -> dict[str, int]:
    """By table with such a column: how many rows are of the project."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.column_name = 'project_id' AND t.table_type = 'BASE TABLE'"
            " AND c.table_schema = 'public'"
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE project_id = %s', [project.id])
            found[table] = cursor.fetchone()[0]
    return {table: n for table, n in found.items() if n and table not in KEPT}


def remove_all() -> None:
    for _ in range(200):
        if not removal.remove_some():
            return
    raise AssertionError("it does not end")


def fill(project: Project, user: User) -> None:
    metric = make.make_metric(project)
    picture = make.data_uri(make.make_image())
    drafts = [
        make.make_draft(
            messages=[make.image_message(picture)],
            labels={"env": "prod"},
            feedback={metric: 1},
            external_id=f"{project.key}-1",
        ),
        make.make_draft("plain", labels={"env": "test"}),
    ]
    logged = log_interactions(project, drafts)
    tick(project, [one.id for one in logged], by=user)
    compaction.compact(project)
    upkeep.index_some(project)


def test_all_of_it_goes_and_nothing_of_others(
    alice: User, project: Project, charlies_project: Project, charlie: User
) -> None:
    fill(project, alice)
    fill(charlies_project, charlie)
    others = rows_of(charlies_project)
    folder = Path(settings.MEDIA_ROOT)
    assert list((folder / "images" / str(project.id)).rglob("*.png"))
    projects.delete(Caller(alice), project, typed="Maple")
    with pytest.raises(NotFound):
        project_for(Caller(alice), "maple")
    root = Caller(make.make_user("root", is_superuser=True))
    for name in ("maple", str(project.uuid), project.key):
        with pytest.raises(NotFound):
            project_for(root, name)
    assert make.make_project("maple")  # the key is free
    remove_all()
    assert rows_of(project) == {}
    assert rows_of(charlies_project) == others
    assert not (folder / "images" / str(project.id)).exists()
    assert (folder / "images" / str(charlies_project.id)).exists()
    project.refresh_from_db()
    assert (project.name, project.description) == ("", "")
    assert Event.objects.filter(verb="project.deleted", subject="maple").exists()


def test_only_who_may_and_types_its_name_deletes_it(
    alice: User, bob: User, project: Project
) -> None:
    with pytest.raises(Forbidden):
        projects.delete(Caller(bob), project, typed="Maple")
    for typed in ("", "maple", "Mapl"):
        with pytest.raises(Invalid, match="Maple"):
            projects.delete(Caller(alice), project, typed=typed)
    assert project_for(Caller(alice), "maple") == project
