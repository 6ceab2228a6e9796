"""Sorting and percentiles read no more than the newest matches they are of, at 100,000 rows."""

import pytest

from interactions.filters.conditions import HasFeedback, HasLabel
from interactions.filters.tree import EVERYTHING, And, Tree
from interactions.services.analysis import group_queries, percentiles, sorted_matches
from interactions.services.analysis.group_queries import Grouping, GroupKind
from interactions.services.analysis.sorted_matches import RowNumber, RowOrder
from tests.scale.plans import plan_of
from tests.scale.synthetic import Synthetic

pytestmark = pytest.mark.django_db
CAP = 2_000
TREES: dict[str, Tree] = {
    "everything": EVERYTHING,
    "a common label": And((HasLabel("env", ("prod",)),)),
    "an old label": And((HasLabel("version", ("1",)),)),
    "feedback": And((HasFeedback("helpful"),)),
}


@pytest.mark.parametrize("by", RowNumber)
@pytest.mark.parametrize("name", TREES)
def test_a_sorted_page_reads_no_more_than_the_newest_matches(
    large: Synthetic, name: str, by: RowNumber
) -> None:
    metric = large.helpful.id if by == RowNumber.METRIC else None
    for order in (RowOrder(by, metric), RowOrder(by, metric, is_descending=False)):
        matches = sorted_matches.newest_matches(large.project, TREES[name], order, CAP)
        first = sorted_matches.page(large.project, TREES[name], order, limit=1).ids[0]
        queries = [
            sorted_matches.page_query(large.project, matches, order, 51),
            sorted_matches.page_query(large.project, matches, order, 51, at=first),
            sorted_matches.page_query(large.project, matches, order, 51, at=first, is_back=True),
            sorted_matches.neighbours_query(large.project, matches, order, first),
        ]
        for plan in map(plan_of, queries):
            assert not plan.whole_tables(), plan.text
            # The list, each row and its feedback; these again as CTEs.
            assert plan.rows_read() <= 8 * CAP, (plan.rows_read(), plan.text)


@pytest.mark.parametrize("name", TREES)
def test_percentiles_read_no_more_than_the_newest_matches(large: Synthetic, name: str) -> None:
    query, _ = percentiles.matches_query(large.project, TREES[name], CAP)
    these = group_queries.rows(large.project, TREES[name], Grouping(GroupKind.MODEL), CAP)
    for one in (query, group_queries.numbers(large.project, these, [None])):
        plan = plan_of(one)
        assert not plan.whole_tables(), plan.text
        assert plan.rows_read() <= 8 * CAP, (plan.rows_read(), plan.text)
