"""Every verb of the audit log: it has words, stands in the document, and comes by its door."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from interactions.models import DatasetItem, Feedback
from interactions.services import selections
from interactions.services.retention import expiry
from interactions.web.auditing.words import NOUNS, VERBS
from interactions.web.building.builder_preview import LINES_SHOWN
from projects.models import Event, Project, User
from projects.services.auditing import origin
from projects.services.auditing.origin import ADMIN, COMMAND, GRAPHQL, OPENAI, REST, WEB
from tests import make
from tests.asking import ask, listed
from tests.auditing import told
from tests.house.files import ROOT
from tests.interactions.services.datasets.making import make_dataset, record
from tests.interactions.web.auditing.doors import MAPLE, WALK, Doors, keys, signing_in
from tests.interactions.web.auditing.people_doors import PEOPLE_WALK

pytestmark = pytest.mark.django_db


ALL_DOORS = WALK + PEOPLE_WALK


@pytest.mark.parametrize(("walk", "verbs"), ALL_DOORS)
def test_each_door_is_recorded(
    walk: Callable[[Doors], None],
    verbs: set[str],
    alice: User,
    project: Project,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    doors = Doors(alice, project)
    with django_capture_on_commit_callbacks(execute=True):
        walk(doors)
    events = told(*verbs)
    assert {event.verb for event in events} == verbs
    requests = [event for event in events if event.door != COMMAND]
    assert {event.verb for event in requests} == verbs
    assert all(event.address in ("127.0.0.1", "10.1.2.3") for event in requests)
    of_people = [one for one in requests if "refused" not in one.verb and "wait" not in one.verb]
    assert all(event.actor_email == "alice@example.org" for event in of_people)
    assert {event.door for event in events} <= {WEB, REST, OPENAI, ADMIN, COMMAND}
    for event in events:
        assert (event.key_name != "") == (event.door in (REST, OPENAI) and event.actor is not None)
        assert make.PASSWORD not in f"{event.subject} {event.details}"
    if walk is signing_in:
        assert "hunter2" not in {event.subject for event in events}
    if walk is keys:
        assert [one.details for one in events if one.verb == "key.refused"] == [{"count": 3}]
        assert not any(event.subject.startswith("as-") for event in events)


def test_a_list_by_graphql_is_one_event_that_names_each_interaction(
    alice: User, alice_key: str, project: Project
) -> None:
    ids = make.make_interactions(project, 3)
    wanted = """query { completions(filter: {project: "maple"}, page: {first: 2})
        { nodes { id completion } } }"""
    ask(alice_key, wanted)
    (event,) = told("interaction.read")
    assert (event.door, event.actor, sorted(event.subjects)) == (GRAPHQL, alice, ids[1:])
    assert event.key_name.startswith("tests (") and event.subject == ""
    listed(alice_key)  # of ids alone nothing is read
    assert len(told("interaction.read")) == 1


def test_a_service_account_and_whom_it_acts_for_are_both_told(
    project: Project,
    bob: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    robot = make.make_user("robot", is_service_account=True)
    make.share(project, robot, "editor")
    key = make.make_key(robot)
    make.make_metric(project)
    one = make.make_interaction(project)
    body = {"project": "maple", "completion_id": str(one.id), "metric": "helpful", "value": 1}
    with django_capture_on_commit_callbacks(execute=True):
        answer = Client().post(
            "/api/v1/feedback",
            {**body, "user_id": str(bob.uuid)},
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
    assert answer.status_code == 201
    (event,) = told("feedback.given")
    assert (event.actor, event.acting_for) == (robot, bob.email)
    assert Feedback.objects.in_project(project).get().created_by == bob


def test_what_is_refused_or_only_asked_about_is_no_read(
    alice: User, charlie: User, project: Project
) -> None:
    one = make.make_interaction(project)
    page = f"{MAPLE}interactions/{one.id}/"
    stranger, owner = Client(), Client()
    stranger.force_login(charlie)
    owner.force_login(alice)
    assert stranger.get(page).status_code == 404
    assert owner.head(f"{page}raw/").status_code in (200, 405)
    assert owner.get(f"{page}history/").status_code == 200
    assert told("interaction.read", "ahead.fetched") == []


def test_a_preview_is_a_read_of_what_it_shows(
    alice: User, project: Project, empty_storage: Path
) -> None:
    """Of a file and of the builder: the records of the lines shown, not of all looked at."""
    ids = make.make_interactions(project, 40, labels={"env": "prod"})
    chosen = selections.freeze(project, QueryDict("label=env"), by=alice)
    owner = Client()
    owner.force_login(alice)
    export = f"{MAPLE}selections/{chosen.uuid}/export/?kind=PROMPT_COMPLETION"
    assert owner.get(export).status_code == 200
    (event,) = told("interaction.read")
    assert UUID(event.subject) in ids
    builder = f"{MAPLE}datasets/new/?of={chosen.uuid}"
    assert owner.get(f"{builder}&show=1").status_code == 200
    shown = told("interaction.read")[1:]
    assert [len(one.subjects) for one in shown] == [LINES_SHOWN]
    refused = {"of": str(chosen.uuid), "do": "make", "name": "x" * 300}
    answer = owner.post(f"{MAPLE}datasets/new/", refused)
    assert answer.status_code == 422 and "Question 1" not in answer.text


def test_a_preview_of_a_record_of_no_interaction_names_the_record(
    alice: User, project: Project
) -> None:
    dataset = make_dataset(project, alice, [record("What is a maple?")])
    owner = Client()
    owner.force_login(alice)
    assert owner.get(f"{MAPLE}datasets/{dataset.key}/export/").status_code == 200
    (event,) = told("dataset.record_read")
    item = DatasetItem.objects.in_project(project).get().item
    assert (event.subject, event.details["record"]) == (dataset.key, str(item))


def test_outside_of_requests_the_door_is_the_process(alice: User, project: Project) -> None:
    assert origin.current() == origin.Origin(COMMAND)
    expiry.expire_some(project, seconds=0)
    assert not Event.objects.filter(verb="interactions.expired").exists()


def test_every_verb_has_words_a_group_and_a_line_in_the_document() -> None:
    document = (ROOT / "docs/audit.md").read_text()
    table = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", document.partition("## What is recorded")[2]))
    assert table == set(VERBS)
    assert {verb.partition(".")[0] for verb in VERBS} == set(NOUNS)


def test_every_verb_that_code_writes_is_known() -> None:
    noun = "|".join(NOUNS)
    spelled = re.compile(rf'"((?:{noun})\.[a-z_]+)"')
    files = [
        path
        for app in ("projects", "interactions", "adaptive_site")
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
    ]
    written = {
        verb
        for path in files
        if "audit" in (text := path.read_text())
        for verb in spelled.findall(text)
    }
    assert len(written) > 40 and written <= set(VERBS), written - set(VERBS)


OF_BEFORE = {"console.deleted"}  # in logs of when the admin console deleted anything


def test_every_verb_is_produced_by_some_test() -> None:
    walked = set().union(*(verbs for _, verbs in ALL_DOORS))
    tests = "\n".join(
        path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if path.name != __file__
    )
    for verb in sorted(set(VERBS) - walked - OF_BEFORE):
        assert f'"{verb}"' in tests, f"no test names {verb}"
