"""Lists of interactions through GraphQL: what they show, and walking their pages."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from interactions.models import Interaction
from interactions.services.judging import feedback
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.drafts import FeedbackDraft
from projects.models import Project, User
from tests.asking import answer, ask, ids, listed, refused
from tests.make import (
    NOON,
    data_uri,
    image_message,
    make_image,
    make_interaction,
    make_interactions,
    make_llm,
    make_metric,
)
from tests.query_counts import QueryCounts

WHOLE = """
query ($filter: ListCompletionsFilterInput!, $page: CursorPageInput!) {
  completions(filter: $filter, page: $page) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { ...Whole }
  }
}
fragment Side on Completion { id completion source model { id key name } }
fragment Whole on Completion {
  id
  chatMessages {
    role
    content
    contentParts { ... on TextContentPart { text } ... on ImageContentPart { url } }
  }
  completion
  completionParts { __typename }
  source
  model { id key name }
  directScores { id value metric { ...Key } reason details createdAt }
  old: directFeedbacks { value }
  comparisonScores {
    id createdAt project { id key name } usecase { key } metric { id key name }
    preferedCompletion { ...Side } otherCompletion { ...Side }
  }
  labels(withProtected: true) { key value }
  metadata {
    parameters timings system usage { completionTokens promptTokens totalTokens }
  }
  createdAt
  promptHash
  session { id }
  createdBy { email teams { team { key } } }
}
fragment Key on Metric {
  id key name kind description scoringType createdAt
  hasDirectScores hasComparisonScores hasDirectFeedbacks hasComparisonFeedbacks
  projects { key } useCases { key }
}
"""


def whole(key: str, **filter: Any) -> list[dict[str, Any]]:
    """All there is to know of the interactions that match."""
    listing = ask(key, WHOLE, filter={"project": "maple", **filter}, page={})
    nodes: list[dict[str, Any]] = listing["nodes"]
    return nodes


def test_everything_about_an_interaction_is_shown(
    project: Project, alice: User, alice_key: str, empty_storage: Path
) -> None:
    metric, llm, session = make_metric(project, description="Was it?"), make_llm(project), uuid4()
    image = make_image()
    made = make_interaction(
        project,
        messages=[{"role": "system", "content": "Be brief."}, image_message(data_uri(image))],
        completion="A maple.",
        llm=llm,
        session_id=session,
        created_by=alice,
        labels={"env": "prod", "a.b": 'é"%'},
        parameters={"temperature": 0.5},
        usage={"prompt_tokens": 3, "completion_tokens": 4},
        latency_ms=120,
    )
    other = make_interaction(project, "What is a maple?", created_at=NOON - timedelta(days=1))
    given = FeedbackDraft(metric=metric, value=1.0, reason="right", details="fine", created_at=NOON)
    feedback.record(project, made.id, given=given, by=alice)
    comparison = NewComparison(
        metric=metric, preferred_id=made.id, other_id=other.id, created_at=NOON
    )
    (compared,) = compare(project, [comparison], by=alice)

    shown, second = whole(alice_key)
    at = 1708516800000
    assert shown["id"] == str(made.id)
    assert shown["createdAt"] == at
    assert shown["source"] == "OFFLINE"
    assert shown["completion"] == "A maple."
    assert shown["completionParts"] == [{"__typename": "TextContentPart"}]
    assert shown["model"] == {"id": str(llm.uuid), "key": "gpt-4o", "name": "gpt-4o"}
    system, user = shown["chatMessages"]
    assert (system["role"], system["content"]) == ("system", "Be brief.")
    assert user["content"] == "What is this?"
    text, picture = user["contentParts"]
    assert text == {"text": "What is this?"}
    assert picture["url"].startswith(f"/api/v1/images/{project.uuid}/")
    assert picture["url"].endswith(".png")
    assert shown["labels"] == [{"key": "a.b", "value": 'é"%'}, {"key": "env", "value": "prod"}]
    assert shown["metadata"] == {
        "parameters": {"temperature": 0.5},
        "timings": {"latency_ms": 120},
        "system": None,
        "usage": {"completionTokens": 4, "promptTokens": 3, "totalTokens": 7},
    }
    assert shown["promptHash"] == made.prompt_hash.hex
    assert shown["session"] == {"id": str(session)}
    assert shown["createdBy"]["email"] == "alice@example.org"
    assert shown["createdBy"]["teams"] == [{"team": {"key": "maple-owners"}}]
    (score,) = shown["directScores"]
    assert (score["value"], score["reason"], score["details"]) == (1.0, "right", "fine")
    assert shown["old"] == [{"value": 1.0}]
    assert score["metric"]["kind"] == "BOOL"
    assert score["metric"]["description"] == "Was it?"
    assert score["metric"]["hasDirectScores"] is True
    assert score["metric"]["hasComparisonFeedbacks"] is True
    assert score["metric"]["projects"] == [{"key": "maple"}]
    (one,) = shown["comparisonScores"]
    assert one["id"] == str(compared.id)
    assert one["preferedCompletion"]["id"] == str(made.id)
    assert one["otherCompletion"]["completion"] == "A tree."
    assert one["usecase"] == {"key": "maple"}
    assert second["comparisonScores"] == shown["comparisonScores"]
    assert second["createdBy"] is None
    assert second["metadata"] == dict.fromkeys(("parameters", "timings", "system", "usage"))


def test_the_url_of_an_image_serves_its_bytes(
    project: Project, alice_key: str, empty_storage: Path, client: Any
) -> None:
    image = make_image()
    make_interaction(project, messages=[image_message(data_uri(image))])
    (shown,) = whole(alice_key)
    url = shown["chatMessages"][0]["contentParts"][1]["url"]
    got = client.get(url, headers={"Authorization": f"Bearer {alice_key}"})
    assert got.content == image


@pytest.mark.parametrize("n", [1, 30])
def test_a_page_costs_the_same_queries_however_long_it_is(
    project: Project, alice: User, alice_key: str, query_counts: QueryCounts, n: int
) -> None:
    metric, llm = make_metric(project), make_llm(project)
    made = make_interactions(
        project, n + 1, labels={"env": "prod"}, feedback={metric: True}, llm=llm, created_by=alice
    )
    given = [
        NewComparison(metric=metric, preferred_id=one, other_id=two, created_at=NOON)
        for one, two in zip(made, made[1:], strict=False)
    ]
    compare(project, given, by=alice)
    with query_counts("graphql: a page of interactions"):
        assert len(whole(alice_key)) == n + 1


def walked(key: str, size: int, order: Any = None, **filter: Any) -> list[str]:
    """The ids of all pages from the first to the last."""
    found: list[str] = []
    page: dict[str, Any] = {"first": size}
    while True:
        listing = listed(key, page, order, **filter)
        found += ids(listing)
        if not listing["pageInfo"]["hasNextPage"]:
            return found
        page["after"] = listing["pageInfo"]["endCursor"]


@pytest.mark.parametrize("size", [1, 3, 4, 9, 100])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_pages_show_each_interaction_once_and_in_order(
    project: Project, alice_key: str, size: int, direction: str
) -> None:
    made = [str(id) for id in make_interactions(project, 12, every=timedelta(0))]
    order = [{"field": "created_at", "order": direction}]
    assert walked(alice_key, size, order) == (made if direction == "ASC" else made[::-1])


def test_what_is_logged_meanwhile_does_not_disturb_a_walk(project: Project, alice_key: str) -> None:
    before = [str(id) for id in make_interactions(project, 6)][::-1]
    first = listed(alice_key, {"first": 4})
    make_interactions(project, 5, every=timedelta(days=1))
    rest = listed(alice_key, {"first": 4, "after": first["pageInfo"]["endCursor"]})
    later = set(ids(rest)) - set(before)
    assert [id for id in ids(first) + ids(rest) if id in before] == before
    assert len(later) == 1  # of the five, the one that is as old as the oldest
    assert rest["totalCount"] == 11


def test_a_page_may_begin_at_the_end(project: Project, alice_key: str) -> None:
    made = [str(id) for id in make_interactions(project, 7)][::-1]
    last = listed(alice_key, {"last": 3})
    assert ids(last) == made[-3:]
    assert last["pageInfo"]["hasPreviousPage"] is True
    assert last["pageInfo"]["hasNextPage"] is False
    before = listed(alice_key, {"last": 3, "before": last["pageInfo"]["startCursor"]})
    assert ids(before) == made[1:4]
    between = listed(
        alice_key,
        {
            "first": 5,
            "after": before["pageInfo"]["startCursor"],
            "before": last["pageInfo"]["startCursor"],
        },
    )
    assert ids(between) == made[2:4]
    assert between["pageInfo"]["hasNextPage"] is False


def test_an_offset_and_an_empty_page(project: Project, alice_key: str) -> None:
    made = [str(id) for id in make_interactions(project, 5)][::-1]
    assert ids(listed(alice_key, {"offset": 3})) == made[3:]
    assert ids(listed(alice_key, {"offset": 1, "first": 2})) == made[1:3]
    assert ids(listed(alice_key, {"offset": 5})) == []
    none = listed(alice_key, {"first": 0})
    assert none["totalCount"] == 5
    assert none["pageInfo"]["hasNextPage"] is True
    assert none["pageInfo"]["endCursor"] is None


@pytest.mark.parametrize(
    "page",
    [
        {"after": "nonsense"},
        {"after": "é"},
        {"after": "Zm9v"},
        {"before": "aaaa"},
        {"after": "Z1siTU9ERUw6a2V5IiwwLCJhIl0"},  # a group's
        {"first": -1},
        {"last": -5},
        {"first": 1, "last": 1},
        {"offset": -1},
        {"offset": 10**6},
    ],
)
def test_a_page_that_makes_no_sense_is_an_error(
    project: Project, alice_key: str, page: dict[str, Any]
) -> None:
    make_interaction(project)
    told = answer(alice_key, WHOLE, filter={"project": "maple"}, page=page)
    assert told["errors"][0]["message"].startswith("page")


def test_another_order_than_by_time_is_an_error(project: Project, alice_key: str) -> None:
    query = """query ($order: [OrderPair!]) {
        completions(filter: {project: "maple"}, page: {}, order: $order) { nodes { id } }
    }"""
    order = [{"field": "session", "order": "ASC"}]
    assert refused(alice_key, query, order=order) == "order: expected created_at"
    ask(alice_key, query, order=[{"field": "createdAt", "order": "ASC"}])


def test_a_stranger_is_told_that_there_is_no_such_project(
    project: Project, alice_key: str, charlie_key: str
) -> None:
    told = answer(charlie_key, WHOLE, filter={"project": "maple"}, page={})
    missing = answer(alice_key, WHOLE, filter={"project": "absent"}, page={})
    assert told["data"] is None
    assert told["errors"][0]["message"] == missing["errors"][0]["message"]
    assert told["errors"][0]["message"].startswith("EntityNotFound: project not found")


def test_a_prompt_without_text_is_an_empty_string(project: Project, alice_key: str) -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    make_interaction(project, messages=[{"role": "user", "content": "Hi"}, call])
    (shown,) = whole(alice_key)
    assert [one["content"] for one in shown["chatMessages"]] == ["Hi", ""]


def test_the_count_is_of_all_that_match(project: Project, alice_key: str) -> None:
    make_interactions(project, 7, labels={"env": "prod"})
    make_interactions(project, 4)
    assert listed(alice_key, {"first": 2})["totalCount"] == 11
    assert listed(alice_key, {"first": 2}, labels=[{"key": "env"}])["totalCount"] == 7
    assert Interaction.objects.in_project(project).count() == 11
