"""What a page of a dataset's records reads is bounded by the dataset, and mostly by the page."""

import pytest
from django.db import connection

from interactions.models import Dataset
from interactions.services.datasets import item_pages
from interactions.services.datasets.finding import item_facets
from interactions.services.datasets.finding.item_facets import facets_query
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.finding.item_order import IN_ORDER, ORDERS
from projects.models import Project, User
from tests.interactions.services.datasets.making import add, make_dataset, record
from tests.scale.plans import Plan, plan_of

pytestmark = pytest.mark.django_db
RECORDS = 10_000
PAGE = 51

# One record of each dataset becomes many, those of a dataset together as when they are copied;
# every 1,000th is labelled `rare`.
_MANY = """
INSERT INTO dataset_item (item, project_id, dataset_id, batch_id, position, since, split, review,
    prompt_hash, model, tokens, content)
SELECT gen_random_uuid(), project_id, dataset_id, batch_id, n, since, split, review, prompt_hash,
       model, n %% 500, jsonb_set(content, '{labels}', jsonb_build_object(
           'env', 'prod', 'kind', CASE WHEN n %% 1000 = 0 THEN 'rare' ELSE 'common' END))
FROM dataset_item, generate_series(2, %s) n WHERE project_id = %s AND position = 1
ORDER BY dataset_id, n
"""


@pytest.fixture
def large(project: Project, bob: User) -> Dataset:
    """A dataset of 10,000 records beside three others."""
    made = make_dataset(project, bob, [record()])
    for name in ("Oaks", "Elms", "Firs"):
        add(make_dataset(project, bob, name=name), [record()])
    with connection.cursor() as cursor:
        cursor.execute(_MANY, [RECORDS, project.id])
        cursor.execute("ANALYZE dataset_item")
    return made


def page_plan(dataset: Dataset, query: str = "", order: str = "", place: str = "") -> Plan:
    where = ItemFilter(query=query)
    return plan_of(
        item_pages.page_query(dataset, None, where, ORDERS[order], place, is_back=False, limit=PAGE)
    )


@pytest.mark.parametrize("place", ["", "7500"])
def test_a_page_in_order_reads_itself_alone(large: Dataset, place: str) -> None:
    plan = page_plan(large, place=place)
    assert plan.rows_read() <= PAGE + 1, plan.text


def test_a_frequent_label_reads_about_a_page(large: Dataset) -> None:
    plan = page_plan(large, query="kind:common")
    assert plan.rows_read() <= 2 * PAGE, plan.text


@pytest.mark.parametrize(
    ("query", "order"), [("kind:rare", ""), ("", "longest"), ("maple", "last")]
)
def test_no_page_reads_records_of_other_datasets(large: Dataset, query: str, order: str) -> None:
    plan = page_plan(large, query=query, order=order)
    assert not [one for one in plan.nodes() if one["Node Type"] == "Seq Scan"], plan.text
    # Each record of the dataset, with its messages and texts where a text is looked for.
    assert plan.rows_read() <= (RECORDS + 1) * (3 if query == "maple" else 1), plan.text


def test_facets_read_the_first_records_alone(
    large: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_facets, "LOOKED_AT", 500)
    plan = plan_of(facets_query(large, None, ItemFilter()))
    scans = [
        one for one in plan.nodes()
        if one.get("Relation Name") == "dataset_item"
    ]  # fmt: skip
    read = sum(one["Actual Rows"] + one.get("Rows Removed by Filter", 0) for one in scans)
    assert read <= 502, plan.text


def test_the_order_of_positions_is_the_one_without_a_name() -> None:
    assert ORDERS[""] is IN_ORDER
