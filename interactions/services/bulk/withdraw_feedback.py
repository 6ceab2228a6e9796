"""Withdrawing feedback from many interactions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.models import BulkAction
from interactions.services.bulk import restore_feedback, undo_log
from interactions.services.bulk.preview import Preview, Previewed, ReplacedValue
from projects.models import Project, User
from projects.services import metrics
from projects.services.access import GIVE_FEEDBACK, MANAGE, Caller

PERMISSION = GIVE_FEEDBACK
REQUIRED = ""


def check(project: Project, given: Mapping[str, Any], *, caller: Caller) -> dict[str, Any]:
    """`metric`, by key (none: all of them), and `anybody`: others' too, for owners."""
    arguments: dict[str, Any] = {"metric": None, "anybody": bool(given.get("anybody"))}
    if key := str(given.get("metric", "")):
        try:
            metric = metrics.known(project, key)
        except NotFound as error:
            raise Invalid("expected a metric of this project, or none", field="metric") from error
        arguments |= {"metric": metric.key, "metric_id": metric.id}
    if arguments["anybody"] and not caller.may(MANAGE, project):
        raise Forbidden("only owners of the project may withdraw others' feedback", field="anybody")
    return arguments


def preview(picked: Previewed, arguments: Mapping[str, Any], *, by: User) -> Preview:
    """How much feedback goes, of which metrics, and how much of it is others'."""
    seen = picked.preview()
    test, params = _test_of(arguments, by.id)
    rows = fetch(
        Sql(
            "WITH gone AS (SELECT f.* FROM (" + picked.rows.text + ") p"
            f" JOIN feedback f ON f.interaction_id = p.id WHERE f.project_id = %s AND {test})"
            " SELECT m.key, count(*), count(*) FILTER (WHERE created_by_id IS DISTINCT FROM %s),"
            " (SELECT count(DISTINCT interaction_id) FROM gone)"
            " FROM gone JOIN projects_metric m ON m.id = metric_id GROUP BY 1 ORDER BY 2 DESC, 1",
            (*picked.rows.params, picked.project_id, *params, by.id),
        )
    )
    seen.show([ReplacedValue(key, n) for key, n, *_ in rows])
    seen.feedback = sum(n for _, n, *_ in rows)
    seen.others = sum(others for _, _, others, _ in rows)
    seen.replaced = rows[0][3] if rows else 0
    seen.same = seen.looked_at - seen.replaced
    return seen


def prepare(action: BulkAction) -> None:
    """Nothing is needed beforehand."""


def sentence(arguments: Mapping[str, Any]) -> str:
    """What is done, in words."""
    whose = "everybody's" if arguments["anybody"] else "own"
    return f"Withdraw {whose} feedback{_under(arguments)}"


def result(arguments: Mapping[str, Any], counted: str) -> str:
    """What was done, in words."""
    return f"Feedback{_under(arguments)} withdrawn from {counted}"


def _under(arguments: Mapping[str, Any]) -> str:
    return f" under {arguments['metric']}" if arguments["metric"] else ""


def do(action: BulkAction, ids: Sequence[UUID]) -> int:
    """Delete the feedback into the undo log; returns how many interactions had some."""
    rows = undo_log.lock(action, ids)
    test, params = _test_of(action.arguments, action.created_by_id)
    found = restore_feedback.feedback_of(action, list(rows), test, params)
    restore_feedback.take_feedback(action, [one["id"] for given in found.values() for one in given])
    undo_log.keep(action, {id: {"feedback": given} for id, given in found.items()})
    return len(found)


def undo(action: BulkAction, ids: Sequence[UUID]) -> int:
    """Put the feedback back, except where its author has given a newer value since."""
    undo_log.lock(action, ids)
    wanted = {id: len(before["feedback"]) for id, before in undo_log.read(action, ids).items()}
    given = Counter(restore_feedback.put_feedback(action, ids))
    back = [id for id, n in wanted.items() if given[id] == n]
    undo_log.forget(action, back)
    return len(back)


def _test_of(arguments: Mapping[str, Any], by_id: int) -> tuple[str, list[object]]:
    """Which feedback goes, as a test in SQL."""
    tests, params = ["TRUE"], list[object]()
    if arguments["metric"]:
        tests.append("metric_id = %s")
        params.append(arguments["metric_id"])
    if not arguments["anybody"]:
        tests.append("created_by_id = %s")
        params.append(by_id)
    return " AND ".join(tests), params
