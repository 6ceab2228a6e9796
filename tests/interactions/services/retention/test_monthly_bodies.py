"""Bodies in parts by month: written and read as before, and dropped once all of it has expired."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection

from adaptive_site.lib.database.monthly_partitions import next_month
from adaptive_site.lib.ids import first_id_at
from interactions.models import InteractionBody
from interactions.services.editing import deletion
from interactions.services.retention import expiry, monthly_bodies
from interactions.services.retention.monthly_bodies import BODIES
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 2, 21, 12, tzinfo=UTC)  # when the table is put in parts
MARCH, APRIL, MAY, JUNE = (datetime(2024, month, 1, tzinfo=UTC) for month in (3, 4, 5, 6))


@pytest.fixture(autouse=True)
def not_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what other tests have left dead."""
    monkeypatch.setattr(expiry, "_BEHIND", 10_000_000)


def at(project: Project, *times: datetime) -> list[UUID]:
    return [make.make_interaction(project, created_at=when).id for when in times]


def bodies(project: Project) -> dict[UUID, str]:
    """The part in which each body is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT interaction_id, tableoid::regclass::text FROM interaction_body"
            " WHERE project_id = %s",
            [project.id],
        )
        return dict(cursor.fetchall())


def names() -> list[str]:
    return [part.name.removeprefix("interaction_body_") for part in BODIES.parts()]


def keep_from(when: datetime, *projects: Project) -> None:
    """Have the projects keep what is from `when` on."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for project in projects:
        Project.objects.filter(id=project.id).update(keep_days=(today - when).days)
        project.refresh_from_db()


def expire(project: Project) -> int:
    n = 0
    while some := expiry.expire_some(project, seconds=0):
        n += some
    return n


def test_what_was_there_is_the_first_part_and_months_come_after(project: Project) -> None:
    (old,) = at(project, NOW)
    BODIES.split(now=NOW)
    assert names() == ["before_y2024m03", "y2024m03", "y2024m04", "y2024m05"]
    march, later = at(project, MARCH, JUNE)
    assert bodies(project) == {
        old: "interaction_body_before_y2024m03",
        march: "interaction_body_y2024m03",
        later: "interaction_body_default",
    }
    found = InteractionBody.objects.filter(project=project, interaction_id=old).get()
    assert found.messages == [{"role": "user", "content": "What is a maple?"}]
    many = make.make_interactions(project, 100)  # by COPY
    assert {bodies(project)[id] for id in many} == {"interaction_body_before_y2024m03"}


def test_parts_store_and_vacuum_as_the_table_did() -> None:
    def stored(table: str) -> tuple[object, ...]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT array_agg(o ORDER BY o) FROM unnest(reloptions) o),"
                " (SELECT array_agg((attname, attcompression, attstorage, attnotnull)::text"
                "   ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0)"
                " FROM pg_class c WHERE oid = %s::regclass",
                [table],
            )
            return tuple(cursor.fetchone())

    before = stored("interaction_body")
    BODIES.split(now=NOW)
    parts = ["interaction_body_default", *[part.name for part in BODIES.parts()]]
    assert [part for part in parts if stored(part) != before] == []


def test_months_ahead_are_made_in_time() -> None:
    BODIES.split(now=NOW)
    assert BODIES.make_ahead(now=NOW) == 0
    assert BODIES.make_ahead(now=MARCH) == 1
    assert names()[-1] == "y2024m06"
    assert BODIES.make_ahead(now=MARCH + timedelta(days=400)) == 3
    assert next_month(datetime(2024, 12, 31, 23, 59, tzinfo=UTC)) == datetime(
        2025, 1, 1, tzinfo=UTC
    )


def test_a_month_is_dropped_once_all_of_it_has_expired(
    project: Project, charlies_project: Project
) -> None:
    BODIES.split(now=NOW)
    old, march, april = at(project, NOW, MARCH, APRIL)
    theirs = at(charlies_project, MARCH + timedelta(days=3), JUNE)
    keep_from(APRIL, project)
    assert [part.name for part in monthly_bodies.going()] == ["interaction_body_before_y2024m03"]
    assert expire(project) == 2
    # Of March Charlie keeps something, so Alice's body went by itself.
    assert set(bodies(project)) == {old, april}
    assert BODIES.drop(monthly_bodies.going()[0], unless="SELECT FROM interaction WHERE id < %s")
    assert set(bodies(project)) == {april}
    assert march not in bodies(project)
    assert names()[0] == "y2024m03"
    keep_from(MAY, charlies_project)
    assert [part.name for part in monthly_bodies.going()] == ["interaction_body_y2024m03"]
    assert not BODIES.drop(
        monthly_bodies.going()[0], unless="SELECT FROM interaction WHERE id < %s"
    )
    assert expire(charlies_project) == 1
    assert monthly_bodies.keep_up() >= 1
    assert "y2024m03" not in names()
    assert set(bodies(charlies_project)) == {theirs[1]}


def test_one_who_deletes_a_single_interaction_deletes_its_body(
    project: Project, alice: User
) -> None:
    BODIES.split(now=NOW)
    old, march = at(project, NOW, MARCH)
    keep_from(APRIL, project)
    deletion.delete(project, old, by=alice)
    assert set(bodies(project)) == {march}


def test_what_comes_in_for_a_month_that_was_dropped_has_a_place(project: Project) -> None:
    BODIES.split(now=NOW)
    assert monthly_bodies.keep_up() >= 1  # nothing is in any of them
    (late,) = at(project, NOW)
    assert bodies(project) == {late: "interaction_body_default"}
    keep_from(MARCH, project)
    assert expire(project) == 1
    assert bodies(project) == {}


def test_a_table_that_is_not_in_parts_is_left_alone(project: Project) -> None:
    at(project, NOW)
    assert monthly_bodies.going() == []
    assert monthly_bodies.keep_up() == 0
    assert not BODIES.is_parted()


def test_the_command_does_it_once(project: Project) -> None:
    (one,) = at(project, NOW)
    said = StringIO()
    call_command("partition", by="month", stdout=said)
    assert said.getvalue().startswith("interaction_body is in parts now: interaction_body_before_")
    (first, *_) = BODIES.parts()
    assert first.holds(one)
    assert first.end == first_id_at(next_month(datetime.now(UTC) + timedelta(days=2)))
    said = StringIO()
    call_command("partition", by="month", stdout=said)
    assert said.getvalue() == "interaction_body is in parts already.\n"


def test_a_row_from_the_far_future_stops_it_before_anything_is_changed(project: Project) -> None:
    at(project, datetime.now(UTC) + timedelta(days=90))
    with pytest.raises(SystemExit, match="An interaction is dated later than next month"):
        call_command("partition", by="month")
    assert not BODIES.is_half_split()
    assert not BODIES.is_parted()
