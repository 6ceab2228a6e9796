"""How many queries each page and service needs, pinned in a file that a flag writes anew."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

FILE = Path(__file__).parent / "scale" / "query_counts.json"


class QueryCounts:
    """The pinned numbers; with `is_writing` they are learnt instead of checked.

    >>> with query_counts("the interactions page"):
    ...     client.get("/projects/maple/interactions/")
    """

    def __init__(self, *, is_writing: bool) -> None:
        self.is_writing = is_writing

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Compare the number of queries inside with the one pinned under `name`."""
        with CaptureQueriesContext(connection) as queries:
            yield
        pinned: dict[str, int] = json.loads(FILE.read_text()) if FILE.exists() else {}
        if self.is_writing:
            pinned[name] = len(queries)
            FILE.write_text(json.dumps(pinned, indent=2, sort_keys=True) + "\n")
            return
        said = "\n".join(query["sql"] for query in queries.captured_queries)
        assert name in pinned, f"{name!r} is not pinned; run pytest --regenerate-query-counts"
        assert len(queries) == pinned[name], f"{name}: {len(queries)} queries\n{said}"
