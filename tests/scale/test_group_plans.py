"""What groups and trends read is bounded by the newest matches they are of, at 100,000 rows."""

import pytest

from interactions.filters.conditions import HasFeedback, HasLabel
from interactions.filters.tree import EVERYTHING, And, Tree
from interactions.services.analysis import group_queries, trends
from interactions.services.analysis.good_and_bad import Thresholds
from interactions.services.analysis.group_queries import Grouping, GroupKind, Sorting
from interactions.web.charts import trend_buckets
from projects.models import Metric
from tests.scale.plans import plan_of
from tests.scale.synthetic import ROWS, SPACING, START, Synthetic

pytestmark = pytest.mark.django_db
CAP = 2_000
TREES: dict[str, Tree] = {
    "everything": EVERYTHING,
    "a common label": And((HasLabel("env", ("prod",)),)),
    "an old label": And((HasLabel("version", ("1",)),)),
    "feedback": And((HasFeedback("helpful"),)),
}
BYS = [Grouping(GroupKind.MODEL), Grouping(GroupKind.PROMPT), Grouping(GroupKind.LABEL, "customer")]


@pytest.mark.parametrize("name", TREES)
def test_groups_read_no_more_than_the_newest_matches(large: Synthetic, name: str) -> None:
    metrics = list(Metric.objects.in_project(large.project))
    ids = [metric.id for metric in metrics]
    is_bad = Thresholds.among(metrics).is_bad("f")
    for by in BYS:
        these = group_queries.rows(large.project, TREES[name], by, CAP)
        queries = {
            "counts": group_queries.page(these, Sorting(), limit=50, offset=0),
            "by mean": group_queries.page(these, Sorting("mean", ids[0]), limit=50, offset=0),
            "figures": group_queries.figures(these, ids, [None], is_bad),
            "ticks": group_queries.ticks(these, [START], [None]),
        }
        for what, query in queries.items():
            plan = plan_of(query)
            assert not plan.whole_tables(), (what, by, plan.text)
            # The list, the row and its feedback, and the labels of a key.
            assert plan.rows_read() <= 12 * CAP, (what, by, plan.rows_read(), plan.text)


def test_a_trend_of_everything_reads_the_rollup_and_ragged_ends(large: Synthetic) -> None:
    metric = Metric.objects.in_project(large.project).get(key="helpful")
    end = START + ROWS * SPACING
    period = trend_buckets.period(START + 10 * trends.DAY + SPACING, end, "day")
    plan = plan_of(trends.exact_query(metric, period))
    assert not plan.whole_tables(), plan.text
    # 33,333 values lie in 90 days; two ends of a day hold some 740.
    assert plan.rows_read() <= 1_000, (plan.rows_read(), plan.text)
