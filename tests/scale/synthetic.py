"""A project of 100,000 interactions made in the database, for tests of plans."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from interactions.models import Label
from projects.models import Llm, Metric, Project
from tests.make import make_llm, make_metric, make_project

ROWS = 100_000
START = datetime(2024, 1, 1, tzinfo=UTC)
SPACING = timedelta(seconds=78)  # so the rows span 90 days

# Key, value, and which of the rows 0 … ROWS - 1 (oldest first) carry it.
LABELS = [
    ("env", "prod", "n % 10 < 7"),
    ("env", "dev", "n % 10 >= 7"),
    ("team", "red", "n % 7 < 3"),
    ("team", "blue", "n % 7 >= 3"),
    ("version", "1", "n < 2000"),  # 2 %, all of them old
    ("version", "2", "n >= 2000 AND n < 60000"),
    ("version", "3", "n >= 60000"),
    ("flag", "rare", "n % 1009 = 0"),
    ("flag", "new", "n >= 99000 AND n % 1009 <> 0"),
    ("side", "left", "n % 20 = 3"),
    ("turn", "right", "n % 20 = 7"),
    *[("customer", f"c{c}", f"n % 200 = {c}") for c in range(20)],
]

_INTERACTIONS = """
INSERT INTO interaction (id, project_id, llm_id, session_id, created_at, source, prompt_hash,
    label_ids, prompt_preview, completion_preview, image_count, latency_ms)
SELECT (lpad(to_hex(ms), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid, %(project)s,
    CASE WHEN n %% 100 = 0 THEN %(rare)s WHEN n %% 10 = 1 THEN NULL ELSE %(common)s END,
    CASE WHEN n %% 2 = 0 THEN lpad(to_hex(n / 8), 32, '0')::uuid END,
    to_timestamp(ms / 1000.0), CASE WHEN n %% 50 = 0 THEN 'LIVE' ELSE 'OFFLINE' END,
    md5((n %% 40000)::text)::uuid, '{}', 'Question ' || n, 'Answer ' || n,
    (n %% 50 = 3)::int, n::bigint * 7919 %% 5000
FROM (SELECT n, %(start)s + n::bigint * %(spacing)s AS ms FROM generate_series(0, %(rows)s - 1) n) r
"""
# `n` of a row is in the last eight digits of its id.
_N = "('x' || right(id::text, 8))::bit(32)::int"
_BODIES = f"""
INSERT INTO interaction_body (interaction_id, project_id, messages, completion)
SELECT id, project_id, jsonb_build_array(jsonb_build_object('role', 'user', 'content',
    prompt_preview || CASE WHEN {_N} %% 977 = 0 THEN ' needle' ELSE ' hay' END)), completion_preview
FROM interaction WHERE project_id = %(project)s
"""
_FEEDBACK = f"""
INSERT INTO feedback (id, project_id, interaction_id, metric_id, value, reason, details, source,
    created_at)
SELECT gen_random_uuid(), project_id, i.id, m.id, CASE WHEN m.id = %(helpful)s
    THEN (n %% 30 <> 0)::int WHEN m.id = %(score)s THEN n / 10.0 ELSE n %% 5 + 1 END,
    '', '', 'USER', created_at
FROM (SELECT *, {_N} AS n FROM interaction WHERE project_id = %(project)s) i
CROSS JOIN unnest(ARRAY[%(helpful)s, %(csat)s, %(score)s]) AS m(id)
WHERE (m.id = %(helpful)s AND n %% 3 = 0) OR (m.id <> %(helpful)s AND n %% 10 = 0)
"""
_COMPARISONS = f"""
INSERT INTO comparison (id, project_id, metric_id, preferred_id, other_id, created_at)
SELECT gen_random_uuid(), i.project_id, %(helpful)s, i.id, o.id, i.created_at
FROM (SELECT *, {_N} AS n FROM interaction WHERE project_id = %(project)s) i
JOIN (SELECT *, {_N} AS n FROM interaction WHERE project_id = %(project)s) o ON o.n = i.n + 1
WHERE i.n %% 1000 = 0
"""
HOT = ("interaction", "interaction_body", "interaction_label", "feedback", "comparison")


@dataclass(frozen=True)
class Synthetic:
    """The project, and what is in it by name."""

    project: Project
    helpful: Metric
    csat: Metric
    score: Metric


def build() -> Synthetic:
    """Make the project, and vacuum as a live server's tables are."""
    with transaction.atomic():
        made = _build()
    with connection.cursor() as cursor:
        for table in HOT:
            cursor.execute(f"VACUUM (ANALYZE) {table}")
    return made


def _build() -> Synthetic:
    project = make_project("synthetic")
    scalars = [make_metric(project, key, "SCALAR") for key in ("csat", "score")]
    made = Synthetic(project, make_metric(project), *scalars)
    labels = _labels(project)
    values = " || ".join(
        f"CASE WHEN {test.replace('%', '%%')} THEN ARRAY[{labels[key, value]}]"
        " ELSE '{}'::int[] END"
        for key, value, test in LABELS
    )
    params = {
        "project": project.id,
        "common": make_llm(project, "common").id,
        "rare": make_llm(project, "rare").id,
        "rows": ROWS,
        "start": int(START.timestamp() * 1000),
        "spacing": SPACING // timedelta(milliseconds=1),
        "helpful": made.helpful.id,
        "csat": made.csat.id,
        "score": made.score.id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_INTERACTIONS.replace("'{}'", values), params)
        # Else each row of feedback looks for its interaction in a table thought to be empty.
        cursor.execute("ANALYZE interaction")
        cursor.execute(_BODIES, params)
        cursor.execute(_postings(labels), params)
        cursor.execute(_FEEDBACK, params)
        cursor.execute(_COMPARISONS, params)
    return made


def _labels(project: Project) -> dict[tuple[str, str | None], int]:
    names: list[tuple[str, str | None]] = [(key, value) for key, value, _ in LABELS]
    names += [(key, None) for key in sorted({key for key, _, _ in LABELS})]
    made = Label.objects.bulk_create(
        [Label(project=project, key=key, value=value) for key, value in names]
    )
    return {(label.key, label.value): label.id for label in made}


def _postings(labels: dict[tuple[str, str | None], int]) -> str:
    """Each row's values, and the keys of those values."""
    keys = ", ".join(
        f"({id}, {labels[key, None]})" for (key, value), id in labels.items() if value is not None
    )
    return (
        "INSERT INTO interaction_label (project_id, label_id, interaction_id)"
        f" WITH keys(value_id, key_id) AS (VALUES {keys}), carried AS ("
        "  SELECT project_id, id, unnest(label_ids) AS label_id FROM interaction"
        "  WHERE project_id = %(project)s)"
        " SELECT project_id, label_id, id FROM carried UNION ALL"
        " SELECT project_id, key_id, id FROM carried JOIN keys ON value_id = label_id ORDER BY 2, 3"
    )


def remove(made: Synthetic) -> None:
    """Leave the tables as they were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE interaction, interaction_body, interaction_label, feedback, comparison"
        )
    Label.objects.in_project(made.project).delete()
    made.project.delete()
    Llm.objects.filter(key__in=("common", "rare")).delete()
