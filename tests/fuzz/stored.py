"""How much is stored, of everything that requests make."""

from collections import Counter

from django.db import connection

_TABLES = (
    "interaction", "interaction_body", "image", "feedback", "comparison", "label", "upload",
    "dataset", "selection", "job", "projects_project", "projects_llm", "projects_metric",
    "projects_team", "projects_apikey", "interaction_label",
)  # fmt: skip
_COUNTS = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in _TABLES)


def stored_rows() -> Counter[str]:
    """The rows of each table."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        return Counter(dict(cursor.fetchall()))
