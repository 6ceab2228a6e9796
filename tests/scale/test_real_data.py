"""All of the real data through `manage.py ingest`, and what filters then answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from interactions.filters.conditions import (
    Comparator,
    CreatedIn,
    HasFeedback,
    HasLabel,
    HasLlm,
)
from interactions.filters.sql.queries import count, page
from interactions.filters.tree import And, Not, Tree
from interactions.models import Comparison, Feedback, Image, Interaction
from interactions.services.recording import labels
from projects.models import Llm, Project
from tests.scale import oracle

pytestmark = [
    pytest.mark.skipif(
        not oracle.DIRECTORY.is_dir(), reason="no real data: set TEST_DATA_DIR to its directory"
    ),
    pytest.mark.django_db,
]


@dataclass(frozen=True)
class Imported:
    """The project, and what the first and second run said."""

    project: Project
    first: str
    second: str


@pytest.fixture(scope="module")
def imported(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Imported]:
    """Everything, imported once for this module and taken away after it."""
    storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path_factory.mktemp("storage"))},
    }
    with django_db_blocker.unblock():
        try:
            with override_settings(STORAGES={"default": storage, "staticfiles": storage}):
                said = [_ingest(), _ingest()]
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            yield Imported(Project.objects.get(key="real"), *said)
        finally:
            call_command("flush", interactive=False, verbosity=0)
            labels.forget()


def _ingest() -> str:
    out = StringIO()
    call_command(
        "ingest",
        *oracle.files(),
        project="real",
        create_project=True,
        stdout=out,
        stderr=StringIO(),
    )
    return out.getvalue()


@pytest.fixture(scope="module")
def answers() -> dict[str, int]:
    """What the oracle counts."""
    return oracle.answers()


def tree_of(question: oracle.Question) -> Tree:
    conditions: list[Tree] = [HasLabel(key, values) for key, values in question.labels.items()]
    conditions += [Not(HasLabel(key, values)) for key, values in question.none_of.items()]
    if question.models:
        conditions.append(HasLlm(question.models))
    if question.start or question.end:
        start = oracle.at(question.start) if question.start else None
        end = oracle.at(question.end) if question.end else None
        conditions.append(CreatedIn(start, end))
    conditions += [condition_of(feedback) for feedback in question.has]
    conditions += [Not(condition_of(feedback)) for feedback in question.has_not]
    return And(tuple(conditions))


def condition_of(feedback: oracle.Feedback) -> HasFeedback:
    if feedback.comparator is None:
        return HasFeedback(feedback.key)
    return HasFeedback(feedback.key, Comparator(feedback.comparator), feedback.value)


def test_everything_is_stored(imported: Imported) -> None:
    project = imported.project
    assert "Interactions  37,577 stored, 0 already there" in imported.first
    assert "Comparisons   3,802 stored, 0 already there; 2 interactions made" in imported.first
    assert "823 models, 26 metrics, 67 images" in imported.first
    assert "Bad lines     0" in imported.first
    assert Interaction.objects.in_project(project).count() == 37_577 + 2
    assert Llm.objects.in_project(project).exclude(key="echo").count() == 823
    assert Image.objects.in_project(project).count() == 67
    assert Comparison.objects.in_project(project).count() == 3_802
    assert Feedback.objects.in_project(project).count() == 29_982


def test_a_second_run_stores_nothing(imported: Imported) -> None:
    assert "Interactions  0 stored, 37,577 already there" in imported.second
    assert "Comparisons   0 stored, 3,802 already there; 0 interactions made" in imported.second
    assert "0 models, 0 metrics, 0 images" in imported.second


def test_the_questions_ask_for_something(answers: dict[str, int]) -> None:
    empty = {name for name, n in answers.items() if n == 0}
    assert empty == {"a key that is not there", "labels that never meet"}


@pytest.mark.parametrize("name", oracle.QUESTIONS)
def test_a_filter_counts_what_the_oracle_counts(
    imported: Imported, answers: dict[str, int], name: str
) -> None:
    found = count(imported.project, tree_of(oracle.QUESTIONS[name]), cap=100_000)
    assert found.is_exact
    assert found.n == answers[name]


@pytest.mark.parametrize("name", ["label, time, feedback", "no feedback"])
def test_walking_all_pages_meets_every_row_once(
    imported: Imported, answers: dict[str, int], name: str
) -> None:
    tree = tree_of(oracle.QUESTIONS[name])
    seen = []
    before = None
    while True:
        found = page(imported.project, tree, limit=1000, before=before)
        seen += found.ids
        if not found.has_older:
            break
        before = found.ids[-1]
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == answers[name]
