"""What groups and trends read is bounded by the newest matches they are of, at 100,000 rows."""

import pytest

from interactions.filters.conditions import HasFeedback, HasLabel
from interactions.filters.sql.queries import row_tests
from interactions.filters.tree import EVERYTHING, And, Or, Tree
from interactions.models import Interaction
from interactions.services.analysis import group_queries, trends
from interactions.services.analysis.good_and_bad import Thresholds
from interactions.services.analysis.group_queries import Grouping, GroupKind, Sorting
from interactions.services.comparing import shared_prompts
from interactions.services.comparing.shared_prompts import PROMPTS_READ_AT_ONCE
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
    "either of two": And((Or((HasLabel("customer", ("c1",)), HasLabel("customer", ("c2",)))),)),
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


@pytest.mark.parametrize("name", TREES)
def test_prompts_of_two_groups_are_found_through_the_index_of_prompts(
    large: Synthetic, name: str
) -> None:
    project, tree = large.project, TREES[name]
    prompts = [
        prompt
        for (prompt,) in Interaction.objects.in_project(project)
        .order_by("-id")
        .values_list("prompt_hash")[:PROMPTS_READ_AT_ONCE]
    ]
    conditions = [HasLabel("customer", (customer,)) for customer in ("c1", "c2")]
    tests = row_tests(project, [And((tree, one)) for one in conditions], "a.id")
    plan = plan_of(shared_prompts.answers(project, tests, prompts))
    assert not plan.whole_tables(), plan.text
    n = Interaction.objects.in_project(project).filter(prompt_hash__in=prompts).count()
    # Each answer of a prompt is tested as a row: its entry, its labels and its feedback.
    assert plan.rows_read() <= 8 * n, (plan.rows_read(), n, plan.text)
