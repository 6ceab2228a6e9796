"""A world of interactions, doing bulk actions to it, and what tests compare of it."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.http import QueryDict

from interactions.models import BulkAction, Selection
from interactions.services import selections
from interactions.services.bulk import actions as bulk_actions
from interactions.services.bulk import queue
from interactions.services.judging import feedback
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.drafts import FeedbackDraft
from projects.models import Metric, Project, User
from projects.services.access import Caller
from tests import make

TABLES = {
    "interaction": "id",
    "interaction_body": "interaction_id",
    "interaction_label": "label_id, interaction_id",
    "interaction_image": "interaction_id, position",
    "feedback": "id",
    "comparison": "id",
}


def populate(project: Project, alice: User, bob: User) -> list[UUID]:
    """Ten interactions with labels, feedback of two people, images and comparisons."""
    helpful = make.make_metric(project, "helpful")
    score = make.make_metric(project, "score", "SCALAR")
    picture = make.image_message(make.data_uri(make.make_image()))
    ids = []
    for n in range(10):
        env = {} if n % 4 == 3 else {"env": ("prod", "dev")[n % 2]}
        known: dict[str, Any] = {"labels": {"n": str(n), **env}, "feedback": {score: n / 3}}
        if n % 5 == 0:
            known["messages"] = [picture]
        ids.append(make.make_interaction(project, f"Question {n}", **known).id)
    for by, which in ((alice, ids[:6]), (bob, ids[3:])):
        for id in which:
            judge(project, id, helpful, by=by, value=1.0)
    pairs = [(ids[0], ids[9]), (ids[1], ids[2]), (ids[8], ids[3])]
    compare(
        project,
        [
            NewComparison(metric=helpful, preferred_id=a, other_id=b, created_at=make.NOON)
            for a, b in pairs
        ],
        by=alice,
    )
    return ids


def judge(project: Project, id: UUID, metric: Metric, *, by: User, value: float) -> None:
    given = FeedbackDraft(metric=metric, value=value)
    feedback.give_own(project, id, given=given, by=by, is_toggle=False)


def state(project: Project) -> dict[str, list[Any]]:
    """Every row of the project in the hot tables, and what its roll-ups say."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for table, order in TABLES.items():
            cursor.execute(
                f"SELECT to_jsonb(t)::text FROM {table} t WHERE project_id = %s ORDER BY {order}",
                [project.id],
            )
            found[table] = cursor.fetchall()
        cursor.execute(
            "SELECT start, label_id, sum(n) FROM ("
            " SELECT start, unnest(label_ids) AS label_id, unnest(counts) AS n FROM label_delta"
            " WHERE project_id = %s) d GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2",
            [project.id],
        )
        found["labels counted"] = cursor.fetchall()
        cursor.execute(
            "SELECT metric_id, day, sum(n), round(sum(total)::numeric, 9),"
            " round(sum(squares)::numeric, 9) FROM feedback_delta WHERE project_id = %s"
            " GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2",
            [project.id],
        )
        found["feedback counted"] = cursor.fetchall()
    return found


def agrees(project: Project) -> None:
    """Rows, postings and both roll-ups say the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH said AS (SELECT i.id, l.key, l.id AS label FROM interaction i"
            "  JOIN label l ON l.id = ANY(i.label_ids) WHERE i.project_id = %(p)s),"
            " wanted AS (SELECT id, label FROM said UNION SELECT s.id, k.id FROM said s"
            "  JOIN label k ON k.project_id = %(p)s AND k.key = s.key AND k.value IS NULL),"
            " posted AS (SELECT interaction_id, label_id FROM interaction_label"
            "  WHERE project_id = %(p)s)"
            " SELECT (SELECT count(*) FROM (TABLE wanted EXCEPT TABLE posted) a)"
            " + (SELECT count(*) FROM (TABLE posted EXCEPT TABLE wanted) b)",
            {"p": project.id},
        )
        assert cursor.fetchone()[0] == 0
        cursor.execute(
            "SELECT label_id, count(*) FROM interaction_label WHERE project_id = %s GROUP BY 1"
            " UNION ALL SELECT 0, count(*) FROM interaction WHERE project_id = %s",
            [project.id, project.id],
        )
        posted = dict(cursor.fetchall())
        cursor.execute(
            "SELECT metric_id, count(*), round(sum(value)::numeric, 9) FROM feedback"
            " WHERE project_id = %s GROUP BY 1 ORDER BY 1",
            [project.id],
        )
        given = cursor.fetchall()
    now = state(project)
    counted: dict[int, int] = {}
    for _, label, n in now["labels counted"]:
        counted[label] = counted.get(label, 0) + n
    assert {label: n for label, n in counted.items() if n} == {
        label: n for label, n in posted.items() if n
    }
    sums: dict[int, tuple[int, float]] = {}
    for metric, _, n, total, _ in now["feedback counted"]:
        before = sums.get(metric, (0, 0.0))
        sums[metric] = (before[0] + n, round(before[1] + float(total), 6))
    there = {metric: (n, round(float(total), 6)) for metric, n, total in given}
    assert {metric: both for metric, both in sums.items() if both[0]} == there


def everything(project: Project, by: User, query: str = "") -> Selection:
    return selections.freeze(project, QueryDict(query), by=by)


def work() -> int:
    """Do all there is to do; returns how many pieces it took."""
    n = 0
    while queue.do_some():
        n += 1
        assert n < 100
    return n


def done(selection: Selection, kind: str, by: User, **given: Any) -> BulkAction:
    action = bulk_actions.begin(selection, kind, given, caller=Caller(by))
    work()
    action.refresh_from_db()
    assert (action.state, action.error) == ("done", "")
    agrees(action.project)
    return action


def undone(action: BulkAction, by: User) -> BulkAction:
    bulk_actions.undo(action, caller=Caller(by))
    work()
    action.refresh_from_db()
    assert (action.state, action.error) == ("undone", "")
    agrees(action.project)
    return action
