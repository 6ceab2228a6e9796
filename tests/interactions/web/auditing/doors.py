"""What people and programs do at each door, for the audit log to tell."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.test import Client

from interactions.models import BulkAction, Comparison, Feedback, Image, LegalHold
from interactions.services import selections
from projects.models import ApiKey, Llm, Project, User
from tests import make

MAPLE = "/projects/maple/"


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
    doors.post("settings/retention/", keep_days="30")
    doors.post("settings/holds/", label="hold:case-17")
    hold = LegalHold.objects.get()
    doors.post(f"settings/holds/{hold.id}/lift/")
    form = {"kind": "SCALAR", "scoring_type": "LOWER_IS_BETTER", "name": "Wait"}
    doors.post("metrics/create/", key="wait", **form)
    doors.post("settings/primary-metric/", primary_metric="helpful")


def console(doors: Doors) -> None:
    """The admin console, of which each page is one's own."""
    User.objects.filter(pk=doors.alice.pk).update(is_superuser=True, is_staff=True)
    added = {"key": "oak", "name": "Oak"}
    assert doors.client.post("/admin/projects/llm/add/", added).status_code == 302
    llm = Llm.objects.get(key="oak")
    doors.client.post(f"/admin/projects/llm/{llm.pk}/change/", {"name": "The oak"})


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
    (settings, {
        "project.retention_set", "hold.placed", "hold.lifted", "metric.created",
        "project.primary_metric_set",
    }),
    (console, {"console.added", "console.changed"}),
]  # fmt: skip
