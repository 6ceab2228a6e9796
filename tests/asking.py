"""Asking the site's GraphQL in tests."""

from typing import Any

from django.test import Client

LIST = """
query ListInteractions($filter: ListCompletionsFilterInput!, $page: CursorPageInput!,
    $order: [OrderPair!] = [{field: "created_at", order: DESC}]) {
  completions(filter: $filter, page: $page, order: $order) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { id }
  }
}
"""


def send(key: str | None, body: Any, **options: Any) -> Any:
    """The response to a body sent as JSON."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    options.setdefault("content_type", "application/json")
    return Client().post("/api/graphql", body, headers=headers, **options)


def answer(key: str, query: str, **variables: Any) -> dict[str, Any]:
    """`data` and `errors` of an operation."""
    response = send(key, {"query": query, "variables": variables})
    assert response.status_code == 200
    told: dict[str, Any] = response.json()
    return told


def ask(key: str, query: str, **variables: Any) -> Any:
    """`data` of an operation that must succeed; of one root field, that field."""
    told = answer(key, query, **variables)
    assert not told.get("errors"), told["errors"]
    return next(iter(told["data"].values())) if len(told["data"]) == 1 else told["data"]


def refused(key: str, query: str, **variables: Any) -> str:
    """The message of the first error of an operation that must fail."""
    told = answer(key, query, **variables)
    assert told.get("errors"), told
    return str(told["errors"][0]["message"])


def listed(key: str, page: dict[str, Any] | None = None, order: Any = None, **filter: Any) -> Any:
    """A page of the project `maple`, with these members of the filter."""
    given = {"filter": {"project": "maple", **filter}, "page": page or {}}
    return ask(key, LIST, **given, **({"order": order} if order else {}))


def ids(listing: dict[str, Any]) -> list[str]:
    """The ids of a page, in its order."""
    return [node["id"] for node in listing["nodes"]]
