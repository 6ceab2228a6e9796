"""Figures of datasets, each recounted here."""

from unittest.mock import patch

from interactions.models import Dataset, DatasetItem
from interactions.services.datasets import edits, figures, versions
from interactions.services.datasets.figures import LabelFigures, MetricFigures
from interactions.services.training import tokens
from interactions.services.training.record import ModelAnswer
from projects.models import Project, User
from tests.interactions.services.datasets.making import draft_of, make_dataset, record


def test_figures_of_the_draft_and_of_a_version(project: Project, bob: User) -> None:
    given = [
        record("a" * 4 * n, labels={"lang": "fr" if n % 3 else "de", "id": str(n)}, split=split)
        for n, split in zip((1, 100, 1020, 1030, 9000), ["train"] * 3 + ["test"] * 2, strict=True)
    ]
    dataset = make_dataset(project, bob, given)
    versions.make(dataset, by=bob)
    made = figures.of(dataset, 1)
    assert made.records == 5
    assert made.by_split == {"train": 3, "test": 2}
    assert (made.by_review, made.edited, made.batches) == ({"": 5}, 0, 1)
    assert made.models == {"gpt-4o": 5}
    counted = sorted(tokens.of_record(one) for one in given)
    assert made.tokens and made.make_up
    assert (made.tokens.total, made.tokens.median) == (sum(counted), counted[2])
    assert made.tokens.longest == made.tokens.percentile_95 == counted[-1]
    assert made.tokens.bars == [1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0]
    assert made.tokens.over == {"1024": 2, "2048": 1, "4096": 1, "8192": 1}
    assert made.make_up.labels == [
        LabelFigures("id", 5, 5, [(str(n), 1) for n in (1, 100, 1020, 1030, 9000)]),
        LabelFigures("lang", 5, 2, [("fr", 3), ("de", 2)]),
    ]
    first, second, *_ = (row.item for row in draft_of(dataset))
    edits.correct(dataset, first, "other", by=bob)
    edits.set_review(dataset, [second], DatasetItem.Review.REJECTED, by=bob)
    draft = figures.of(dataset)
    assert (draft.records, draft.edited, draft.by_review) == (4, 1, {"": 4, "rejected": 1})
    assert figures.of(dataset, 1) == made == figures.of_version(versions.known(dataset, 1))


def test_feedback_and_pairs(project: Project, bob: User) -> None:
    given = [
        record(feedback={"good": True, "score": 1.0}),
        record(feedback={"good": False, "score": 4}),
        record(feedback={"good": True}),
    ]
    dataset = make_dataset(project, bob, given, kind=Dataset.Kind.FEEDBACK)
    made = figures.make_up(dataset)
    assert made
    assert made.metrics == [
        MetricFigures("good", 3, 2 / 3, True), MetricFigures("score", 2, 2.5, False)
    ]  # fmt: skip
    other = ModelAnswer("worse")
    pairs = [record(other=other, metric="good"), record(other=other, metric="good", tied="good")]
    pairs += [record(other=other)]
    made = figures.make_up(make_dataset(project, bob, pairs, kind=Dataset.Kind.PREFERENCE))
    assert made
    assert (made.compared, made.ties) == ({"good": 2, "": 1}, 1)


def test_an_empty_dataset_has_figures(project: Project, bob: User) -> None:
    made = figures.of(make_dataset(project, bob))
    assert (made.records, made.tokens, made.by_split) == (0, None, {})
    assert figures.DatasetFigures.of_json(made.as_json()) == made


def test_what_takes_too_long_is_not_counted(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, [record()])
    slow = figures._MAKE_UP.replace("FROM dataset_item,", "FROM pg_sleep(1), dataset_item,")
    with patch.object(figures, "MAKE_UP_MS", 10), patch.object(figures, "_MAKE_UP", slow):
        made = figures.of(dataset)
        version = versions.make(dataset, by=bob)
    assert made.make_up is None
    assert made.records == 1
    assert figures.of_version(version).make_up is None
