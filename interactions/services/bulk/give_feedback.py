"""Giving one value under a metric to many interactions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from adaptive_site.lib.database.bulk_insert import write_rows
from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.errors import Invalid, NotFound
from adaptive_site.lib.ids import to_millisecond, uuid7
from interactions.filters import feedback_text
from interactions.models import BulkAction, Feedback
from interactions.services.bulk import restore_feedback, undo_log
from interactions.services.bulk.preview import Preview, Previewed
from interactions.services.recording.drafts import check_value
from interactions.services.recording.masking import Masking
from interactions.services.rollups import deltas
from projects.models import Metric, Project, User
from projects.services import metrics
from projects.services.access import GIVE_FEEDBACK, Caller

PERMISSION = GIVE_FEEDBACK
REQUIRED = "metric"
LONGEST_REASON = 10_000
YES_NO_WORDS = {"yes": "1", "true": "1", "no": "0", "false": "0"}


def check(project: Project, given: Mapping[str, Any], *, caller: Caller) -> dict[str, Any]:
    """`metric`, by key, `value` and `reason`. Raises Invalid."""
    try:
        metric = metrics.known(project, str(given.get("metric", "")))
    except NotFound as error:
        raise Invalid("expected a metric of this project", field="metric") from error
    value = check_value(metric, _number(given.get("value")), field="value")
    reason = without_nul(str(given.get("reason", ""))).strip()
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"expected at most {LONGEST_REASON:,} characters", field="reason")
    reason = Masking().text(project, reason)
    return {"metric": metric.key, "metric_id": metric.id, "value": value, "reason": reason} | (
        {"is_bool": True} if metric.kind == Metric.Kind.BOOL else {}
    )


def _number(text: object) -> float:
    said = str("" if text is None else text).strip().lower()
    try:
        return float(YES_NO_WORDS.get(said, said))
    except ValueError as error:
        raise Invalid("expected a number, or yes or no", field="value") from error


def preview(picked: Previewed, arguments: Mapping[str, Any], *, by: User) -> Preview:
    """On how many the person gave another value under the metric, or this one."""
    seen = picked.preview()
    rows = fetch(
        Sql(
            "SELECT f.value, f.reason = %s AND f.value = %s, count(DISTINCT p.id)"
            " FROM (" + picked.rows.text + ") p JOIN feedback f ON f.interaction_id = p.id"
            " WHERE f.project_id = %s AND f.metric_id = %s AND f.created_by_id = %s"
            " AND f.source = 'REVIEW' GROUP BY 1, 2 ORDER BY 3 DESC",
            (
                *(arguments["reason"], arguments["value"], *picked.rows.params),
                *(picked.project_id, arguments["metric_id"], by.id),
            ),
        )
    )
    seen.split([(f"{value:g}", n, is_same) for value, is_same, n in rows])
    return seen


def prepare(action: BulkAction) -> None:
    """Nothing is needed beforehand."""


def sentence(arguments: Mapping[str, Any]) -> str:
    """What is done, in words."""
    said = feedback_text.value(arguments["value"], is_yes_no=bool(arguments.get("is_bool")))
    return f"Give feedback {feedback_text.subject(arguments['metric'])} {said}"


def result(arguments: Mapping[str, Any], counted: str) -> str:
    """What was done, in words."""
    said = feedback_text.value(arguments["value"], is_yes_no=bool(arguments.get("is_bool")))
    return f"Feedback {feedback_text.subject(arguments['metric'])} {said} on {counted}"


def do(action: BulkAction, ids: Sequence[UUID]) -> int:
    """Give the value in place of the person's own last; returns how many interactions changed."""
    rows = undo_log.lock(action, ids)
    mine = _mine(action, list(rows))
    wanted = (action.arguments["value"], action.arguments["reason"])
    fresh = [
        id for id in rows if [(one["value"], one["reason"]) for one in mine.get(id, ())] != [wanted]
    ]
    replaced = [one for id in fresh for one in mine.get(id, ())]
    restore_feedback.take_feedback(action, [one["id"] for one in replaced])
    now = to_millisecond(datetime.now(UTC))
    given = {id: uuid7(now) for id in fresh}
    _give(action, given, now)
    undo_log.keep(
        action, {id: {"given": str(given[id]), "feedback": mine.get(id, [])} for id in fresh}
    )
    return len(fresh)


def undo(action: BulkAction, ids: Sequence[UUID]) -> int:
    """Withdraw the values that are still there, and put back those they replaced."""
    undo_log.lock(action, ids)
    before = undo_log.read(action, ids)
    given = {UUID(before[id]["given"]): id for id in before}
    gone = restore_feedback.take_feedback(action, list(given))
    back = [given[id] for id in gone]
    restore_feedback.put_feedback(action, back)
    undo_log.forget(action, back)
    return len(back)


def _mine(action: BulkAction, ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The person's own feedback under the metric, by interaction."""
    return restore_feedback.feedback_of(
        action,
        ids,
        "metric_id = %s AND created_by_id = %s AND source = %s",
        [action.arguments["metric_id"], action.created_by_id, Feedback.Source.REVIEW],
    )


def _give(action: BulkAction, given: Mapping[UUID, UUID], now: datetime) -> None:
    metric_id, value = action.arguments["metric_id"], action.arguments["value"]
    write_rows(
        "feedback",
        (
            *("id", "project_id", "interaction_id", "metric_id", "value", "reason", "details"),
            *("source", "created_by_id", "created_at"),
        ),
        [
            (
                *(
                    id.hex,
                    action.project_id,
                    on.hex,
                    metric_id,
                    value,
                    action.arguments["reason"],
                    "",
                ),
                *(Feedback.Source.REVIEW.value, action.created_by_id, now.isoformat()),
            )
            for on, id in given.items()
        ],
    )
    counted = [(action.project_id, on, metric_id, value) for on in given]
    deltas.append(deltas.FEEDBACK_DELTAS, deltas.feedback_rows(counted))
