"""Checks of what the SDK's query builder has for datasets and no public method does.

It can be imported from 0.13 on; the input types of before are sent by hand in the tests of the API.
"""

import importlib
import json
import time
from types import ModuleType
from typing import Any

import httpx
from adaptive_sdk.graphql_client import input_types

from tests.contract.drivers.calling import API_KEY, BASE_URL, World
from tests.contract.drivers.checks import check

HEADERS = {"Authorization": f"Bearer {API_KEY}"}


def part(name: str) -> ModuleType:
    """A private module of the generated client."""
    return importlib.import_module(f"adaptive_sdk.graphql_client.{name}")


def asked(world: World, field: Any) -> Any:
    """The answer to a query of one field."""
    client = world.client.sdk._gql_client
    told = world.client.wait(client.query(field, operation_name="Asked"))
    return next(iter(told.values()))


def done(world: World, field: Any) -> Any:
    """The answer to a mutation of one field."""
    client = world.client.sdk._gql_client
    told = world.client.wait(client.mutation(field, operation_name="Done"))
    return next(iter(told.values()))


def input_of(type_: str, /, **given: Any) -> Any:
    """An input type with the values of these members."""
    return getattr(input_types, type_).model_validate(given)


def chosen(world: World, **label: str) -> dict[str, Any]:
    """What carries a label of the project."""
    conditions = [{"label": {"key": k, "value": {"eq": v}}} for k, v in label.items()]
    filters = {"project": world.project, "advancedFilter": {"and": conditions}}
    return {"fromFilters": {"filters": filters, "exclude": []}}


def log_four(world: World) -> list[str]:
    """Four interactions with a label that nothing else has."""
    return [world.log(f"Build {n}", labels={"for": world.named("build")}) for n in range(4)]


@check("datasets.get")
def a_dataset_is_built_of_what_is_logged(world: World) -> None:
    if world.kept["version"] < (0, 13):
        return
    ids = log_four(world)
    query = chosen(world, **{"for": world.named("build")})
    query["fromFilters"]["exclude"] = ids[:1]
    given = {
        "project": world.project,
        "name": "Built",
        "key": world.named("built"),
        "kind": "PROMPT_COMPLETION",
        "completionQuery": query,
        "sampleConfig": {"selectionType": "LAST", "sampleSize": 2},
    }
    wanted = input_of("DatasetCreateFromFilters", **given)
    queries, fields = part("custom_queries").Query, part("custom_fields")
    assert asked(world, queries.preview_dataset_from_filters(wanted)) == 2
    made = fields.DatasetFields
    begun = done(
        world,
        part("custom_mutations")
        .Mutation.create_dataset_from_filters(wanted)
        .fields(made.id, made.key, made.kind, made.source, made.status),
    )
    assert (begun["kind"], begun["source"]) == ("PROMPT_COMPLETION", "FILTERED")
    ends = time.monotonic() + 60
    while (read := world.call("datasets.get", key=world.named("built"))).records is None:
        assert time.monotonic() < ends
        time.sleep(0.5)
    assert read.records == 2
    if world.client.has("datasets.download"):
        lines = httpx.get(f"{BASE_URL}{read.download_url}", headers=HEADERS).text.splitlines()
        said = [json.loads(line)["messages"][0]["content"] for line in lines]
        assert said == ["Build 2", "Build 3"]


@check("interactions.list")
def a_selection_is_downloaded_changed_and_deleted(world: World) -> None:
    if world.kept["version"] < (0, 13):
        return
    first = log_four(world)[0]
    queries, mutations = part("custom_queries").Query, part("custom_mutations").Mutation
    fields = part("custom_fields")
    one = input_of("CompletionSelectionQuery", fromSelection={"include": [first]})
    for address in (queries.completion_download_url, queries.completion_as_dataset_download_url):
        url = asked(world, address(world.project, one))
        (line,) = httpx.get(f"{BASE_URL}{url}", headers=HEADERS).text.splitlines()
        assert json.loads(line)["messages"] == [{"role": "user", "content": "Build 0"}]
    update = input_of(
        "UpdateCompletion",
        id=first,
        addLabels=[{"key": "colour", "value": "red"}],
        removeLabels=[{"key": "for", "value": world.named("build")}],
        metadata={"correct_result": 42},
    )
    labels = fields.CompletionFields.labels(with_protected=False).fields(
        fields.CompletionLabelFields.key, fields.CompletionLabelFields.value
    )
    changed = done(world, mutations.update_completion(update).fields(labels))
    assert changed["labels"] == [{"key": "colour", "value": "red"}]
    assert done(world, mutations.delete_completion_selection(world.project, one)) is True
    assert world.call("interactions.get", completion_id=first) is None


@check("interactions.list")
def what_one_may_narrow_by_is_told(world: World) -> None:
    if world.kept["version"] < (0, 14):
        return
    fields = part("custom_fields")
    options, keys = fields.InteractionOptionsResultFields, fields.LabelKeyUsageFields
    field = (
        part("custom_queries")
        .Query.interaction_options(input_of("InteractionOptionsInput", projectId=world.project))
        .fields(
            options.users().fields(fields.UserFields.email),
            options.models().fields(fields.ModelFields.key),
            options.labels().fields(
                fields.LabelUsageFields.keys().fields(
                    keys.key,
                    keys.count,
                    keys.last_used,
                    keys.values().fields(
                        fields.LabelValueUsageFields.value, fields.LabelValueUsageFields.count
                    ),
                )
            ),
        )
    )
    told = asked(world, field)
    assert {"email": "alice@example.org"} in told["users"]
    assert {"key": "echo"} in told["models"]
    assert all(
        key["count"] >= value["count"] for key in told["labels"]["keys"] for value in key["values"]
    )
