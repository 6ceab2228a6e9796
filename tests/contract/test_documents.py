"""Every GraphQL document of the published clients: valid here, or answered without validation."""

from collections.abc import Callable

import pytest
from graphql import GraphQLSchema, parse, validate

from adaptive_site import graphql as endpoint
from tests.contract.documents import documents, roots
from tests.contract.environments import VERSIONS


def root_fields(schema: GraphQLSchema) -> set[str]:
    """The root fields of the schema."""
    return {
        name for root in (schema.query_type, schema.mutation_type) if root for name in root.fields
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_is_valid_or_about_something_this_server_does_not_do(
    version: str, counted: Callable[[str], None]
) -> None:
    found = documents(version)
    ours = [one for one in found if set(roots(one)) <= root_fields(endpoint.SCHEMA)]
    faults = [
        f"{roots(one)}: {error.message}"
        for one in ours
        for error in validate(endpoint.SCHEMA, parse(one))
    ]
    assert not faults, "\n".join(faults)
    beyond = {root for one in found if one not in ours for root in roots(one)}
    assert beyond <= BEYOND
    assert len(ours) > 40
    counted(
        f"adaptive-sdk {version}: {len(ours)} of {len(found)} GraphQL documents are valid here,"
        f" {len(found) - len(ours)} are about what this server does not do"
    )


# Jobs, recipes, graders, judges, integrations and the machines they run on.
BEYOND = {
    "addModel", "addRemoteEnv", "cancelJob", "computePools", "createCustomRecipe", "createGrader",
    "createIntegration", "createJob", "createJudge", "createPrebuiltJudge", "customRecipe",
    "customRecipes", "deleteCustomRecipe", "deleteGrader", "deleteIntegration", "deleteJob",
    "deleteJudge", "grader", "graders", "harmonyGroups", "importHfModel", "integration",
    "integrations", "job", "jobs", "judge", "judges", "judgeVersions", "lockGrader", "provider",
    "providers", "remoteEnvs", "removeRemoteEnv", "resizeInferencePartition", "testNotification",
    "testRemoteEnv", "updateCustomRecipe", "updateGrader", "updateIntegration", "updateJob",
    "updateJudge", "validateFunctionGrader",
}  # fmt: skip
