"""Faults of records in SQL are those that the builder warns of in Python."""

import pytest

from interactions.models import Dataset
from interactions.services.building.texts.findings import LONG_TOKENS as BUILDERS_LONG
from interactions.services.building.texts.findings import Findings
from interactions.services.datasets import edits, item_pages
from interactions.services.datasets.finding.faults import FAULTS, LONG_TOKENS
from interactions.services.datasets.finding.item_facets import fault_counts
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.item_records import record_of
from interactions.services.training.record import TrainingRecord
from interactions.web.datasets.lineage_words import FAULTS_OF_WARNINGS
from projects.models import Project, User
from tests.interactions.services.datasets.making import draft_of, make_dataset, record

pytestmark = pytest.mark.django_db
LINK = {"type": "image_url", "image_url": {"url": "https://maple.org/a.png"}}
QUOTED = "All maples are trees, and all trees are plants of the wood."
TEXTS = [
    ("A tree.", "A tree."), ("Q", " \n\t"), ("Q", ""), ("Q", "<think>Hm</think> A tree."),
    ("Q", "[THINK] so"), ("Q", "I think <so>"), (f"Say: {QUOTED}", f" {QUOTED} "),
    ("A tree", "A tree"),
    ("Write to ann@maple.org", "A"), ("ann@example.com or x@mail.test", "A"), ("a@b", "@"),
    ("Call +49 30 901820 now", "A"), ("555-123-4567", "A"), ("(555) 123-4567", "A"),
    ("It is 2024-01-02, 1234567", "A"), ("555.123-4567", "A"), ("Q", "4111 1111 1111 1111"),
    ("4111 1111 1111 1112", "A"), ("1111111111111111", "A"), ("v1.4111111111111111", "A"),
    ("Q", "378282246310005."), ("Q" * 40_000, "A"),
]  # fmt: skip
ROLES = [
    ["user"], ["system", "user"], ["user", "user"], ["user", "assistant"], ["assistant", "user"],
    ["user", "assistant", "user"], ["user", "system"], ["user", "assistant", "tool"],
    ["user", "assistant", "tool", "assistant", "user"], ["user", "tool"],
    ["user", "assistant", "tool", "tool", "assistant", "tool"],
    ["user", "assistant", "tool", "user"],
    ["system"], ["user", "other"],
]  # fmt: skip


@pytest.fixture
def faulty(project: Project, bob: User) -> Dataset:
    made = [record(text, answer) for text, answer in TEXTS]
    for roles in ROLES:
        made.append(
            TrainingRecord([{"role": one, "content": "Q"} for one in roles], record().answer)
        )
    made.append(TrainingRecord([{"role": "user", "content": [LINK]}], record().answer))
    return make_dataset(project, bob, made)


def test_both_find_the_same(project: Project, faulty: Dataset) -> None:
    assert LONG_TOKENS == BUILDERS_LONG
    rows = draft_of(faulty)
    by_builder: dict[str, list[int]] = {name: [] for name in FAULTS}
    for row in rows:
        findings = Findings(project)
        findings.look([record_of(row)])
        for name in findings.counts:
            by_builder[FAULTS_OF_WARNINGS[name]].append(row.position)
    by_builder["empty"] = [2, 3]  # which the builder tells by the line that lists show
    counts = fault_counts(faulty, None, ItemFilter())
    for name, places in by_builder.items():
        found = item_pages.page(faulty, where=ItemFilter(fault=name), limit=100).items
        assert [row.position for row in found] == places, name
        assert counts[name] == len(places) > 0, name


def test_a_corrected_answer_has_no_fault_more(faulty: Dataset, bob: User) -> None:
    where = ItemFilter(fault="thoughts")
    (first, *_) = item_pages.page(faulty, where=where).items
    n, _ = item_pages.count(faulty, where=where)
    edits.correct(faulty, first.item, "A tree.", by=bob)
    assert item_pages.count(faulty, where=where) == (n - 1, True)
