"""The pages of the audit log: who may see them, what they show, their filter and their files."""

import csv
import hashlib
import json
import re
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from interactions.models import Interaction
from projects.models import Event, Project, User
from projects.services import audit
from projects.services.auditing import listing
from projects.services.auditing.listing import EventFilter, EventPlace
from projects.services.auditing.sealing import head, seal_some
from projects.services.auditing.verifying import verify
from tests import make
from tests.auditing import told
from tests.query_counts import QueryCounts

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
]
HERE = "/projects/maple/audit/"


@pytest.fixture
def logged_in(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def one(project: Project) -> Interaction:
    return make.make_interaction(project)


def read(answer: Any) -> str:
    """A page in one line."""
    return " ".join(answer.content.decode().split())


def body(answer: Any) -> str:
    """A file that is sent in pieces, its database work being done in this test's transaction."""
    with in_the_requests_thread():
        return b"".join(answer).decode()


def record(project: Project, by: User, n: int, verb: str = "label.set", **details: Any) -> None:
    for number in range(n):
        audit.record(project, actor=by, verb=verb, subject=f"s{number}", **details)


def test_who_may_read_it(project: Project, one: Interaction, charlie: User) -> None:
    people = {"stranger": charlie}
    for role in ("owner", "editor", "annotator", "viewer", "auditor"):
        people[role] = make.make_user(f"an-{role}")
        make.share(project, people[role], role)
    seen_by = f"/projects/maple/interactions/{one.id}/seen-by/"
    for role, person in people.items():
        browser = Client()
        browser.force_login(person)
        expected = {"stranger": 404, "owner": 200, "auditor": 200}.get(role, 403)
        for address in (HERE, f"{HERE}export/csv/", seen_by):
            assert browser.get(address).status_code == expected, (role, address)
        assert browser.get("/console/audit/").status_code == 404
        assert browser.get("/console/audit/export/jsonl/").status_code == 404
        if role != "stranger":
            settings = read(browser.get("/projects/maple/settings/"))
            assert (f'href="{HERE}"' in settings) == (expected == 200)
            page = read(browser.get(f"/projects/maple/interactions/{one.id}/"))
            assert ("seen-by/" in page) == (expected == 200)
    assert (
        Client().get(HERE).status_code == 302 and Client().get("/console/audit/").status_code == 302
    )


def test_administrators_read_that_of_the_server(project: Project, alice: User) -> None:
    root = make.make_user("root", is_superuser=True)
    record(project, alice, 1)
    audit.record(None, actor=None, verb="sign_in.refused", subject="mallory@example.org")
    browser = Client()
    browser.force_login(root)
    page = read(browser.get("/console/audit/"))
    assert "mallory@example.org" in page and "maple" in page and "failed to log in" in page
    assert "mallory" not in read(browser.get(HERE))


def test_other_projects_stay_out(
    logged_in: Client, project: Project, charlies_project: Project, charlie: User
) -> None:
    record(charlies_project, charlie, 1, key="secret")
    assert "secret" not in read(logged_in.get(HERE))
    assert "secret" not in body(logged_in.get(f"{HERE}export/jsonl/"))


def test_a_row_says_who_did_what_to_what(logged_in: Client, one: Interaction, bob: User) -> None:
    audit.record(one.project, actor=bob, verb="label.set", subject=str(one.id), key="a", value="b")
    page = read(logged_in.get(HERE))
    assert "set a label" in page and "key: a · value: b" in page
    assert f'href="/projects/maple/interactions/{one.id}/"' in page
    assert "?person=bob%40example.org" in page and "Command line" in page


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("", 7),
        ("?person=bob@example.org", 2),
        ("?person=nobody@example.org", 0),
        ("?what=dataset", 3),
        ("?what=dataset&person=bob@example.org", 0),
        ("?door=command", 7),
        ("?door=web", 0),
        ("?subject=s1", 3),
        ("?since=2026-01-01", 7),
        ("?until=2026-01-01", 0),
    ],
)
def test_the_filter(
    logged_in: Client, project: Project, alice: User, bob: User, query: str, n: int
) -> None:
    record(project, alice, 3, "dataset.created")
    record(project, alice, 2)
    record(project, bob, 2)
    page = logged_in.get(f"{HERE}{query}").context["page"]
    assert len([row for row in page.rows if row.event.subject.startswith("s")]) == n
    assert len(body(logged_in.get(f"{HERE}export/jsonl/{query}")).splitlines()) >= n


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?door=window", "door"),
        ("?since=yesterday", "since"),
        ("?after=x", "after"),
        ("?after=2026-01-01T00:00:00_1", "after"),
        (f"?person={'x' * 300}", "person"),
        ("?subject=%00", "subject"),
    ],
)
def test_what_an_address_cannot_mean_is_told(
    logged_in: Client, project: Project, query: str, field: str
) -> None:
    answer = logged_in.get(f"{HERE}{query}")
    assert answer.status_code == 400 and field in read(answer)
    assert logged_in.get(f"{HERE}export/jsonl/{query}").status_code == 400
    assert logged_in.get(f"{HERE}export/xml/").status_code == 404


def test_pages_follow_each_other_without_a_gap(
    logged_in: Client, project: Project, alice: User
) -> None:
    record(project, alice, 120)
    Event.objects.in_project(project)
    address, seen = HERE, []
    while address:
        page = logged_in.get(address).context["page"]
        seen += [row.event.pk for row in page.rows]
        address = f"{HERE}{page.older}" if page.older else ""
    assert len(seen) == len(set(seen)) >= 120 and seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("n", [3, 60])
def test_the_page_takes_a_fixed_number_of_queries(
    logged_in: Client, project: Project, alice: User, query_counts: QueryCounts, n: int
) -> None:
    record(project, alice, n)
    with query_counts("audit"):
        assert logged_in.get(HERE).status_code == 200


def test_a_file_can_be_checked_by_another_program(
    logged_in: Client, project: Project, alice: User
) -> None:
    record(project, alice, 2, key="né", value=1.5)
    while seal_some():
        pass
    audit.record(project, actor=alice, verb="label.set", subject="later")
    lines = body(logged_in.get(f"{HERE}export/jsonl/")).splitlines()
    for line in lines:
        said = json.loads(line)
        canonical = line[line.index('"event":') + len('"event":') : -1]
        assert hashlib.sha256(canonical.encode()).hexdigest() == said["sha256"]
        assert said["event"]["project_key"] == "maple"
    assert {json.loads(line)["seal"] for line in lines} == {head().number, None}
    assert [event.verb for event in told("audit.exported")] == ["audit.exported"]
    assert verify().waiting >= 2


def test_a_spreadsheet_runs_no_formula(logged_in: Client, project: Project, alice: User) -> None:
    audit.record(project, actor=alice, verb="view.save", subject="=HYPERLINK(1)")
    audit.record(project, actor=alice, verb="view.save", subject="plain, with a comma")
    rows = list(csv.reader(StringIO(body(logged_in.get(f"{HERE}export/csv/")))))
    assert rows[0][1] == "time"
    subjects = {row[8] for row in rows[1:]}
    assert "'=HYPERLINK(1)" in subjects and "plain, with a comma" in subjects


def test_an_interaction_says_who_has_seen_it(
    logged_in: Client, one: Interaction, project: Project, bob: User
) -> None:
    here = f"/projects/maple/interactions/{one.id}/"
    assert "Nobody has read it" in read(logged_in.get(f"{here}seen-by/"))
    for _ in range(3):
        logged_in.get(here)
    logged_in.get(f"/projects/maple/interactions/?open={one.id}", headers={"Purpose": "prefetch"})
    told()
    page = read(logged_in.get(f"{here}seen-by/"))
    assert "Alice" in page and "3 times, last" in page
    others = make.make_interactions(project, 2)
    audit.note(project, actor=bob, verb="interaction.read", subjects=[one.id, *others])
    told()
    assert [(one.name, one.times) for one in listing.seen_by(project, one.id)] == [
        ("Bob", 1), ("Alice", 3)
    ]  # fmt: skip
    assert logged_in.get(f"/projects/maple/interactions/{others[0]}/seen-by/").status_code == 200
    assert "Every event about it" in page
    assert len(logged_in.get(f"{HERE}?subject={one.id}").context["page"].rows) == 5


@pytest.mark.parametrize("ids", [[], ["x"], ["00000000-0000-0000-0000-000000000000"] * 11])
def test_what_was_seen_is_told_by_ids_that_are_there(
    logged_in: Client, project: Project, one: Interaction, ids: list[str]
) -> None:
    url = "/projects/maple/interactions/seen/"
    assert logged_in.post(url, {"ids": ids}).status_code == 400
    other = "00000000-0000-0000-0000-000000000000"
    assert logged_in.post(url, {"ids": [other], "page": "review"}).status_code == 204
    assert told("interaction.read") == []
    assert logged_in.post(url, {"ids": [str(one.id)], "page": "review"}).status_code == 204
    (event,) = told("interaction.read")
    assert (event.subject, event.details) == (str(one.id), {"page": "review"})


FILL = """
    INSERT INTO projects_event (project_id, project_key, actor_id, actor_name, actor_email, verb,
        subject, details, door, address, created_at)
    SELECT CASE WHEN n %% 10 = 0 THEN %s ELSE %s END, 'p', 1 + n %% 50, 'A', 'a@example.org',
        (array['interaction.read', 'search.made', 'label.set', 'key.made'])[1 + n %% 4],
        'subject ' || n / 2, '{}', 'web', '10.0.0.1', now() - interval '1 second' * (9000 - n)
    FROM generate_series(1, 9000) AS n
"""


@pytest.mark.parametrize(
    ("wanted", "index", "is_server"),
    [
        (EventFilter(), "event_in_project", False),
        (EventFilter(noun="search"), "event_noun", False),
        (EventFilter(person="bob@example.org"), "event_actor|event_of_actor", False),
        (EventFilter(subject="subject 7"), "event_subject", False),
        (EventFilter(subject=str(UUID(int=7))), "event_subjects", False),
        (EventFilter(), "event_newest", True),
        (EventFilter(person="bob@example.org"), "event_of_actor", True),
        (EventFilter(door="admin"), "event_door", True),
    ],
)
def test_each_filter_has_an_index_and_none_sorts_much(
    project: Project,
    charlies_project: Project,
    bob: User,
    wanted: EventFilter,
    index: str,
    is_server: bool,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, [project.pk, charlies_project.pk])
        cursor.execute("ANALYZE projects_event")
    place = None if is_server else project
    found = listing._matching(place, wanted, EventPlace(datetime.now(UTC), 2**40))[:51]
    plan = found.explain()
    assert re.search(index, plan) and "Seq Scan" not in plan, plan
    assert wanted.subject or "Sort" not in plan.replace("Incremental Sort", "")
