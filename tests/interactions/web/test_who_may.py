"""One rule for each verb, whichever door it is done by: verbs × doors × people."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from interactions.models import BulkAction, Interaction
from interactions.services.selections import tick
from projects.models import Project, Role, User
from projects.services import people as service
from tests import make
from tests.asking import answer
from tests.interactions.asking import QUESTION

OWNER, EDITOR, ANNOTATOR, VIEWER, AUDITOR = "owner", "editor", "annotator", "viewer", "auditor"
STRANGER = "stranger"
STEWARD = "steward"  # manages, and may neither write nor delete
OWNERS = {OWNER}
WRITERS = {OWNER, EDITOR}
LABELLERS = {OWNER, EDITOR, ANNOTATOR}
READERS = {OWNER, EDITOR, ANNOTATOR, VIEWER, AUDITOR, STEWARD}
MANAGERS = {OWNER, STEWARD}


class Actor:
    """A person with a browser and a key, and a project with one interaction."""

    def __init__(self, user: User, project: Project) -> None:
        self.project = project
        self.client = Client(raise_request_exception=False)
        self.client.force_login(user)
        self.user = user
        self.key = make.make_key(user)
        self.it = make.make_interaction(project)

    def web(self, path: str, **data: Any) -> bool:
        """Whether a page's form was taken."""
        status = self.client.post(f"/projects/maple/{path}", data).status_code
        assert status in (200, 204, 302, 303, 403, 404), status
        return status not in (403, 404)

    def gets(self, path: str) -> bool:
        """Whether a file is sent."""
        status = self.client.get(f"/projects/maple/{path}").status_code
        assert status in (200, 403, 404), status
        return status == 200

    def rest(self, method: str, path: str, **body: Any) -> bool:
        """Whether the API did it."""
        send = getattr(Client(raise_request_exception=False), method)
        headers = {"Authorization": f"Bearer {self.key}"}
        more = {"content_type": "application/json"} if method == "post" else {}
        status = send(f"/api/v1/{path}", body, headers=headers, **more).status_code
        assert status in (200, 201, 403, 404), status
        return status in (200, 201)

    def graphql(self, query: str, **variables: Any) -> bool:
        """Whether the operation succeeded, or why not."""
        told = answer(self.key, query, **variables)
        if told.get("errors"):
            said = told["errors"][0]["message"]
            assert "permission" in said or "not found" in said, said
        return not told.get("errors")

    def begin(self, kind: str, **data: Any) -> bool:
        """Whether a bulk action on the interaction was begun."""
        selection = tick(self.project, [self.it.id], by=self.user)
        path = f"selections/{selection.uuid}/{kind}/"
        return self.web(path, sure="1", **data) and BulkAction.objects.filter(kind=kind).exists()


def retain(actor: Actor, keep_days: object, *, before: int | None = 9) -> bool:
    """Whether the retention could be changed."""
    Project.objects.update(keep_days=before)
    return actor.web("settings/retention/", keep_days=keep_days)


def completion(actor: Actor) -> str:
    return f"chat/completions/{actor.it.id}"


SCORE = """mutation ($c: UUID!, $i: ScoreAddInput!) {
    addDirectScore(completionId: $c, metricId: "helpful", input: $i) { id } }"""
READ_ONE = """query ($c: UUID!) { completion(project: "maple", id: $c) { id } }"""
MAKE = """mutation ($i: DatasetCreateFromFilters!) { createDatasetFromFilters(input: $i) { id } }"""
DOWNLOAD = """query ($c: UUID!) { completionDownloadUrl(project: "maple", selection: {
    fromSelection: {include: [$c]}}) }"""
METRIC = """mutation ($i: MetricCreate!) { createMetric(project: "maple", input: $i) { id } }"""
DEPLOY = """mutation { deployModel(input: {project: "maple", model: "echo"}) { id } }"""
SHARE = """mutation { shareProject(idOrKey: "maple", input: {shares: [
    {team: "maple-owners", role: "owner", isOwner: true}]}) { id } }"""
ROWS: list[tuple[str, set[str], Callable[[Actor], bool]]] = [
    ("delete one by REST", OWNERS, lambda a: a.rest("delete", completion(a))),
    ("delete many on the site", OWNERS, lambda a: a.begin("delete")),
    ("label by REST", LABELLERS, lambda a: a.rest("post", completion(a), metadata={"a": "b"})),
    ("label on the site", LABELLERS, lambda a: a.web(
        f"interactions/{a.it.id}/labels/", key="a", value="b")),
    ("label many on the site", LABELLERS, lambda a: a.begin("label", key="a", value="b")),
    ("chat", WRITERS, lambda a: a.rest(
        "post", "chat/completions", model="maple/echo", messages=[QUESTION])),
    ("log", WRITERS, lambda a: a.rest(
        "post", "interactions", project="maple", messages=[QUESTION], completion="x")),
    ("feedback by REST", LABELLERS, lambda a: a.rest(
        "post", "feedback", completion_id=str(a.it.id), metric="helpful", value=1)),
    ("feedback by GraphQL", LABELLERS, lambda a: a.graphql(SCORE, c=str(a.it.id), i={"value": 1})),
    ("feedback on the site", LABELLERS, lambda a: a.web(
        f"interactions/{a.it.id}/feedback/", metric="helpful", value="1")),
    ("feedback on many", LABELLERS, lambda a: a.begin("feedback", metric="helpful", value="1")),
    ("read by GraphQL", READERS, lambda a: a.graphql(READ_ONE, c=str(a.it.id))),
    ("make a dataset by GraphQL", WRITERS, lambda a: a.graphql(
        MAKE, i={"project": "maple", "name": a.user.name, "kind": "PROMPT", "completionQuery": {
            "fromSelection": {"include": [str(a.it.id)]}}})),
    ("download many on the site", WRITERS, lambda a: a.gets(
        f"selections/{tick(a.project, [a.it.id], by=a.user).uuid}/export/jsonl/")),
    ("download many by GraphQL", WRITERS, lambda a: a.graphql(DOWNLOAD, c=str(a.it.id))),
    ("upload a file to import", WRITERS, lambda a: a.web(
        "uploads/", name="a.jsonl", size="9", total_parts_count="1")),
    ("create a metric by GraphQL", MANAGERS, lambda a: a.graphql(
        METRIC, i={"name": a.user.name, "kind": "BOOL"})),
    ("create a metric on the site", MANAGERS, lambda a: a.web(
        "metrics/create/", key=a.user.name.lower(), name="m", kind="BOOL",
        scoring_type="HIGHER_IS_BETTER")),
    ("attach a model by GraphQL", MANAGERS, lambda a: a.graphql(DEPLOY)),
    ("share by GraphQL", OWNERS, lambda a: a.graphql(SHARE)),
    ("set retention on the site", OWNERS, lambda a: retain(a, 9, before=None)),
    ("shorten retention on the site", OWNERS, lambda a: retain(a, 8)),
    ("keep for ever on the site", MANAGERS, lambda a: retain(a, "")),
    ("keep longer on the site", MANAGERS, lambda a: retain(a, 90)),
]  # fmt: skip


@pytest.fixture
def people(alice: User, bob: User, charlie: User, project: Project) -> dict[str, User]:
    with_role = {}
    for name in (ANNOTATOR, VIEWER, AUDITOR):
        with_role[name] = make.make_user(name)
        make.share(project, with_role[name], name)
    steward = make.make_user("stew")
    managing = ["project:read", "interaction:read", "project:manage"]
    role = Role.objects.create(key="steward", name="Steward", permissions=managing)
    team = make.make_team("stewards")
    service.join(steward, team=team, role=role)
    project.shares.create(team=team, role=role)
    make.make_metric(project, "helpful")
    others = {STRANGER: charlie, STEWARD: steward}
    return {OWNER: alice, EDITOR: bob, **with_role, **others}


@pytest.mark.parametrize(("verb", "allowed", "door"), ROWS, ids=[row[0] for row in ROWS])
def test_who_may_do_what_by_which_door(
    people: dict[str, User], project: Project, verb: str, allowed: set[str], door: Any
) -> None:
    did = {name for name, user in people.items() if door(Actor(user, project))}
    assert did == allowed, verb


def test_a_role_of_read_and_manage_grants_itself_nothing(project: Project, charlie: User) -> None:
    role = Role.objects.create(
        key="steward", name="Steward", permissions=["interaction:read", "project:manage"]
    )
    team = make.make_team("stewards")
    service.join(charlie, team=team, role=service.role("owner"))
    project.shares.create(team=team, role=role)
    make.make_team("maple-owners")
    share = """mutation ($i: ProjectShares!) { shareProject(idOrKey: "maple", input: $i) {
        shares { team { key } role { key } } } }"""
    owners = {"team": "maple-owners", "role": "owner", "isOwner": True}
    mine = {"team": "stewards", "role": "steward", "isOwner": False}
    key = make.make_key(charlie)
    for wrong in (
        [owners, {**mine, "role": "owner"}],  # more for oneself
        [owners, {**mine, "role": "editor"}],
        [{**owners, "role": "steward"}, mine],  # less for the owners
        [{**mine, "isOwner": True}],  # nothing for them
        [
            owners,
            mine,
            {
                "team": make.make_team("new", {charlie: "viewer"}).key,
                "role": "editor",
                "isOwner": False,
            },
        ],
    ):
        told = answer(key, share, i={"shares": wrong})
        assert "permits what you may not" in told["errors"][0]["message"], wrong
    new = {"team": "new", "role": "steward", "isOwner": False}
    told = answer(key, share, i={"shares": [owners, mine, new]})
    assert len(told["data"]["shareProject"]["shares"]) == 3  # what they have they may give
    assert Interaction.objects.in_project(project).count() == 0


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        ("members", {OWNER, STEWARD}),
        ("admins", set()),
        ("everybody", {*READERS, STRANGER}),
    ],
)
@pytest.mark.parametrize("field", ["createProject", "createUseCase"])
def test_who_may_create_projects_is_the_operators_to_say(
    people: dict[str, User], settings: Any, setting: str, allowed: set[str], field: str
) -> None:
    settings.NEW_PROJECTS = setting
    kind = "ProjectCreate" if field == "createProject" else "UseCaseCreate"
    create = f"mutation ($i: {kind}!) {{ {field}(input: $i) {{ id }} }}"
    did = {
        name
        for name, user in people.items()
        if not answer(make.make_key(user), create, i={"name": f"of {name}"}).get("errors")
    }
    assert did == allowed
    root = make.make_key(make.make_user("root", is_superuser=True))
    assert not answer(root, create, i={"name": "of root"}).get("errors")


def test_who_has_no_team_registers_no_provider(charlie: User) -> None:
    add = "mutation ($i: AddExternalModelInput!) { addExternalModel(input: $i) { id } }"
    data = {"openAI": {"apiKey": "k", "externalModelId": "m"}}
    given = {"name": "scan", "provider": "OPEN_AI", "providerData": data}
    told = answer(make.make_key(charlie), add, i=given)
    assert "project:manage" in told["errors"][0]["message"]


def test_who_may_not_delete_is_told_so_when_shortening_retention(
    people: dict[str, User], project: Project
) -> None:
    actor = Actor(people[STEWARD], project)
    refused = actor.client.post("/projects/maple/settings/retention/", {"keep_days": "1"})
    assert refused.status_code == 403
    assert "you need the permission interaction:delete in this project" in refused.text
    project.refresh_from_db()
    assert project.keep_days is None
    page = actor.client.get("/projects/maple/settings/retention/").text
    assert "takes the permission <code>interaction:delete</code>" in page


def test_an_operators_helper_at_the_console_deletes_nothing_by_retention(
    people: dict[str, User], project: Project
) -> None:
    """Staff who may change projects by Django's own permissions, and not delete interactions."""
    helper = people[STEWARD]
    helper.is_staff = True
    helper.save()
    may = Permission.objects.filter(codename__in=["change_project", "view_project"])
    helper.user_permissions.set(may)
    form = {"key": "maple", "name": "Maple", "description": "", "keep_days": "7"}
    actor = Actor(helper, project)
    actor.client.post(f"/admin/projects/project/{project.id}/change/", form)  # takes teams alone
    project.refresh_from_db()
    assert project.keep_days is None
