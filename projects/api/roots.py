"""The two types whose fields are GraphQL's operations, and what all of these begin with."""

from typing import Any, TypeAlias

from ariadne import ObjectType
from graphql import GraphQLResolveInfo

from adaptive_site.lib.errors import Invalid
from projects.models import Project
from projects.services.access import READ, Caller, project_for

query = ObjectType("QueryRoot")
mutation = ObjectType("MutationRoot")
# What a resolver is told; its context is who sent the operation.
Info: TypeAlias = GraphQLResolveInfo[Caller]


def project_named(
    caller: Caller, given: dict[str, Any], permission: str = READ, *, field: str = ""
) -> Project:
    """The project that `project` names, or `useCase` as clients before 0.13 say."""
    name = given.get("project") or given.get("useCase")
    if not name:
        raise Invalid("expected a project", field=field)
    return project_for(caller, name, permission)
