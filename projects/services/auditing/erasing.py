"""Erasing what events say in detail; who did what, to which and when, stays and stays sealed.

An event `audit.erased` names each event with its digest as it is afterwards. Only then does the
database let the details go, and `verify` knows why the event is not as it was sealed.
"""

from typing import Any

from django.db import connection, transaction

from adaptive_site.lib.database.sql import Sql
from projects.models import Event, Project, User
from projects.services import audit
from projects.services.auditing.sealing import CANONICAL, digest_of

ERASED_VERB = "audit.erased"
EVENTS_AT_ONCE = 5_000
_ERASED = '{"erased": true}'


def may_be_erased(test: Sql) -> Sql:
    """The test, of events that still have details; those that say what was erased keep theirs."""
    own = Sql("details <> '{}' AND details <> %s::jsonb AND verb <> %s", (_ERASED, ERASED_VERB))
    return own & Sql(f"({test.text})", test.params)


@transaction.atomic
def erase_details(project: Project, test: Sql, *, by: User, subject: str) -> int:
    """Erase the details of some events of `project` that pass; returns how many, 0 when none is
    left. `subject` is what they are erased by.
    """
    test = may_be_erased(test)
    after = f"jsonb_set({CANONICAL.strip()}::jsonb, '{{details}}', %s::jsonb)::text"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {after} FROM projects_event WHERE project_id = %s AND {test.text}"
            " ORDER BY id LIMIT %s",
            [_ERASED, project.id, *test.params, EVENTS_AT_ONCE],
        )
        found = {str(id): digest_of(canonical).hex() for id, canonical in cursor.fetchall()}
        if found:
            audit.record(project, actor=by, verb=ERASED_VERB, subject=subject, events=found)
            cursor.execute(
                "UPDATE projects_event SET details = %s::jsonb"
                " WHERE project_id = %s AND id = ANY(%s::bigint[])",
                [_ERASED, project.id, list(found)],
            )
    return len(found)


def digests() -> dict[int, bytes]:
    """By event whose details were erased, its digest since then."""
    said: dict[int, bytes] = {}
    events: list[Any] = list(Event.objects.filter(verb=ERASED_VERB).values_list("details"))
    for (details,) in events:
        said |= {int(id): bytes.fromhex(one) for id, one in details["events"].items()}
    return said
