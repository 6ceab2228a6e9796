"""Projects and metrics through GraphQL: whose they are, sharing, and older clients' words."""

from typing import Any

import pytest

from adaptive_site.lib.graphql.scalars import milliseconds
from projects.models import Event, Metric, Project, ProjectShare, User
from projects.services import metrics
from projects.services.access import ACT_FOR, PERMISSIONS
from tests.asking import answer, ask, refused
from tests.auditing import verbs_told
from tests.make import (
    make_interaction,
    make_key,
    make_llm,
    make_metric,
    make_project,
    make_team,
    make_user,
)

CREATE = "mutation ($i: ProjectCreate!) { createProject(input: $i) { ...P } }"
SHARE = "mutation ($p: IdOrKey!, $i: ProjectShares!) { shareProject(idOrKey: $p, input: $i) {...P}}"
LIST = "{ projects { ...P } }"
GET = "query ($p: IdOrKey!) { project(idOrKey: $p) { ...P } }"
DATA = """
fragment P on Project {
  id key name description createdAt permissions
  metrics { id key name kind description scoringType createdAt }
  modelServices { id key name isDefault desiredOnline createdAt model { id key } }
  shares { isOwner team { id key name createdAt } role { id key name createdAt permissions } }
}
"""


def shares(shown: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """By team: the role and whether it owns."""
    return {one["team"]["key"]: (one["role"]["key"], one["isOwner"]) for one in shown["shares"]}


def test_whoever_makes_a_project_owns_it(charlie: User, charlie_key: str, alice_key: str) -> None:
    made = ask(charlie_key, CREATE + DATA, i={"name": "My project", "key": None, "team": None})
    assert made["key"] == "my-project"
    assert made["permissions"] == [one for one in PERMISSIONS if one != ACT_FOR]
    assert list(shares(made).values()) == [("owner", True)]
    assert ask(charlie_key, GET + DATA, p="my-project") == made
    assert ask(charlie_key, GET + DATA, p=made["id"]) == made
    again = ask(charlie_key, CREATE + DATA, i={"name": "My project!", "description": "2nd"})
    assert (again["key"], again["description"]) == ("my-project-2", "2nd")
    assert shares(again) == shares(made)
    assert {one["key"] for one in ask(alice_key, LIST + DATA)} == {"maple"}
    assert Event.objects.filter(verb="project.created", actor=charlie).count() == 2


@pytest.mark.parametrize(
    "given",
    [{"name": "", "key": None}, {"name": "A", "key": "not a slug"}, {"name": "A", "key": "maple"},
     {"name": "日本", "key": "日本"}],
)  # fmt: skip
def test_a_project_needs_a_name_and_a_free_key(
    project: Project, alice_key: str, given: dict[str, Any]
) -> None:
    assert refused(alice_key, CREATE + DATA, i=given)
    assert Project.objects.count() == 1


def test_a_name_without_latin_letters_gets_a_key_too(alice_key: str) -> None:
    assert ask(alice_key, CREATE + DATA, i={"name": "日本"})["key"] == "project"


def test_a_project_may_be_given_to_a_team_that_one_manages(project: Project, charlie: User) -> None:
    key = make_key(charlie)
    make_team("reds", {charlie: "owner"})
    make_team("blues", {charlie: "editor"})
    made = ask(key, CREATE + DATA, i={"name": "Red", "team": "reds"})
    assert shares(made) == {"reds": ("owner", True)}
    assert "project:manage" in refused(key, CREATE + DATA, i={"name": "B", "team": "blues"})
    theirs = refused(key, CREATE + DATA, i={"name": "B", "team": "maple-owners"})
    assert theirs == refused(key, CREATE + DATA, i={"name": "B", "team": "absent"})
    assert theirs == "EntityNotFound: team not found"


def test_a_stranger_sees_no_project(project: Project, charlie_key: str, bob_key: str) -> None:
    assert ask(charlie_key, GET + DATA, p="maple") is None
    assert ask(charlie_key, GET + DATA, p="absent") is None
    assert [one["key"] for one in ask(charlie_key, LIST + DATA)] == ["cherry"]
    seen = ask(bob_key, GET + DATA, p="maple")
    assert "project:manage" not in seen["permissions"]


def test_shares_are_replaced(project: Project, alice: User, alice_key: str, charlie: User) -> None:
    make_team("reds", {charlie: "owner", alice: "viewer"})  # one shares with teams one knows
    key = make_key(charlie)
    assert ask(key, GET + DATA, p="maple") is None
    owner = {"team": "maple-owners", "role": "owner", "isOwner": True}
    both = [owner, {"team": "reds", "role": "viewer", "isOwner": False}]
    shown = ask(alice_key, SHARE + DATA, p="maple", i={"shares": both})
    assert shares(shown) == {"maple-owners": ("owner", True), "reds": ("viewer", False)}
    assert ask(key, GET + DATA, p="maple")["permissions"] == ["project:read", "interaction:read"]
    ask(alice_key, SHARE + DATA, p="maple", i={"shares": [owner]})
    assert ask(key, GET + DATA, p="maple") is None
    assert verbs_told("project.shared")


def test_sharing_needs_the_right_and_leaves_an_owner(
    project: Project, alice_key: str, bob_key: str, charlie_key: str
) -> None:
    before = ProjectShare.objects.filter(project=project).count()
    assert "project:manage" in refused(bob_key, SHARE + DATA, p="maple", i={"shares": []})
    assert "project not found" in refused(charlie_key, SHARE + DATA, p="maple", i={"shares": []})
    one = {"team": "maple-owners", "role": "viewer", "isOwner": False}
    assert "owner" in refused(alice_key, SHARE + DATA, p="maple", i={"shares": [one]})
    for wrong in ({**one, "team": "absent"}, {**one, "role": "absent", "isOwner": True}):
        said = refused(alice_key, SHARE + DATA, p="maple", i={"shares": [wrong]})
        assert said.startswith("EntityNotFound") or "owner" in said
    twice = [{**one, "isOwner": True}, one]
    assert "once" in refused(alice_key, SHARE + DATA, p="maple", i={"shares": twice})
    assert ProjectShare.objects.filter(project=project).count() == before


def test_clients_before_0_13_say_use_case(project: Project, alice: User, alice_key: str) -> None:
    data = DATA.replace("fragment P on Project", "fragment P on UseCase")
    made = ask(
        alice_key,
        "mutation ($i: UseCaseCreate!) { createUseCase(input: $i) { ...P } }" + data,
        i={"name": "Old", "settings": {"defaultMetric": None}},
    )
    assert made["key"] == "old"
    assert {one["key"] for one in ask(alice_key, "{ useCases { ...P } }" + data)} == {
        "old",
        "maple",
    }
    get = "query ($p: IdOrKey!) { useCase(idOrKey: $p) { ...P } }" + data
    assert ask(alice_key, get, p="old") == made
    owner = {"team": f"user-{alice.uuid}", "role": "owner", "isOwner": True}
    share = 'mutation ($i: UseCaseShares!) { shareUseCase(idOrKey: "old", input: $i) { ...P } }'
    assert ask(alice_key, share + data, i={"shares": [owner]})["shares"] == made["shares"]


REGISTER = """mutation ($p: IdOrKey, $i: MetricCreate!) { createMetric(project: $p, input: $i) {
    id key name kind description scoringType createdAt hasDirectScores projects { key } } }"""
KEYS = "{ metrics { key projects { key } hasDirectFeedbacks } }"
KEY = "query ($m: IdOrKey!, $p: IdOrKey!) { metric(metricIdOrKey: $m, projectIdOrKey: $p) { id } }"
OLD_KEY = "query ($m: IdOrKey!) { metric(idOrKey: $m) { id key useCases { key } } }"
LINK = "mutation ($i: MetricLink!) { linkMetric(input: $i) { id key } }"
UNLINK = "mutation ($i: MetricUnlink!) { unlinkMetric(input: $i) }"


def test_a_metric_belongs_to_its_project(
    project: Project, alice_key: str, bob_key: str, charlie_key: str
) -> None:
    given = {"name": "Helpful", "key": "helpful", "kind": "BOOL", "description": None}
    made = ask(alice_key, REGISTER, p="maple", i={**given, "scoringType": "LOWER_IS_BETTER"})
    metric = Metric.objects.get(project=project)
    assert made == {
        "id": str(metric.uuid),
        "key": "helpful",
        "name": "Helpful",
        "kind": "BOOL",
        "description": "",
        "scoringType": "LOWER_IS_BETTER",
        "createdAt": milliseconds(metric.created_at),
        "hasDirectScores": False,
        "projects": [{"key": "maple"}],
    }
    assert "helpful" in refused(alice_key, REGISTER, p="maple", i=given)
    assert "project:manage" in refused(bob_key, REGISTER, p="maple", i={**given, "key": "b"})
    assert "project not found" in refused(charlie_key, REGISTER, p="maple", i=given)
    assert ask(bob_key, KEY, m="helpful", p="maple") == {"id": made["id"]}
    assert ask(bob_key, KEY, m=made["id"], p="maple") == {"id": made["id"]}
    assert ask(bob_key, KEY, m="absent", p="maple") is None
    assert "project not found" in refused(charlie_key, KEY, m="helpful", p="maple")
    assert ask(charlie_key, KEYS) == []
    assert ask(charlie_key, OLD_KEY, m="helpful") is None
    assert ask(alice_key, REGISTER, p="maple", i={"name": "n", "kind": "SCALAR"})["key"] == "n"
    assert "units" in refused(
        alice_key, REGISTER, p="maple", i={"name": "u", "kind": "SCALAR", "unit": "s"}
    )


def test_a_metric_of_an_old_client_is_linked_to_projects(
    project: Project, charlies_project: Project, alice_key: str, charlie_key: str
) -> None:
    given = {"name": "csat", "key": "csat", "kind": "SCALAR"}
    made = ask(alice_key, REGISTER, i=given)
    assert made["projects"] == []
    assert ask(alice_key, KEYS) == [{"key": "csat", "projects": [], "hasDirectFeedbacks": False}]
    linked = ask(alice_key, LINK, i={"useCase": "maple", "metric": made["id"]})
    assert linked == {"id": made["id"], "key": "csat"}  # the very one, not a second
    assert Metric.objects.filter(key="csat").count() == 1
    assert "exists" in refused(alice_key, REGISTER, i=given)
    assert ask(alice_key, LINK, i={"useCase": "maple", "metric": "csat"}) == linked
    (listed,) = ask(alice_key, KEYS)
    assert listed["projects"] == [{"key": "maple"}]
    assert ask(alice_key, OLD_KEY, m="csat")["id"] == linked["id"]
    assert ask(charlie_key, OLD_KEY, m="csat") is None
    assert metrics.known(project, made["id"]).key == "csat"
    assert "project" in refused(charlie_key, LINK, i={"useCase": "maple", "metric": "csat"})
    assert "EntityNotFound: metric" in refused(
        charlie_key, LINK, i={"useCase": "cherry", "metric": linked["id"]}
    )
    assert isinstance(ask(alice_key, UNLINK, i={"useCase": "maple", "metric": "csat"}), str)
    assert ask(alice_key, KEY, m="csat", p="maple") is None
    stranger = make_key(make_user("eve"))
    assert "project:manage" in refused(stranger, REGISTER, i={**given, "key": "x"})
    assert verbs_told("metric.linked")


SCORE = """mutation ($c: UUID!, $m: IdOrKey!, $i: ScoreAddInput!) {
    addDirectScore(completionId: $c, metricId: $m, input: $i) {
        id value reason details createdAt metric { key hasDirectScores } } }"""
OLD_SCORE = SCORE.replace("addDirectScore", "addDirectFeedback").replace("ScoreAdd", "FeedbackAdd")


def test_feedback_follows_its_interaction(project: Project, bob: User, bob_key: str) -> None:
    make_metric(project)
    one = make_interaction(project)
    made = ask(bob_key, SCORE, c=str(one.id), m="helpful", i={"value": True, "details": "ok"})
    assert (made["value"], made["details"], made["reason"]) == (1.0, "ok", None)
    assert made["metric"] == {"key": "helpful", "hasDirectScores": True}
    old = ask(bob_key, OLD_SCORE, c=str(one.id), m="helpful", i={"value": 0, "details": None})
    assert old["value"] == 0.0
    stored = one.feedback.order_by("id")
    assert [(str(given.id), given.created_by) for given in stored] == [
        (made["id"], bob),
        (old["id"], bob),
    ]


def test_feedback_that_cannot_be_is_refused(
    project: Project, charlies_project: Project, alice_key: str, charlie_key: str
) -> None:
    make_metric(project)
    make_metric(project, "csat", "SCALAR")
    theirs = make_metric(charlies_project, "cherry")
    one = make_interaction(project)
    for metric, value in (
        ("helpful", 0.5), ("helpful", 2), ("helpful", "true"), ("csat", True), ("csat", "5"),
        ("csat", None), ("csat", []),
    ):  # fmt: skip
        assert refused(alice_key, SCORE, c=str(one.id), m=metric, i={"value": value})
    told = answer(alice_key, SCORE, c=str(one.id), m=str(theirs.uuid), i={"value": 1})
    assert told["errors"][0]["message"] == "EntityNotFound: metric not found"
    assert told["data"] is None
    said = refused(charlie_key, SCORE, c=str(one.id), m="helpful", i={"value": 1})
    assert said == f"EntityNotFound: completion {one.id} not found"
    assert "NaN" not in said
    assert one.feedback.count() == 0


def test_lists_of_projects_cost_no_query_a_project(
    alice: User, alice_key: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        made = make_project(f"project-{number}", owner=alice)
        make_metric(made)
        make_llm(made)
    with django_assert_max_num_queries(9):
        assert len(ask(alice_key, LIST + DATA)) == 9
