"""What PostgreSQL did for a query, read off EXPLAIN ANALYZE."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from adaptive_site.lib.database.sql import Sql
from tests.scale.synthetic import HOT

SORTS = ("Sort", "Incremental Sort", "HashAggregate", "Hash")


@dataclass(frozen=True)
class Plan:
    """A plan that was run; `text` is it as a person reads it."""

    root: dict[str, Any]
    text: str

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Every node, the root first."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.get("Plans", []))

    def whole_tables(self) -> list[str]:
        """Hot tables that were read from end to end."""
        return [
            node["Relation Name"]
            for node in self.nodes()
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in HOT
        ]

    def most_collected(self) -> int:
        """The most rows that any sort, hash or bitmap had to hold before the next step."""
        held = [
            int(child["Actual Rows"])
            for node in self.nodes()
            if node["Node Type"] in SORTS
            for child in node.get("Plans", [])
        ]
        held += [
            int(node["Actual Rows"])
            for node in self.nodes()
            if node["Node Type"] == "Bitmap Index Scan"
        ]
        return max(held, default=0)

    def rows_read(self) -> int:
        """How many entries of tables and indexes were looked at."""
        return sum(
            int(
                (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            )
            for node in self.nodes()
            if "Scan" in node["Node Type"] and node["Node Type"] != "Subquery Scan"
        )


def plan_of(query: Sql) -> Plan:
    """Run a query and say how it went."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query.text}", query.params)
        found = cursor.fetchone()[0]
        root = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return Plan(root, json.dumps(root, indent=1))
