"""What a job has chosen, kept in a table until it is copied."""

from itertools import islice

from adaptive_site.lib.database.bulk_insert import write_rows
from adaptive_site.lib.database.sql import Sql, fetch
from interactions.models import Job
from interactions.services.building.candidates.narrow import TIES
from interactions.services.building.pipeline import BuildPlan
from interactions.services.datasets.placing.split_rule import SPLITS
from interactions.services.training.from_interactions import Chosen
from projects.models import Metric

WRITTEN_AT_ONCE = 20_000
_COLUMNS = ("job_id", "number", "interaction_id", "other_id", "metric_id", "tied", "split")


def write(job: Job, plan: BuildPlan) -> None:
    """Keep what the plan has chosen, numbered from 1."""
    all = plan.candidates
    numbers = iter(range(len(plan)))
    while some := list(islice(numbers, WRITTEN_AT_ONCE)):
        rows = []
        for number in some:
            at = plan.chosen[number]
            pair: tuple[str | None, int | None, str] = (None, None, "")
            if all.has_pairs:
                pair = (str(all.others.id(at)), all.metric_ids[at], TIES[all.ties[at]])
            split = SPLITS[plan.splits[number]]
            rows.append((job.id, number + 1, str(all.ids.id(at)), *pair, split))
        write_rows("planned_record", _COLUMNS, rows)


def read(job: Job, *, after: int, limit: int) -> list[Chosen]:
    """What comes after so many of them; fewer than `limit` are the last."""
    rows = fetch(
        Sql(
            "SELECT interaction_id, other_id, metric_id, tied, split FROM planned_record"
            " WHERE job_id = %s AND number > %s ORDER BY number LIMIT %s",
            (job.id, after, limit),
        )
    )
    used = {metric for _, _, metric, _, _ in rows if metric is not None}
    mine = Metric.objects.in_project(job.project).filter(id__in=used)
    keys: dict[int, str] = dict(mine.values_list("id", "key")) if used else {}
    return [
        Chosen(id, other, metric=keys.get(metric), tied=tied or None, split=split)
        for id, other, metric, tied, split in rows
    ]


def forget(job: Job) -> None:
    """Remove what is kept for a job that has ended."""
    fetch(Sql("WITH gone AS (DELETE FROM planned_record WHERE job_id = %s) SELECT 1", (job.id,)))
