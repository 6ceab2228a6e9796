"""The audit log is append-only, and what was changed all the same is named."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from adaptive_site.lib.database.sql import Sql
from projects.models import Event, Project, Seal, User
from projects.services import audit
from projects.services.auditing import erasing, sealing
from projects.services.auditing.sealing import Head, head, seal_some
from projects.services.auditing.verifying import Broken, verify
from tests import make
from tests.auditing import without_triggers

pytestmark = pytest.mark.django_db


def changed(sql: str) -> None:
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def sealed(project: Project, alice: User, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Nine events in three seals."""
    monkeypatch.setattr(sealing, "EVENTS_A_SEAL", 3)
    events = [
        audit.record(project, actor=alice, verb="label.set", subject=f"s{n}", key="né", value=n / 4)
        for n in range(9)
    ]
    assert [seal_some() for _ in range(4)] == [3, 3, 3, 0]
    return events


def test_what_was_sealed_is_whole(sealed: list[Event]) -> None:
    audit.record(None, actor=None, verb="sign_in.refused", subject="nobody")
    found = verify()
    assert (found.head.number, found.events, found.waiting) == (3, 9, 1)
    assert verify(head()) == found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "UPDATE projects_event SET subject = 't4' WHERE id = {}",
            "event {} of seal 2 was changed",
        ),
        (
            "UPDATE projects_event SET details = replace(details::text, '1.0', '1.00')::jsonb"
            " WHERE id = {}",
            "event {} of seal 2 was changed",
        ),
        (
            "UPDATE projects_event SET created_at = created_at + interval '1 microsecond'"
            " WHERE id = {}",
            "event {} of seal 2 was changed",
        ),
        ("DELETE FROM projects_event WHERE id = {}", "event {} of seal 2 is missing"),
        ("UPDATE projects_event SET seal = NULL WHERE id = {}", "event {} of seal 2 is missing"),
        ("UPDATE projects_event SET seal = 3 WHERE id = {}", "event {} of seal 2 is missing"),
        (
            "INSERT INTO projects_event (id, verb, subject, details, created_at, seal)"
            " SELECT {} + 1000, verb, subject, details, created_at, 2 FROM projects_event"
            " WHERE id = {}",
            "was put into seal 2",
        ),
        ("UPDATE projects_event SET seal = 9 WHERE id = {}", "is missing"),
        ("DELETE FROM projects_seal WHERE number = 2", "seal 2 is missing"),
        (
            "UPDATE projects_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 2",
            "seal 2 was changed",
        ),
        ("UPDATE projects_seal SET previous = digest WHERE number = 3", "seal 3 does not follow"),
    ],
)
def test_each_change_is_named(sealed: list[Event], change: str, said: str) -> None:
    fourth = sealed[4].pk
    changed(change.replace("{}", str(fourth)))
    with pytest.raises(Broken) as broken:
        verify()
    assert said.replace("{}", str(fourth)) in str(broken.value)


def test_who_makes_all_seals_anew_and_who_cuts_off_the_tail_is_found_by_a_head_kept_elsewhere(
    sealed: list[Event],
) -> None:
    kept = head()
    changed("DELETE FROM projects_event WHERE seal = 3")
    changed("DELETE FROM projects_seal WHERE number = 3")
    assert verify().head.number == 2
    with pytest.raises(Broken, match="ends at seal 2"):
        verify(kept)
    changed("UPDATE projects_event SET seal = NULL")
    changed("DELETE FROM projects_seal")
    changed(f"UPDATE projects_event SET subject = 'forged' WHERE id = {sealed[0].pk}")
    while seal_some():
        pass
    assert verify().events == 6
    with pytest.raises(Broken, match="ends at seal 2"):
        verify(kept)
    with pytest.raises(Broken, match="seal 1 is not the one kept"):
        verify(Head(1, kept.digest))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE projects_event SET subject = subject || '.'",
        "UPDATE projects_event SET verb = 'a.b', seal = 7 WHERE seal IS NULL",
        "UPDATE projects_event SET details = '{\"value\": 0.00}', seal = 7 WHERE seal IS NULL",
        "UPDATE projects_event SET seal = seal + 1",
        "UPDATE projects_event SET seal = NULL",
        "DELETE FROM projects_event",
        "UPDATE projects_seal SET number = number + 1",
        "DELETE FROM projects_seal",
    ],
)
def test_the_database_refuses_to_change_the_log(
    sealed: list[Event], alice: User, change: str
) -> None:
    audit.record(None, actor=alice, verb="label.set", subject="not sealed yet", value=0.0)
    with (
        pytest.raises(DatabaseError, match="the audit log keeps what it has"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    assert verify().waiting == 1


def test_names_outlive_people_and_projects(project: Project, alice: User) -> None:
    ghost = make.make_user("ghost")
    audit.record(make.make_project("gone"), actor=ghost, verb="label.set", subject="s")
    Project.objects.filter(key="gone").delete()
    ghost.delete()
    seal_some()
    event = Event.objects.select_related("project", "actor").order_by("-id").first()
    assert event is not None and event.project is None and event.actor is None
    assert event.project_key == "gone" and event.project_id
    assert event.actor_email == "ghost@example.org" and event.who == "Ghost"
    assert verify().waiting == 0


def test_commands_print_the_head_and_what_is_wrong(sealed: list[Event]) -> None:
    printed = StringIO()
    call_command("audit", "head", stdout=printed)
    kept = printed.getvalue().strip()
    assert kept == str(Seal.objects.get(number=3))
    call_command("audit", "verify", "--head", kept, stdout=printed)
    assert "9 events in 3 seals are as they were sealed" in printed.getvalue()
    changed(f"UPDATE projects_event SET address = '10.9.8.7' WHERE id = {sealed[0].pk}")
    with pytest.raises(SystemExit, match=f"event {sealed[0].pk} of seal 1 was changed"):
        call_command("audit", "verify", stdout=printed)


def test_the_canonical_form_is_as_documented(sealed: list[Event]) -> None:
    event = sealed[1]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sealing.CANONICAL} FROM projects_event WHERE id = %s", [event.pk])
        (canonical,) = cursor.fetchone()
    said = json.loads(canonical)
    assert said["details"] == {"key": "né", "value": 0.25}
    assert said["actor_email"] == "alice@example.org" and said["door"] == "command"
    names = list(said)
    assert names == sorted(names, key=lambda name: (len(name), name))
    assert '"verb": "label.set"' in canonical and "né" in canonical
    columns = {field.attname for field in Event._meta.concrete_fields}
    assert set(names) == columns - {"seal", "noun"}, "a column that no digest covers"


def test_details_are_erased_only_where_the_log_says_so(
    sealed: list[Event], project: Project, alice: User
) -> None:
    event = sealed[4]
    mine = Event.objects.in_project(project).filter(id=event.id)
    with pytest.raises(DatabaseError, match="the audit log keeps"), transaction.atomic():
        mine.update(details={"erased": True})
    test = Sql("subject = %s", (event.subject,))
    assert erasing.erase_details(project, test, by=alice, subject="a job") == 1
    assert erasing.erase_details(project, test, by=alice, subject="a job") == 0
    assert mine.get().details == {"erased": True}
    assert verify().events == 9
    with pytest.raises(DatabaseError, match="the audit log keeps"), transaction.atomic():
        mine.update(details={"erased": True}, verb="label.removed")
    changed(f"UPDATE projects_event SET subject = 't4' WHERE id = {event.id}")
    with pytest.raises(Broken, match=f"event {event.id} of seal 2 was changed"):
        verify()
