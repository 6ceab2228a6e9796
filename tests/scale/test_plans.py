"""A page costs what a page holds, whatever the filter and however deep, at 100,000 rows."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adaptive_site.lib.database.sql import Sql
from adaptive_site.lib.ids import first_id_at
from interactions.filters.conditions import (
    Comparator,
    Contains,
    CreatedIn,
    HasFeedback,
    HasLabel,
    HasLlm,
    HasNumber,
    HasPrompt,
    HasSource,
    InSession,
    IsCompared,
    Number,
)
from interactions.filters.sql import queries
from interactions.filters.tree import EVERYTHING, And, Not, Or, Tree
from interactions.services.analysis import metric_usage
from interactions.services.holds import rules
from interactions.services.judging import metric_scales
from interactions.services.retention import expiry
from projects.models import Project, User
from tests.scale.plans import Plan, plan_of
from tests.scale.synthetic import ROWS, SPACING, START, Synthetic

pytestmark = pytest.mark.django_db
PAGE = 50
MIDDLE = first_id_at(START + ROWS // 2 * SPACING)
LAST_30_DAYS = CreatedIn(START + ROWS * SPACING - timedelta(days=30))

PROD = HasLabel("env", ("prod",))
RED = HasLabel("team", ("red",))
OLD = HasLabel("version", ("1",))
RARE = HasLabel("flag", ("rare",))
BAD = HasFeedback("helpful", Comparator.EQUAL, 0.0)
LOW = HasFeedback("csat", Comparator.LESS, 3.0)
CUSTOMERS = HasLabel("customer", tuple(f"c{c}" for c in range(20)))

# The filter, the same in SQL over `n` (0 is the oldest row), and how many entries of tables and
# indexes a page of it may look at; where a merge of lists is all there is, what they hold.
SHAPES: dict[str, tuple[Tree, str, int]] = {
    "everything": (EVERYTHING, "TRUE", 100),
    "a common label": (And((PROD,)), "n % 10 < 7", 100),
    "a label whose rows are all old": (And((OLD,)), "n < 2000", 100),
    "a rare label": (And((RARE,)), "n % 1009 = 0", 110),
    "a label of any value": (And((HasLabel("version"),)), "TRUE", 100),
    "any of several labels": (
        And((HasLabel("customer", tuple(f"c{c}" for c in range(5))),)),
        "n % 200 < 5",
        600,
    ),
    "any of many labels": (CUSTOMERS, "n % 200 < 20", 2200),
    "two values of one key": (
        And((HasLabel("customer", ("c1",)), OLD, CUSTOMERS)),
        "n % 200 = 1 AND n < 2000",
        60,
    ),
    "one value of a key and another": (And((PROD, HasLabel("env", ("dev",)))), "FALSE", 0),
    "two common labels": (And((PROD, RED)), "n % 10 < 7 AND n % 7 < 3", 1000),
    "two labels of different times": (And((OLD, HasLabel("flag", ("new",)))), "FALSE", 100),
    "two labels that never meet": (
        And((HasLabel("side", ("left",)), HasLabel("turn", ("right",)))),
        "FALSE",
        10_000,
    ),
    "a common label and one of two others": (
        And((PROD, Or((RARE, OLD)))),
        "n % 10 < 7 AND (n % 1009 = 0 OR n < 2000)",
        1000,
    ),
    "one of two labels, in time": (
        And((Or((RARE, OLD)), LAST_30_DAYS)),
        "n % 1009 = 0 AND n >= 66769",
        300,
    ),
    "a common label and a rare one": (And((PROD, RARE)), "n % 10 < 7 AND n % 1009 = 0", 500),
    "without a label": (And((Not(PROD),)), "n % 10 >= 7", 1000),
    "one label and not another": (And((RED, Not(PROD))), "n % 7 < 3 AND n % 10 >= 7", 1000),
    "feedback equal": (And((BAD,)), "n % 30 = 0", 110),
    "feedback below": (And((LOW,)), "n % 10 = 0 AND n % 5 < 2", 250),
    "feedback not equal": (
        And((HasFeedback("helpful", Comparator.NOT_EQUAL, 1.0),)),
        "n % 30 = 0",
        110,
    ),
    "feedback below, rare and old": (
        HasFeedback("score", Comparator.LESS, 10.0),
        "n % 10 = 0 AND n < 100",
        30,
    ),
    "feedback above, one of very many values": (
        HasFeedback("score", Comparator.AT_LEAST, 100.0),
        "n % 10 = 0 AND n >= 1000",
        110,
    ),
    "any feedback": (HasFeedback(), "n % 3 = 0 OR n % 10 = 0", 400),
    "an old label and feedback": (And((OLD, BAD)), "n < 2000 AND n % 30 = 0", 2200),
    "label, feedback and time": (
        And((PROD, BAD, LAST_30_DAYS)),
        "n % 10 < 7 AND n % 30 = 0 AND n >= 66769",
        1500,
    ),
    "without feedback": (And((Not(HasFeedback("helpful")),)), "n % 3 <> 0", 1000),
    "a rare model": (And((HasLlm(("rare",)),)), "n % 100 = 0", 100),
    "no model": (And((HasLlm((None,)),)), "n % 10 = 1", 100),
    "a rare model or none": (HasLlm(("rare", None)), "n % 100 = 0 OR n % 10 = 1", 250),
    "compared": (IsCompared("helpful"), "n % 1000 < 2", 250),
    "images": (HasNumber(Number.IMAGES, Comparator.MORE, 0.0), "n % 50 = 3", 6000),
    "label and latency": (
        And((RED, HasNumber(Number.LATENCY, Comparator.LESS, 2500.0))),
        "n % 7 < 3 AND n::bigint * 7919 % 5000 < 2500",
        600,
    ),
    "a session": (And((InSession(UUID(int=6000)),)), "n / 8 = 6000 AND n % 2 = 0", 10),
    "a source": (And((HasSource(("LIVE",)),)), "n % 50 = 0", 110),
    "one of two filters": (
        Or((OLD, And((RARE, PROD)))),
        "n < 2000 OR (n % 1009 = 0 AND n % 10 < 7)",
        700,
    ),
    "text in a label": (
        And((RARE, Contains("ANSWER 1"))),
        "n % 1009 = 0 AND n::text LIKE '1%'",
        500,
    ),
}


def expected(made: Synthetic, meaning: str, bound: str = "TRUE") -> list[UUID]:
    """All ids, newest first, by a plain reading of the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT id, ('x' || right(id::text, 8))::bit(32)::int AS n"
            f" FROM interaction WHERE project_id = {made.project.id}) i"
            f" WHERE ({meaning}) AND {bound} ORDER BY id DESC"
        )
        return [row[0] for row in cursor.fetchall()]


def assert_cheap(plan: Plan, most_read: int, tree: Tree) -> None:
    assert not plan.whole_tables(), plan.text
    lists = 20 if tree == CUSTOMERS else 5
    assert plan.most_collected() <= (PAGE + 1) * lists, plan.text
    assert plan.rows_read() <= most_read, (plan.rows_read(), plan.text)


@pytest.mark.parametrize("name", SHAPES)
def test_the_first_page_reads_little_and_is_right(large: Synthetic, name: str) -> None:
    tree, meaning, most = SHAPES[name]
    assert_cheap(plan_of(queries.ordered(large.project, tree, PAGE + 1)), most, tree)
    found = queries.page(large.project, tree, limit=PAGE)
    wanted = expected(large, meaning)
    assert found.ids == wanted[:PAGE]
    assert found.has_older == (len(wanted) > PAGE)


@pytest.mark.parametrize("direction", ["before", "after"])
@pytest.mark.parametrize("name", SHAPES)
def test_a_page_in_the_middle_reads_no_more(large: Synthetic, name: str, direction: str) -> None:
    tree, meaning, most = SHAPES[name]
    sign = "<" if direction == "before" else ">"
    cursor = {direction: MIDDLE}
    assert_cheap(
        plan_of(
            queries.ordered(large.project, tree, PAGE + 1, **cursor, oldest_first="after" in cursor)
        ),
        most,
        tree,
    )
    wanted = expected(large, meaning, f"id {sign} '{MIDDLE}'")
    found = queries.page(large.project, tree, limit=PAGE, **cursor)
    assert found.ids == (wanted[:PAGE] if direction == "before" else wanted[-PAGE:])


def test_a_prompt_is_found_by_its_hash(large: Synthetic) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT md5('7')::uuid")
        prompt = HasPrompt(cursor.fetchone()[0])
    assert_cheap(plan_of(queries.ordered(large.project, prompt, PAGE + 1)), 10, prompt)
    ids = queries.page(large.project, prompt, limit=PAGE).ids
    assert ids == expected(large, "n % 40000 = 7")


@pytest.mark.parametrize("name", ["a common label", "feedback equal", "label, feedback and time"])
def test_a_capped_count_stops_at_its_cap(large: Synthetic, name: str) -> None:
    tree, meaning, _ = SHAPES[name]
    n = len(expected(large, meaning))
    found = queries.count(large.project, tree, cap=500)
    assert found == queries.Count(min(n, 500), n <= 500)


def test_text_in_everything_stops_with_the_page(large: Synthetic) -> None:
    tree = And((Contains("hay"),))
    plan = plan_of(queries.ordered(large.project, tree, PAGE + 1))
    assert not plan.whole_tables(), plan.text
    assert plan.rows_read() <= 500, plan.text


@pytest.mark.parametrize("read", [metric_usage.metrics, metric_scales.scales])
def test_what_metrics_are_used_for_is_found_by_index(
    large: Synthetic, read: Callable[[Project], object]
) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert read(large.project)
    plan = plan_of(Sql(asked.captured_queries[-1]["sql"].replace("%", "%%")))
    assert not plan.whole_tables(), plan.text


def test_what_is_beyond_the_newest_is_found_by_reading_what_goes(
    large: Synthetic, alice: User
) -> None:
    alice.is_superuser = True
    alice.save()
    rules.place(large.project, key="flag", value="rare", by=alice)
    query = expiry.too_many(large.project, ROWS // 2)
    plan = plan_of(query)
    assert not plan.whole_tables(), plan.text
    assert plan.rows_read() <= 3 * expiry.INTERACTIONS_DELETED_AT_ONCE, plan.text
