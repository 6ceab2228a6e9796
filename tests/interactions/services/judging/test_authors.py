"""Attacks on authorship: nobody writes in another's name, by any door, without the right to."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from interactions.filters.query.grammar import parse
from interactions.filters.sql import queries
from interactions.models import Comparison, Feedback, Interaction
from interactions.models.authorship import Authored
from interactions.services.browsing import rows
from interactions.services.export import record
from projects.models import Project, Role, User
from projects.services import people
from projects.services.access import ACT_FOR
from tests import make
from tests.asking import ask as graphql
from tests.interactions.asking import QUESTION
from tests.interactions.ingesting import Ran, write_lines

FEEDBACK = """mutation ($c: UUID!, $m: IdOrKey!, $i: FeedbackAddInput!) {
    addDirectFeedback(completionId: $c, metricId: $m, input: $i) { id } }"""

Door = Callable[[str, Project, str], Authored]


def post(key: str, path: str, **body: Any) -> Any:
    """The answer, which must be good: naming somebody is never refused."""
    answer = Client(raise_request_exception=False).post(
        f"/api/v1/{path}",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code in (200, 201), answer.text
    return answer.text if body.get("stream") else answer.json()


def newest(project: Project) -> Interaction:
    return Interaction.objects.in_project(project).order_by("-id")[0]


def chat(key: str, project: Project, said: str) -> Authored:
    post(key, "chat/completions", model=f"{project.key}/echo", messages=[QUESTION], user=said)
    return newest(project)


def chat_stream(key: str, project: Project, said: str) -> Authored:
    asked = {"model": f"{project.key}/echo", "messages": [QUESTION], "stream": True}
    post(key, "chat/completions", user=said, **asked)
    return newest(project)


def log(key: str, project: Project, said: str) -> Authored:
    post(key, "interactions", project=project.key, messages=[QUESTION], completion="x", user=said)
    return newest(project)


def log_with_feedback(key: str, project: Project, said: str) -> Authored:
    given = [{"metric": "helpful", "value": 1}]
    body = {"project": project.key, "messages": [QUESTION], "completion": "x"}
    post(key, "interactions", feedbacks=given, user=said, **body)
    return Feedback.objects.in_project(project).order_by("-id")[0]


def rest_feedback(key: str, project: Project, said: str) -> Authored:
    id = str(make.make_interaction(project).id)
    made = post(key, "feedback", completion_id=id, metric="helpful", value=1, user_id=said)
    return Feedback.objects.in_project(project).get(id=made["feedback_id"])


def comparison(key: str, project: Project, said: str) -> Authored:
    sides = [str(make.make_interaction(project, f"Q {n}").id) for n in range(2)]
    named = {"preferred_completion": sides[0], "other_completion": sides[1], "user_id": said}
    made = post(key, "comparison", project=project.key, metric="helpful", **named)
    return Comparison.objects.in_project(project).get(id=made["comparison_id"])


def comparison_by_text(key: str, project: Project, said: str) -> Authored:
    sides = {
        name: {"text": name, "model": "echo"}
        for name in ("preferred_completion", "other_completion")
    }
    body = {"project": project.key, "metric": "helpful", "messages": [QUESTION], **sides}
    post(key, "comparison", user_id=said, **body)
    return newest(project)


def graphql_feedback(key: str, project: Project, said: str) -> Authored:
    id = str(make.make_interaction(project).id)
    made = graphql(key, FEEDBACK, c=id, m="helpful", i={"value": 1, "userId": said})
    return Feedback.objects.in_project(project).get(id=made["id"])


DOORS: list[Door] = [
    chat, chat_stream, log, log_with_feedback, rest_feedback, comparison, comparison_by_text,
    graphql_feedback,
]  # fmt: skip


@pytest.fixture(autouse=True)
def helpful(project: Project) -> None:
    make.make_metric(project, "helpful")


def by(row: Authored) -> tuple[User | None, str | None]:
    return getattr(row, "created_by", None), row.said_by


@pytest.mark.parametrize("door", DOORS)
def test_who_may_not_act_for_others_is_the_author(
    alice: User,
    alice_key: str,
    bob: User,
    bob_key: str,
    charlie: User,
    project: Project,
    door: Door,
) -> None:
    """Owner or member, whoever is named: a colleague, a stranger, nobody, or oneself."""
    nobody = str(uuid4())
    for user, key, other in ((alice, alice_key, bob), (bob, bob_key, alice)):
        for said in (str(other.uuid), str(charlie.uuid), nobody):
            assert by(door(key, project, said)) == (user, said)
        assert by(door(key, project, str(user.uuid))) == (user, None)


def service_account(project: Project) -> tuple[User, str]:
    robot = make.make_user("robot", is_service_account=True)
    make.share(project, robot, "editor")
    return robot, make.make_key(robot)


def entrusted(project: Project) -> tuple[User, str]:
    """A person whose role permits it."""
    permissions = [*people.ROLES["editor"][1], ACT_FOR]
    role = Role.objects.create(key="relay", name="Relay", permissions=permissions)
    user, team = make.make_user("relay"), people.team("relays")
    people.join(user, team=team, role=role)
    project.shares.create(team=team, role=role)
    return user, make.make_key(user)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("actor", [service_account, entrusted])
def test_who_may_act_for_others_does_for_those_who_may_read(
    alice: User, charlie: User, project: Project, door: Door, actor: Callable[..., Any]
) -> None:
    user, key = actor(project)
    assert by(door(key, project, str(alice.uuid))) == (alice, None)
    for said in (str(charlie.uuid), str(uuid4())):
        assert by(door(key, project, said)) == (user, said)
    alice.is_active = False
    alice.save()
    assert by(door(key, project, str(alice.uuid))) == (user, str(alice.uuid))


def test_names_of_a_clients_own_are_said_too(alice: User, alice_key: str, project: Project) -> None:
    for said in ("user-123", "charlie@example.org", "名前", "<b>x</b>"):
        assert by(chat(alice_key, project, said)) == (alice, said)
    assert by(chat(alice_key, project, "ALICE@example.org")) == (alice, None)


def test_nobody_gives_themselves_the_right(alice: User, project: Project) -> None:
    """An owner cannot hand out what no owner has."""
    share = """mutation ($p: IdOrKey!, $i: ProjectShares!) {
        shareProject(idOrKey: $p, input: $i) { key } }"""
    Role.objects.create(
        key="forger", name="Forger", permissions=[*people.ROLES["owner"][1], ACT_FOR]
    )
    team = {"team": "maple-owners", "role": "forger", "isOwner": True}
    key = make.make_key(alice)
    told = Client().post(
        "/api/graphql",
        {"query": share, "variables": {"p": "maple", "i": {"shares": [team]}}},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    ).json()  # fmt: skip
    assert "permits what you may not" in told["errors"][0]["message"]


def found(project: Project, query: str) -> int:
    return len(queries.page(project, parse(query), limit=50).ids)


def test_what_is_said_is_shown_and_found(
    client: Client, alice: User, alice_key: str, bob: User, charlie: User, project: Project
) -> None:
    said = str(charlie.uuid)
    one = chat(alice_key, project, said)
    make.make_interaction(project, created_by=alice)
    make.make_interaction(project, created_by=bob)
    given = rest_feedback(alice_key, project, said)
    assert isinstance(one, Interaction) and isinstance(given, Feedback)
    for name in (said, charlie.email, charlie.email.upper()):
        assert found(project, f"user:{name}") == 1, name
        assert found(project, f"-user:{name}") == 3
    assert found(project, f"user:{alice.email}") == 2
    assert found(project, f"feedback.helpful:(* by:{charlie.email})") == 1
    assert found(project, f"feedback.helpful:(* by:{bob.email})") == 0
    client.force_login(bob)
    words = f"said to be from {said}"
    assert words in client.get(reverse("interaction", args=["maple", one.id])).text
    history = reverse("interaction-history", args=["maple", one.id])
    assert words in client.get(history).text
    judged = reverse("interaction", args=["maple", given.interaction_id])
    assert words in client.get(judged).text
    listed = client.get(reverse("interactions", args=["maple"]), {"columns": "time,ask,user"})
    assert "said to be from" in listed.text and said in listed.text


@pytest.mark.django_db(transaction=True)  # an import writes on threads of its own
def test_what_is_said_is_exported_and_comes_back(
    alice_key: str,
    project: Project,
    charlies_project: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    chat(alice_key, project, "user-123")
    given = log_with_feedback(alice_key, project, str(uuid4()))
    exported = [
        record.line_of(rows.whole(project, one.id), image_url=lambda image: "")
        for one in Interaction.objects.in_project(project).oldest_first()
    ]
    assert [one["said_by"] for one in exported] == ["user-123", given.said_by]
    assert exported[1]["feedbacks"][0]["said_by"] == given.said_by
    assert Ran(write_lines(tmp_path_factory, *exported), project="cherry").failure == ""
    there = Interaction.objects.in_project(charlies_project).oldest_first()
    assert [one.said_by for one in there] == ["user-123", given.said_by]
    assert Feedback.objects.in_project(charlies_project).get().said_by == given.said_by
