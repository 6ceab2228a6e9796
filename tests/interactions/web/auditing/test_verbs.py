"""Every verb of the audit log: it has words, stands in the document, and comes by its door."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from interactions.models import BulkAction, Comparison, Feedback, Image
from interactions.services import selections
from interactions.services.retention import expiry
from interactions.web.auditing.words import NOUNS, VERBS
from projects.models import ApiKey, Event, Project, Role, User
from projects.services.auditing import origin
from projects.services.auditing.origin import ADMIN, COMMAND, GRAPHQL, OPENAI, REST, WEB
from tests import make
from tests.asking import ask, listed
from tests.auditing import told
from tests.house.files import ROOT

pytestmark = pytest.mark.django_db
MAPLE = "/projects/maple/"
# Verbs whose doors take files, jobs or days have tests of their own, which name them.
ELSEWHERE = {
    "audit.exported": "tests/interactions/web/auditing/test_page.py",
    "interactions.expired": "tests/interactions/services/retention/test_expiry.py",
    "interactions.imported": "tests/interactions/services/importing/test_job.py",
}
OF_DATASETS = Path("tests/interactions")


class Doors:
    """Alice's browser and key, and what her project holds."""

    def __init__(self, alice: User, project: Project) -> None:
        self.alice, self.project = alice, project
        self.client = Client()
        self.client.force_login(alice)
        self.key = make.make_key(alice)
        self.helpful = make.make_metric(project)
        self.better = make.make_metric(project, "better")
        said = {"labels": {"env": "prod"}}
        self.one = make.make_interaction(project, "Hello?", "Hi.", **said)
        self.two = make.make_interaction(project, "Hello?", "Hello!", **said)
        self.page = f"{MAPLE}interactions/{self.one.id}/"

    def post(self, path: str, **data: Any) -> Any:
        """A form of the site."""
        answer = self.client.post(f"{MAPLE}{path}", data)
        assert answer.status_code in (200, 204, 302, 303), (path, answer.status_code)
        return answer

    def rest(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the API."""
        send = getattr(Client(raise_request_exception=False), method)
        headers = {"Authorization": f"Bearer {self.key}"}
        return send(f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    def bulk(self, kind: str, *ids: UUID, **data: Any) -> BulkAction:
        """A bulk action on these, done at once."""
        chosen = selections.tick(self.project, list(ids), by=self.alice)
        at_once = {"HX-Request": "true"}
        self.client.post(f"{MAPLE}selections/{chosen.uuid}/{kind}/", data, headers=at_once)
        return BulkAction.objects.in_project(self.project).order_by("-id")[0]


def signing_in(doors: Doors) -> None:
    """A browser that fails, gets in, is sent away, changes the password, and goes."""
    browser = Client()
    mine = {"username": "alice@example.org", "password": make.PASSWORD}
    for _ in range(8):
        browser.post("/login/", {**mine, "password": "wrong"})
    known = Client()
    known.post("/login/", {"username": "hunter2", "password": "x"})
    known.force_login(doors.alice)
    new = "another horse battery"
    changed = {"old_password": make.PASSWORD, "new_password1": new, "new_password2": new}
    assert known.post("/account/password/", changed).status_code == 302
    known.post("/logout/")
    fresh = Client(REMOTE_ADDR="10.1.2.3")
    assert fresh.post("/login/", {**mine, "password": new}).status_code == 302


def keys(doors: Doors) -> None:
    """A key is made and revoked, and wrong ones are counted."""
    doors.post("connect/keys/", name="notebook")
    made = ApiKey.objects.get(name="notebook")
    doors.post(f"connect/keys/{made.pk}/revoke/")
    for _ in range(3):
        Client().get("/api/v1/models", headers={"Authorization": "Bearer as-nobody"})


def reading(doors: Doors) -> None:
    """A page, one sent ahead, a search, an image, each as it is asked for."""
    assert doors.client.get(doors.page).status_code == 200
    beside = f"{MAPLE}interactions/?open={doors.one.id}"
    target = {"HX-Request": "true", "HX-Target": "open-interaction"}
    assert doors.client.get(beside, headers={**target, "Purpose": "prefetch"}).status_code == 200
    doors.post("interactions/seen/", ids=[str(doors.one.id)], page="interactions")
    assert doors.client.get(f"{MAPLE}interactions/?label=env:prod").status_code == 200
    picture = make.data_uri(make.make_image())
    make.make_interaction(doors.project, messages=[make.image_message(picture)])
    image = Image.objects.in_project(doors.project).get()
    address = f"/api/v1/images/{doors.project.uuid}/{image.sha256}.{image.format}"
    assert doors.client.get(address).status_code == 200


def judging(doors: Doors) -> None:
    """Feedback on the site and by the API, taken back and put back; comparisons likewise."""
    given = {"metric": "helpful", "value": "1"}
    doors.post(f"interactions/{doors.one.id}/feedback/", **given)
    body = {"completion_id": str(doors.two.id), "metric": "helpful", "value": 1}
    assert doors.rest("post", "feedback", {"project": "maple", **body}).status_code == 201
    mine = Feedback.objects.in_project(doors.project).get(interaction_id=doors.one.id)
    doors.post(f"interactions/{doors.one.id}/feedback/{mine.id}/withdraw/")
    doors.post("undo/")
    queue = doors.client.get(f"{MAPLE}pairs/?metric=better").context["page"]
    chosen = {"pair": queue.pair.name, "answer": "left"}
    doors.client.post(f"{MAPLE}pairs/prefer/?metric=better", chosen)
    doors.client.post(f"{MAPLE}pairs/undo/?metric=better")
    sides = {"preferred_completion": str(doors.one.id), "other_completion": str(doors.two.id)}
    compared = {"project": "maple", "metric": "better", **sides}
    assert doors.rest("post", "comparison", compared).status_code == 201
    assert Comparison.objects.in_project(doors.project).count() == 1


def editing(doors: Doors) -> None:
    """Labels, metadata, deletion."""
    doors.post(f"interactions/{doors.one.id}/labels/", key="seen", value="yes")
    doors.post(f"interactions/{doors.one.id}/labels/remove/", key="seen")
    doors.rest("delete", f"chat/completions/{doors.one.id}")


def bulk_actions(doors: Doors) -> None:
    """Each kind, and one undone."""
    two = doors.two.id
    action = doors.bulk("label", two, key="env", value="dev")
    doors.post(f"bulk-actions/{action.uuid}/undo/")
    doors.bulk("unlabel", two, key="env")
    doors.bulk("feedback", two, metric="helpful", value="1")
    doors.bulk("withdraw", two, metric="helpful", whose="all")
    doors.bulk("delete", two, sure="1", confirm="1")


def files(doors: Doors) -> None:
    """A file by the API."""
    chosen = selections.tick(doors.project, [doors.one.id], by=doors.alice)
    assert doors.rest("get", f"selections/{chosen.uuid}/download").status_code == 200


def settings(doors: Doors) -> None:
    """Metrics, retention, views."""
    doors.post("settings/", keep_days="30")
    form = {"kind": "SCALAR", "scoring_type": "LOWER_IS_BETTER", "name": "Wait"}
    doors.post("metrics/create/", key="wait", **form)
    doors.post("settings/primary-metric/", primary_metric="helpful")


def console(doors: Doors) -> None:
    """The admin console, of which each page is one's own."""
    User.objects.filter(pk=doors.alice.pk).update(is_superuser=True, is_staff=True)
    added = {"name": "Reader", "key": "reader", "permissions": ["project:read"]}
    assert doors.client.post("/admin/projects/role/add/", added).status_code == 302
    role = Role.objects.get(key="reader")
    changed = {**added, "name": "Readers"}
    doors.client.post(f"/admin/projects/role/{role.pk}/change/", changed)
    doors.client.post(f"/admin/projects/role/{role.pk}/delete/", {"post": "yes"})


WALK: list[tuple[Callable[[Doors], None], set[str]]] = [
    (
        signing_in,
        {
            "sign_in.refused", "sign_in.made", "sign_in.made_to_wait", "sign_in.ended",
            "user.password_changed",
        },
    ),
    (keys, {"key.made", "key.revoked", "key.refused"}),
    (reading, {"interaction.read", "ahead.fetched", "search.made", "image.read"}),
    (
        judging,
        {
            "feedback.given", "feedback.withdrawn", "feedback.restored", "comparison.given",
            "comparison.withdrawn",
        },
    ),
    (editing, {"label.set", "label.removed", "interaction.deleted"}),
    (
        bulk_actions,
        {
            "bulk_action.label", "bulk_action.unlabel", "bulk_action.feedback",
            "bulk_action.withdraw", "bulk_action.delete", "bulk_action.done",
            "bulk_action.undone", "bulk_action.undoing_done",
        },
    ),
    (files, {"selection.downloaded"}),
    (settings, {"project.retention_set", "metric.created", "project.primary_metric_set"}),
    (console, {"console.added", "console.changed", "console.deleted"}),
]  # fmt: skip


@pytest.mark.parametrize(("walk", "verbs"), WALK)
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


def test_every_verb_is_produced_by_some_test() -> None:
    walked = set().union(*(verbs for _, verbs in WALK))
    tests = "\n".join(
        path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if path.name != __file__
    )
    for verb in sorted(set(VERBS) - walked):
        assert f'"{verb}"' in tests, f"no test names {verb}"
