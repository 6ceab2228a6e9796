"""What the list is sorted by, as an address says it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from interactions.services.analysis.sorted_matches import RowNumber, RowOrder
from projects.models import Metric

DESCENDING, ASCENDING = DIRECTIONS = ("desc", "asc")
NUMBERS = ("latency", "ttft", "tokens", "cost")


@dataclass(frozen=True, slots=True)
class ListSort:
    """A number that rows are sorted by, of feedback under the metric `key`, and from which end."""

    by: RowNumber
    key: str = ""
    is_descending: bool = True

    @property
    def term(self) -> str:
        """The number as an address names it: `latency`, `metric:helpful`."""
        return f"{self.by}:{self.key}" if self.key else self.by.value


def sort_in(data: QueryDict) -> tuple[ListSort | None, dict[str, str]]:
    """What an address is sorted by, None for time, and what is wrong with it by parameter."""
    term, order = data.get("sort", ""), data.get("sort_order") or DESCENDING
    faults = {}
    if order not in DIRECTIONS:
        faults["sort_order"] = f"“{order}”: expected one of {', '.join(DIRECTIONS)}"
    if not term:
        return None, faults
    name, _, key = term.partition(":")
    if name not in list(RowNumber) or (name == RowNumber.METRIC) != bool(key) or "\0" in key:
        faults["sort"] = f"“{term}”: expected one of {', '.join(NUMBERS)}, or metric:KEY"
        return None, faults
    return ListSort(RowNumber(name), key, order == DESCENDING), faults


def row_order(sort: ListSort, metrics: Sequence[Metric]) -> RowOrder:
    """The order that a sort asks for. Raises ValueError when no metric has its key."""
    metric = next((one for one in metrics if one.key == sort.key), None) if sort.key else None
    if sort.key and metric is None:
        raise ValueError(f"no interaction here has feedback under “{sort.key}”")
    return RowOrder(sort.by, metric.id if metric else None, sort.is_descending)
