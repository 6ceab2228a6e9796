"""Figures of a version or of the draft: how many, how long, and what they are made up of."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self
from uuid import UUID

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.models import Dataset, DatasetVersion
from interactions.services.datasets.item_records import included_sql, rows_sql
from projects.models import Project

MAKE_UP_MS = 3_000
JOB_MAKE_UP_MS = 300_000
VALUES_OF_A_LABEL = 8  # that are named; the others are counted together
MOST_NAMED = 20  # labels, metrics or models
# Tokens up to which a record is in a bar of the histogram; the last bar has no end.
BARS = (64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
LINES = (1024, 2048, 4096, 8192)  # lengths that people train with


@dataclass(frozen=True, slots=True)
class TokenFigures:
    """About how many tokens the records have."""

    total: int
    median: int
    percentile_95: int
    longest: int
    bars: list[int]  # records up to each of BARS, the last those beyond
    over: dict[str, int]  # records longer than each of LINES


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """How many records carry a label, how many values it has, and the most frequent ones."""

    key: str
    records: int
    values: int
    top: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class MetricFigures:
    """How many records have feedback of a metric, and its mean; of a bool the share of yes."""

    key: str
    records: int
    mean: float
    is_bool: bool


@dataclass(frozen=True, slots=True)
class MakeUp:
    """What the records say of themselves; `compared` are a preference's metrics, `ties` its ties.

    A preference without a metric is counted under "".
    """

    labels: list[LabelFigures]
    metrics: list[MetricFigures]
    compared: dict[str, int]
    ties: int


@dataclass(frozen=True, slots=True)
class DatasetFigures:
    """What a version or draft is made up of. What took too long to count is None.

    All is of the records that are in files but for `by_review`, which has the others too.
    """

    records: int
    by_split: dict[str, int]
    by_review: dict[str, int]
    edited: int
    batches: int
    models: dict[str, int]
    tokens: TokenFigures | None
    make_up: MakeUp | None

    def as_json(self) -> dict[str, Any]:
        """As a version keeps it."""
        return asdict(self)

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Self:
        """What `as_json` has made."""
        tokens, make_up = said["tokens"], said["make_up"]
        return cls(
            **{
                **said,
                "tokens": None if tokens is None else TokenFigures(**tokens),
                "make_up": None if make_up is None else _make_up_of(make_up),
            }
        )


def _make_up_of(said: Mapping[str, Any]) -> MakeUp:
    labels = [
        LabelFigures(**{**one, "top": [(value, n) for value, n in one["top"]]})
        for one in said["labels"]
    ]
    metrics = [MetricFigures(**one) for one in said["metrics"]]
    return MakeUp(labels, metrics, said["compared"], said["ties"])


def of_version(version: DatasetVersion) -> DatasetFigures:
    """The figures of a version, as they were counted when it was made."""
    return DatasetFigures.of_json(version.figures)


def of(
    dataset: Dataset, version: int | None = None, *, make_up_ms: int | None = None
) -> DatasetFigures:
    """The figures of a version or of the draft, counted now."""
    all_rows = rows_sql(dataset, version)
    reviews = fetch(
        Sql(
            "SELECT review, split, count(*), count(correction) FROM dataset_item"
            f" WHERE project_id = %s AND {all_rows.text} GROUP BY review, split",
            (dataset.project_id, *all_rows.params),
        )
    )
    by_review: dict[str, int] = {}
    by_split: dict[str, int] = {}
    edited = 0
    for review, split, n, corrected in reviews:
        by_review[review] = by_review.get(review, 0) + n
        if review in ("", "approved"):
            by_split[split] = by_split.get(split, 0) + n
            edited += corrected
    models, batches = _models(dataset, version)
    return DatasetFigures(
        records=sum(by_split.values()),
        by_split=by_split,
        by_review=by_review,
        edited=edited,
        batches=batches,
        models=models,
        tokens=_tokens(dataset, version),
        make_up=make_up(dataset, version, milliseconds=make_up_ms),
    )


def _models(dataset: Dataset, version: int | None) -> tuple[dict[str, int], int]:
    valid = included_sql(dataset, version)
    found = fetch(
        Sql(
            "SELECT model, batch_id, count(*) AS n FROM dataset_item"
            f" WHERE project_id = %s AND {valid.text}"
            " GROUP BY GROUPING SETS ((model), (batch_id)) ORDER BY n DESC",
            (dataset.project_id, *valid.params),
        )
    )
    models = {model: n for model, batch, n in found if batch is None}
    return dict(list(models.items())[:MOST_NAMED]), len(found) - len(models)


def _tokens(dataset: Dataset, version: int | None) -> TokenFigures | None:
    valid = included_sql(dataset, version)
    over = ", ".join("count(*) FILTER (WHERE tokens > %s)" for _ in LINES)
    bars = ", ".join("count(*) FILTER (WHERE tokens <= %s)" for _ in BARS)
    ((n, total, middle, longest, *counted),) = fetch(
        Sql(
            "SELECT count(*), sum(tokens),"
            " percentile_disc(array[0.5, 0.95]) WITHIN GROUP (ORDER BY tokens), max(tokens),"
            f" {over}, {bars} FROM dataset_item WHERE project_id = %s AND {valid.text}",
            (*LINES, *BARS, dataset.project_id, *valid.params),
        )
    )
    if not n:
        return None
    up_to = [*counted[len(LINES) :], n]
    return TokenFigures(
        total=int(total),
        median=middle[0],
        percentile_95=middle[1],
        longest=longest,
        bars=[b - a for a, b in zip([0, *up_to], up_to, strict=False)],
        over={str(line): counted[i] for i, line in enumerate(LINES)},
    )


# Taken as a record: asked for one by one, each member has the whole JSON decompressed once more.
_MAKE_UP = """
WITH said AS MATERIALIZED (
    SELECT labels, feedback, tied IS NOT NULL AS is_tied,
           CASE WHEN other IS NOT NULL THEN coalesce(metric, '') END AS metric
    FROM dataset_item, jsonb_to_record(content)
         AS r(labels jsonb, feedback jsonb, metric text, tied text, other jsonb)
    WHERE project_id = %s AND {valid}
),
label AS (
    SELECT l.key, l.value, count(*) AS n FROM said, jsonb_each_text(labels) l GROUP BY 1, 2
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY key ORDER BY n DESC, value) AS place FROM label
),
metric AS (
    SELECT f.key, count(*) AS n, bool_or(jsonb_typeof(f.value) = 'boolean') AS is_bool,
           avg(CASE f.value::text WHEN 'true' THEN 1 WHEN 'false' THEN 0
               ELSE (f.value#>>'{{}}')::float END) AS mean
    FROM said, jsonb_each(feedback) f GROUP BY 1
)
SELECT 'label', key, sum(n)::bigint, count(*)::float, false,
       jsonb_agg(jsonb_build_array(value, n) ORDER BY place) FILTER (WHERE place <= %s)::text
FROM ranked GROUP BY key
UNION ALL SELECT 'metric', key, n, mean, is_bool, NULL FROM metric
UNION ALL SELECT 'pair', metric, count(*), count(*) FILTER (WHERE is_tied), false, NULL
FROM said WHERE metric IS NOT NULL GROUP BY metric
ORDER BY 1, 3 DESC, 2
"""


def make_up(
    dataset: Dataset, version: int | None = None, *, milliseconds: int | None = None
) -> MakeUp | None:
    """Labels, feedback and compared metrics; None when that takes longer than people wait."""
    valid = included_sql(dataset, version)
    params = (dataset.project_id, *valid.params, VALUES_OF_A_LABEL)
    query = Sql(_MAKE_UP.format(valid=valid.text), params)
    try:
        with time_limit(milliseconds or MAKE_UP_MS):
            found = fetch(query)
    except TookTooLong:
        return None
    labels = [
        LabelFigures(key, n, int(values), [(value, of) for value, of in exact_json.read(top)])
        for what, key, n, values, _, top in found
        if what == "label"
    ]
    metrics = [
        MetricFigures(key, n, mean, b) for what, key, n, mean, b, _ in found if what == "metric"
    ]
    pairs = [(key, n, int(ties)) for what, key, n, ties, _, _ in found if what == "pair"]
    return MakeUp(
        labels[:MOST_NAMED],
        metrics[:MOST_NAMED],
        {key: n for key, n, _ in pairs},
        sum(ties for _, _, ties in pairs),
    )


_USES = """
SELECT dataset_id, key, count(*)
FROM (
    SELECT dataset_id, jsonb_object_keys(coalesce(feedback, '{}')) AS key
    FROM dataset_item, jsonb_to_record(content) AS r(feedback jsonb)
    WHERE project_id = %s AND dataset_id = ANY(%s::uuid[]) AND until IS NULL
          AND review IN ('', 'approved')
    UNION ALL
    SELECT dataset_id, coalesce(metric, '')
    FROM dataset_item, jsonb_to_record(content) AS r(metric text, other jsonb)
    WHERE project_id = %s AND dataset_id = ANY(%s::uuid[]) AND until IS NULL
          AND review IN ('', 'approved') AND other IS NOT NULL
) said GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
"""


def uses_of_metrics(
    project: Project, datasets: Iterable[Dataset]
) -> dict[UUID, dict[str, int]] | None:
    """How many records of each draft name which metric, all in one query; None when that takes
    longer than people wait.
    """
    pairs: list[UUID] = []
    others: list[UUID] = []
    for one in datasets:
        (pairs if one.kind == Dataset.Kind.PREFERENCE else others).append(one.id)
    found: dict[UUID, dict[str, int]] = {id: {} for id in (*pairs, *others)}
    if not found:
        return found
    try:
        with time_limit(MAKE_UP_MS):
            rows = fetch(Sql(_USES, (project.id, others, project.id, pairs)))
    except TookTooLong:
        return None
    for id, key, n in rows:
        found[id][key] = n
    return found
