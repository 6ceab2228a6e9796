"""Groups of interactions through GraphQL, against counting them in plain Python."""

from collections import defaultdict
from collections.abc import Callable
from statistics import mean, stdev
from typing import Any

import pytest

from projects.models import Project
from tests.asking import ask, refused
from tests.interactions.evaluator import Fact
from tests.interactions.worlds import World, make_world
from tests.make import make_interactions, make_key, make_llm, make_metric, make_user
from tests.query_counts import QueryCounts

GROUPS = """
query ($filter: ListCompletionsFilterInput!, $by: CompletionGroupBy!, $page: CursorPageInput!,
    $order: [OrderPair!] = [{field: "group", order: ASC}]) {
  completionsGrouped(groupBy: $by, filter: $filter, page: $page, order: $order) {
    totalCount
    groupBy
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes {
      key
      count
      directScoresStats { metric { key hasDirectScores } scores average max min stddev sum }
      old: directFeedbacksStats { feedbacks }
      completions(page: $page, order: [{field: "created_at", order: DESC}]) {
        totalCount
        pageInfo { hasNextPage }
        nodes { id completion labels { key } }
      }
    }
  }
}
"""


@pytest.fixture
def key(db: None) -> str:
    """The key of an administrator, who sees every world."""
    return make_key(make_user("root", is_superuser=True))


def grouped(key: str, world: World, by: str, page: Any = None, order: Any = None, **f: Any) -> Any:
    given: dict[str, Any] = {"filter": {"project": world.project.key, **f}, "by": by}
    if order:
        given["order"] = [{"field": order[0], "order": order[1]}]
    return ask(key, GROUPS, page=page or {}, **given)


def expected(facts: list[Fact], by: str) -> dict[str | None, list[Fact]]:
    found: dict[str | None, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.llm if by == "MODEL" else fact.prompt_hash.hex].append(fact)
    return found


def check(node: dict[str, Any], facts: list[Fact], size: int = 10) -> None:
    assert node["count"] == len(facts)
    assert node["completions"]["totalCount"] == len(facts)
    shown = [one["id"] for one in node["completions"]["nodes"]]
    assert shown == [str(fact.id) for fact in facts][:size]
    assert node["completions"]["pageInfo"]["hasNextPage"] == (len(facts) > size)
    values: dict[str, list[float]] = defaultdict(list)
    for fact in facts:
        for given in fact.feedback:
            values[given.metric].append(given.value)
    stats = {one["metric"]["key"]: one for one in node["directScoresStats"]}
    assert stats.keys() == values.keys()
    for metric, all_given in values.items():
        one = stats[metric]
        assert one["scores"] == len(all_given)
        assert (one["max"], one["min"]) == (max(all_given), min(all_given))
        assert one["sum"] == pytest.approx(sum(all_given))
        assert one["average"] == pytest.approx(mean(all_given))
        spread = stdev(all_given) if len(all_given) > 1 else None
        assert one["stddev"] == (None if spread is None else pytest.approx(spread))
        assert one["metric"]["hasDirectScores"] is True
    assert [one["feedbacks"] for one in node["old"]] == [
        one["scores"] for one in node["directScoresStats"]
    ]


@pytest.mark.parametrize("by", ["MODEL", "PROMPT"])
@pytest.mark.parametrize(
    "filter",
    [
        {},
        {"timerange": {"from": 0, "to": 1708520400000}},
        {"labels": [{"key": "env"}]},
        {"advancedFilter": {"or": [{"label": {"key": "env"}}, {"source": "LIVE"}]}},
        {"advancedFilter": {"not": {"source": "LIVE"}}},
    ],
)
def test_groups_hold_what_matches(key: str, by: str, filter: dict[str, Any]) -> None:
    world = make_world(1)
    listing = ask(
        key,
        "query ($f: ListCompletionsFilterInput!) { completions(filter: $f, page: {}) "
        "{ nodes { id } } }",
        f={"project": world.project.key, **filter},
    )
    matching = {node["id"] for node in listing["nodes"]}
    groups = expected([fact for fact in world.facts if str(fact.id) in matching], by)
    answer = grouped(key, world, by, **filter)
    assert answer["totalCount"] == len(groups)
    assert [node["key"] for node in answer["nodes"]] == sorted(groups, key=lambda k: k or "")
    for node in answer["nodes"]:
        check(node, groups[node["key"]])


@pytest.mark.parametrize("by", ["MODEL", "PROMPT"])
@pytest.mark.parametrize("order", ["group", "count", "created_at"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_pages_show_each_group_once_and_in_order(
    key: str, by: str, order: str, direction: str
) -> None:
    world = make_world(2)
    groups = expected(world.facts, by)
    ranks: dict[str, Callable[[str | None], Any]] = {
        "group": lambda k: 0,
        "count": lambda k: len(groups[k]),
        "created_at": lambda k: max(fact.created_at for fact in groups[k]),
    }
    rank = ranks[order]
    wanted = sorted(groups, key=lambda k: (rank(k), k or ""), reverse=direction == "DESC")
    found: list[Any] = []
    page: dict[str, Any] = {"first": 3}
    while True:
        answer = grouped(key, world, by, page, (order, direction))
        found += [node["key"] for node in answer["nodes"]]
        for node in answer["nodes"]:
            check(node, groups[node["key"]], size=3)
        if not answer["pageInfo"]["hasNextPage"]:
            break
        page["after"] = answer["pageInfo"]["endCursor"]
    assert found == wanted
    last = grouped(key, world, by, {"last": 2}, (order, direction))
    assert [node["key"] for node in last["nodes"]] == wanted[-2:]
    before = {"last": 1, "before": last["pageInfo"]["startCursor"]}
    above = grouped(key, world, by, before, (order, direction))
    assert [node["key"] for node in above["nodes"]] == wanted[-3:-2]


def test_a_cursor_of_another_list_is_an_error(key: str) -> None:
    world = make_world(3, rows=12)
    answer = grouped(key, world, "MODEL", {"first": 1})
    cursor = answer["pageInfo"]["endCursor"]
    filter = {"project": world.project.key}
    for by, page in (("PROMPT", {"after": cursor}), ("MODEL", {"before": "nonsense"})):
        assert "cursor" in refused(key, GROUPS, filter=filter, by=by, page=page)
    order = [{"field": "count", "order": "ASC"}]
    said = refused(key, GROUPS, filter=filter, by="MODEL", page={"after": cursor}, order=order)
    assert "cursor" in said
    wrong = [{"field": "sum", "order": "ASC"}]
    assert "order" in refused(key, GROUPS, filter=filter, by="MODEL", page={}, order=wrong)


def test_a_project_without_interactions_has_no_groups(project: Project, alice_key: str) -> None:
    answer = grouped(alice_key, World(project, []), "MODEL")
    assert (answer["totalCount"], answer["nodes"]) == (0, [])
    assert answer["pageInfo"]["endCursor"] is None


def test_groups_of_a_stranger_are_no_project(project: Project, charlie_key: str) -> None:
    said = refused(charlie_key, GROUPS, filter={"project": "maple"}, by="MODEL", page={})
    assert said.startswith("EntityNotFound: project not found")


@pytest.mark.parametrize("n", [1, 12])
def test_groups_cost_the_same_queries_however_many_they_are(
    project: Project, alice_key: str, query_counts: QueryCounts, n: int
) -> None:
    metric = make_metric(project)
    for number in range(n):
        llm = make_llm(project, f"model-{number}")
        make_interactions(project, 3, llm=llm, labels={"env": "x"}, feedback={metric: True})
    with query_counts("graphql: a page of groups"):
        answer = grouped(alice_key, World(project, []), "MODEL")
    assert answer["totalCount"] == n
