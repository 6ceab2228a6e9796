"""Checks of what lies under the public methods: the whole filter language and the query builder.

Both are private parts of the SDK of which people make use; before 0.13 the one drops its filters
and the other cannot be imported.
"""

import importlib
from typing import Any

from adaptive_sdk.graphql_client import CursorPageInput, ListCompletionsFilterInput

from tests.contract.drivers.calling import World
from tests.contract.drivers.checks import check
from tests.contract.drivers.logging_by_hand import UTC_IN_MS


def found(world: World, expression: dict[str, Any], **flat: Any) -> set[str]:
    """Ids of what matches, the advanced filter sent by the generated client."""
    given = {"project": world.project, **flat}
    if expression:
        given["advancedFilter"] = expression
    filter = ListCompletionsFilterInput.model_validate(given)
    listed = world.client.wait(
        world.client.sdk._gql_client.list_interactions(
            filter=filter, page=CursorPageInput(first=100)
        )
    ).completions
    assert listed.total_count == len(listed.nodes) <= 100
    return {str(node.id) for node in listed.nodes}


@check("interactions.list")
def trees_of_conditions_are_understood(world: World) -> None:
    if world.kept["version"] < (0, 13):
        return
    by_hand = world.kept["by hand"]
    session = {"sessionId": world.session}
    everything = found(world, {})
    assert found(world, {"and": [{}, {"and": []}]}) == everything
    assert found(world, {"not": session}) == everything - {by_hand}
    either = {"or": [session, {"sessionId": world.kept["session of seven"]}]}
    assert len(found(world, either)) == 8
    both = {"and": [either, {"not": {"model": {"eq": "echo"}}}]}
    assert by_hand not in found(world, both)
    assert found(world, {**session, "model": {"neq": "echo"}}) == set()
    assert found(world, {**session, "source": "OFFLINE", "model": {"in": ["echo"]}}) == {by_hand}
    label = {"key": "origin", "value": {"eq": "sdk"}}
    assert by_hand in found(world, {"label": label})
    assert by_hand not in found(world, {"label": {"key": "origin", "value": {"neq": "sdk"}}})


@check("interactions.list")
def texts_feedback_and_users_are_conditions_too(world: World) -> None:
    if world.kept["version"] < (0, 13):
        return
    by_hand = world.kept["by hand"]
    assert by_hand in found(world, {"prompt": {"contains": "hello FROM the sdk"}})
    assert by_hand in found(world, {"completion": {"contains": "can i help"}})
    assert by_hand not in found(world, {"completion": {"contains": "can%help"}})
    assert by_hand in found(world, {"createdBy": {"eq": "alice@example.org"}})
    assert found(world, {"createdBy": {"eq": "bob@example.org"}}) == set()
    name = "scores" if "scores" in ListCompletionsFilterInput.model_fields else "feedbacks"
    stars = world.named("stars")
    starred = found(world, {name: {"metric": stars}})
    assert len(starred) == 2
    more = found(world, {name: {"metric": stars, "value": {"gt": 3}}})
    assert len(more) == 1
    assert found(world, {}, **{name: [{"metric": stars, "gt": 3}]}) == more
    assert found(world, {name: {"metric": stars, "value": {"lte": 3}}}) == starred - more
    assert len(found(world, {}, comparisons=[{"metric": world.named("liked")}])) == 4


@check("interactions.list")
def flat_filters_all_apply(world: World) -> None:
    if world.kept["version"] < (0, 13):
        return
    by_hand = world.kept["by hand"]
    flat: dict[str, Any] = {
        "models": ["echo"],
        "sessionId": world.session,
        "labels": [{"key": "origin", "value": ["sdk"]}],
        "source": ["OFFLINE", "LIVE"],
        "completion": "how can i",
        "prompt": "helpful assistant",
        "completionId": by_hand,
        "createdBy": "alice@example.org",
    }
    if world.client.has("interactions.create", "created_at"):
        flat["timerange"] = {"from": UTC_IN_MS, "to": UTC_IN_MS + 1}
    assert found(world, {}, **flat) == {by_hand}
    assert found(world, {}, **{**flat, "source": ["LIVE"]}) == set()
    # The advanced filter goes before all of them.
    assert len(found(world, {"sessionId": world.kept["session of seven"]}, **flat)) == 7


@check("interactions.get")
def the_query_builder_reads_what_no_public_method_does(world: World) -> None:
    if world.kept["version"] < (0, 13):
        return
    package = "adaptive_sdk.graphql_client"
    queries = importlib.import_module(f"{package}.custom_queries")
    fields = importlib.import_module(f"{package}.custom_fields")
    completion = fields.CompletionFields
    field = queries.Query.completion(world.project, world.kept["by hand"]).fields(
        completion.id,
        completion.prompt_hash,
        completion.source,
        completion.session().fields(fields.SessionFields.id),
        completion.created_by().fields(fields.UserFields.email),
        completion.model().fields(fields.ModelFields.key),
        completion.labels(with_protected=False).fields(fields.CompletionLabelFields.key),
        completion.chat_messages().fields(
            fields.ChatMessageFields.role, fields.ChatMessageFields.content
        ),
    )
    asked = world.client.sdk._gql_client.query(field, operation_name="OneInteraction")
    read = world.client.wait(asked)["completion"]
    assert read["session"] == {"id": world.session}
    assert read["createdBy"] == {"email": "alice@example.org"}
    assert read["model"] == {"key": "echo"}
    assert read["promptHash"]
    assert {label["key"] for label in read["labels"]} == {"origin", "a.b"}
