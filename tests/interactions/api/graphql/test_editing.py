"""Interactions changed, deleted, downloaded and described through GraphQL."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from interactions.models import BulkAction, Interaction, InteractionBody
from interactions.services.bulk import queue
from interactions.services.rollups import compaction
from projects.models import Event, Project
from tests import make
from tests.asking import ask, refused

UPDATE = """mutation ($input: UpdateCompletion!) {
    updateCompletion(input: $input) { id labels { key value } } }"""
DELETE = """mutation ($p: IdOrKey!, $s: CompletionSelectionQuery!) {
    deleteCompletionSelection(project: $p, selection: $s) }"""
ONE_GONE = "mutation ($id: UUID!) { deleteCompletion(id: $id) }"
URL = """query ($p: IdOrKey!, $s: CompletionSelectionQuery!) {
    completionDownloadUrl(project: $p, selection: $s)
    completionAsDatasetDownloadUrl(project: $p, selection: $s) }"""
OLDER_URL = """query ($f: ListCompletionsFilterInput!) {
    completionDownloadUrl(filter: $f) completionAsDatasetDownloadUrl(filter: $f) }"""
OPTIONS = """query ($f: InteractionOptionsInput!) { interactionOptions(filter: $f) {
    users { email } models { key }
    labels { keys { key count lastUsed values { value count lastUsed } } } } }"""
ALL = {"fromFilters": {"filters": {"project": "maple"}, "exclude": []}}


def pairs(**labels: str) -> list[dict[str, str]]:
    """Labels as GraphQL has them."""
    return [{"key": key, "value": value} for key, value in labels.items()]


def update(key: str, id: UUID, **given: Any) -> dict[str, str]:
    """The labels after an update."""
    told = ask(key, UPDATE, input={"id": str(id), **given})
    return {one["key"]: one["value"] for one in told["labels"]}


def test_labels_are_added_taken_away_and_set(project: Project, alice_key: str) -> None:
    id = make.make_interaction(project, labels={"env": "prod", "lang": "de"}).id
    assert update(alice_key, id, addLabels=pairs(tier="gold", env="test")) == {
        "env": "test", "lang": "de", "tier": "gold",
    }  # fmt: skip
    left = update(alice_key, id, removeLabels=pairs(env="prod", lang="de"))
    assert left == {"env": "test", "tier": "gold"}  # only the value that was named is taken away
    assert update(alice_key, id, setLabels=pairs(a="1")) == {"a": "1"}
    assert update(alice_key, id, setLabels=[]) == {}
    assert update(alice_key, id) == {}


def test_metadata_is_set(project: Project, alice_key: str) -> None:
    id = make.make_interaction(project, user_metadata={"old": 1}).id
    update(alice_key, id, metadata={"correct_result": 42, "deep": [{"x": None}]})
    body = InteractionBody.objects.in_project(project).get(interaction_id=id)
    assert body.user_metadata == {"correct_result": 42, "deep": [{"x": None}]}
    assert Event.objects.filter(verb="metadata.set", subject=str(id)).exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"addLabels": pairs(**{"k" * 200: "x"})}, "labels: expected keys"),
        ({"setLabels": [*pairs(a="1"), *pairs(a="2")]}, "setLabels: expected one value of a"),
        ({"metadata": [1]}, "input.metadata: expected an object"),
    ],
)
def test_a_wrong_update_changes_nothing(
    project: Project, alice_key: str, given: dict[str, Any], says: str
) -> None:
    id = make.make_interaction(project, labels={"env": "prod"}).id
    wrong = {"id": str(id), "removeLabels": pairs(env="prod"), **given}
    assert says in refused(alice_key, UPDATE, input=wrong)
    assert update(alice_key, id) == {"env": "prod"}


def test_who_may_update(project: Project, alice_key: str, charlie_key: str) -> None:
    id = str(make.make_interaction(project).id)
    viewer = make.make_user("vera")
    make.share(project, viewer, "viewer")
    assert "permission" in refused(make.make_key(viewer), UPDATE, input={"id": id})
    for key, one in ((charlie_key, id), (alice_key, str(uuid4()))):
        assert (
            refused(key, UPDATE, input={"id": one}) == f"EntityNotFound: completion {one} not found"
        )


def test_few_are_deleted_at_once_and_can_be_had_back(project: Project, alice_key: str) -> None:
    ids = make.make_interactions(project, 3)
    query = {"fromSelection": {"include": [str(id) for id in ids[:2]]}}
    assert ask(alice_key, DELETE, p="maple", s=query) is True
    assert list(Interaction.objects.values_list("id", flat=True)) == [ids[2]]
    assert BulkAction.objects.get().kind == BulkAction.Kind.DELETE
    assert ask(alice_key, ONE_GONE, id=str(ids[2])) is True
    assert not Interaction.objects.exists()


def test_more_are_deleted_behind_the_request(project: Project, alice_key: str) -> None:
    make.make_interactions(project, 3)
    assert ask(alice_key, DELETE, p="maple", s=ALL) is True
    while queue.do_some():
        pass
    assert not Interaction.objects.exists()


def test_who_may_delete(project: Project, bob_key: str, charlie_key: str) -> None:
    id = str(make.make_interaction(project).id)
    assert "permission" in refused(bob_key, DELETE, p="maple", s=ALL)
    assert "permission" in refused(bob_key, ONE_GONE, id=id)
    assert "project not found" in refused(charlie_key, DELETE, p="maple", s=ALL)
    assert "completion" in refused(charlie_key, ONE_GONE, id=id)


def read(key: str, url: str) -> list[dict[str, Any]]:
    """The lines of a file."""
    answer = Client().get(url, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    with in_the_requests_thread():
        return [json.loads(line) for line in b"".join(answer).splitlines()]


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_files_of_a_selection(project: Project, alice_key: str, charlie_key: str) -> None:
    id = make.make_interaction(project, "One", labels={"env": "prod"}).id
    make.make_interaction(project, "Two")
    query = {"fromSelection": {"include": [str(id)]}}
    urls = ask(alice_key, URL, p="maple", s=query)
    (line,) = read(alice_key, urls["completionDownloadUrl"])
    assert line["id"] == str(id)
    (line,) = read(alice_key, urls["completionAsDatasetDownloadUrl"])
    assert line == {
        "messages": [{"role": "user", "content": "One"}],
        "completion": "A tree.",
        "labels": {"env": "prod"},
    }
    older = ask(alice_key, OLDER_URL, f={"useCase": "maple"})
    assert [len(read(alice_key, url)) for url in older.values()] == [2, 2]
    for url in urls.values():
        stranger = {"Authorization": f"Bearer {charlie_key}"}
        assert Client().get(url, headers=stranger).status_code == 404
        assert Client().get(url).status_code == 401
    wrong = urls["completionDownloadUrl"].replace("completions", "x")
    answer = Client().get(wrong, headers={"Authorization": f"Bearer {alice_key}"})
    assert answer.json()["field"] == "format"
    assert "expected one of" in refused(alice_key, URL, p="maple", s={})
    assert "project not found" in refused(charlie_key, URL, p="maple", s=query)


def test_what_one_may_narrow_by(project: Project, alice_key: str, charlie_key: str) -> None:
    alice = project.shares.get().team.memberships.get().user
    llm = make.make_llm(project, "big")
    for n in range(3):
        labels = {"env": "prod" if n else "test", "lang": "de"} if n < 2 else {"env": "prod"}
        make.make_interaction(project, f"Q{n}", labels=labels, llm=llm, created_by=alice)
    while compaction.compact(project):
        pass
    told = ask(alice_key, OPTIONS, f={"projectId": "maple"})
    assert told["users"] == [{"email": "alice@example.org"}]
    assert {"key": "big"} in told["models"]
    env, lang = told["labels"]["keys"]
    assert (env["key"], env["count"], lang["key"], lang["count"]) == ("env", 3, "lang", 2)
    assert [(one["value"], one["count"]) for one in env["values"]] == [("prod", 2), ("test", 1)]
    assert env["lastUsed"] == int(make.NOON.timestamp() * 1000)
    assert "project not found" in refused(charlie_key, OPTIONS, f={"projectId": "maple"})
