"""What the records that a filter leaves have: models, labels and feedback, with how many."""

from dataclasses import dataclass, field
from time import monotonic

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.models import Dataset
from interactions.services.datasets.finding.faults import FAULTS, fault_test
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.item_records import rows_sql

LOOKED_AT = 50_000  # records, the first in order
VALUES_NAMED = 8  # of a label or metric
KEYS_NAMED = 12  # labels or metrics, the most frequent
FACETS_MS = 4_000


@dataclass(frozen=True, slots=True)
class ItemFacet:
    """A label or metric, or the models (`kind` "model"): its most frequent values, and how many
    it has. Values of a metric are as JSON writes them.
    """

    kind: str
    key: str
    values: int
    top: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class ItemFacets:
    """All of them, of `n` records; where not `is_whole`, of the first that match alone."""

    facets: list[ItemFacet] = field(default_factory=list)
    n: int = 0
    is_whole: bool = True


# Taken as a record: asked for one by one, each member has the whole JSON decompressed once more.
_FACETS = """
WITH matched AS MATERIALIZED (
    SELECT model, content FROM dataset_item
    WHERE project_id = %s AND {valid} ORDER BY position LIMIT %s
),
said AS MATERIALIZED (
    SELECT model, labels, feedback
    FROM matched, jsonb_to_record(content) AS r(labels jsonb, feedback jsonb)
),
counted AS (
    SELECT 'label' AS kind, l.key, l.value, count(*) AS n
    FROM said, jsonb_each_text(labels) l GROUP BY 2, 3
    UNION ALL
    SELECT 'metric', f.key, f.value::text, count(*) FROM said, jsonb_each(feedback) f GROUP BY 2, 3
    UNION ALL
    SELECT 'model', '', model, count(*) FROM said GROUP BY 3
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY kind, key ORDER BY n DESC, value) AS place
    FROM counted
)
SELECT kind, key, count(*), sum(n) AS n, (SELECT count(*) FROM said),
       array_agg(value ORDER BY place) FILTER (WHERE place <= %s),
       array_agg(n ORDER BY place) FILTER (WHERE place <= %s)
FROM ranked GROUP BY kind, key ORDER BY kind DESC, n DESC, key
"""


def facets_query(dataset: Dataset, version: int | None, where: ItemFilter) -> Sql:
    """Each model, label and metric with its values, of the first records that match."""
    valid = rows_sql(dataset, version) & where.test()
    params = (dataset.project_id, *valid.params, LOOKED_AT + 1, VALUES_NAMED, VALUES_NAMED)
    return Sql(_FACETS.replace("{valid}", valid.text), params)


def facets(dataset: Dataset, version: int | None, where: ItemFilter) -> ItemFacets:
    """Stopped after some seconds: raises TookTooLong."""
    with time_limit(FACETS_MS):
        found = fetch(facets_query(dataset, version, where))
    made: list[ItemFacet] = []
    for kind, key, values, _, _, names, counts in found:
        if sum(one.kind == kind for one in made) < KEYS_NAMED:
            made.append(ItemFacet(kind, key, values, list(zip(names, counts, strict=True))))
    looked_at = found[0][4] if found else 0
    return ItemFacets(made, looked_at, looked_at <= LOOKED_AT)


def fault_counts(dataset: Dataset, version: int | None, where: ItemFilter) -> dict[str, int]:
    """How many of the records that match have each fault; without those that take too long."""
    valid = rows_sql(dataset, version) & where.test()
    counted: dict[str, int] = {}
    begun = monotonic()
    for name in FAULTS:
        test = valid & fault_test(name)
        query = f"SELECT count(*) FROM dataset_item WHERE project_id = %s AND {test.text}"
        left = FACETS_MS - 1000 * (monotonic() - begun)
        try:
            with time_limit(max(1, round(left))):
                ((counted[name],),) = fetch(Sql(query, (dataset.project_id, *test.params)))
        except TookTooLong:
            break
    return counted
