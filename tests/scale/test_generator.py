"""The benchmark's generator makes rows as the writer would, the same ones each time."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from django.db import connection

from adaptive_site.lib.ids import time_of
from benchmarks import generate, growth, lists, views
from benchmarks.growth import BATCH, Plan
from benchmarks.population import Population, Writer
from benchmarks.sample import Sample
from benchmarks.wording import Wording
from interactions.models import Feedback, Interaction, InteractionBody, InteractionImage, Label
from interactions.services.recording.drafts import Draft, check_labels, check_messages
from interactions.services.recording.log import log_interactions, prompt_hash
from interactions.services.rollups import counts

ROWS = 2 * BATCH
PLAN = Plan(1_000_000, 1, datetime(2026, 1, 1, tzinfo=UTC))

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording(spoken=100_000)


@pytest.fixture
def population(wording: Wording) -> Population:
    return generate.population(1, wording)


@pytest.fixture
def stored(population: Population) -> list[Draft]:
    """The drafts of the first rows, which are in the database."""
    drafts = drafts_of(population)
    for first in range(0, ROWS, BATCH):
        log_interactions(population.project, drafts[first : first + BATCH])
    return drafts


def drafts_of(population: Population) -> list[Draft]:
    writer = Writer(population, 1)
    firsts = range(0, ROWS, BATCH)
    return [draft for n in firsts for draft in writer.drafts(PLAN.ids(n, BATCH), n)]


def asked(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def carried(drafts: Sequence[Draft]) -> Counter[tuple[str, str | None]]:
    """How often each label and each key is to be found."""
    found: Counter[tuple[str, str | None]] = Counter()
    for draft in drafts:
        found.update(draft.labels.items())
        found.update((key, None) for key in draft.labels)
    return found


def test_drafts_are_what_the_doors_would_let_in(population: Population) -> None:
    drafts = drafts_of(population)
    for draft in drafts:
        check_messages(draft.messages)
        check_labels(draft.labels)
        assert draft.id is not None and draft.created_at == time_of(draft.id)
    assert drafts_of(population) == drafts
    assert [d.id for d in drafts] == sorted({d.id for d in drafts if d.id is not None})


def test_postings_labels_and_roll_ups_agree(
    population: Population, stored: Sequence[Draft]
) -> None:
    project = population.project
    wanted = carried(stored)
    labels = {(label.key, label.value): label for label in Label.objects.in_project(project)}
    assert set(labels) == set(wanted)
    postings = dict(asked("SELECT label_id, count(*) FROM interaction_label GROUP BY label_id"))
    listed = dict(asked("SELECT unnest(label_ids) l, count(*) FROM interaction GROUP BY l"))
    for pair, n in wanted.items():
        assert postings[labels[pair].id] == counts.count(project, labels[pair].id) == n
        assert listed.get(labels[pair].id) == (n if pair[1] is not None else None)
    assert counts.count(project, 0) == ROWS


def test_rows_are_what_the_drafts_say(population: Population, stored: Sequence[Draft]) -> None:
    rows = Interaction.objects.in_project(population.project).in_bulk()
    assert len(rows) == InteractionBody.objects.count() == ROWS
    for draft in Random(3).sample(list(stored), 100):
        assert draft.id is not None
        row = rows[draft.id]
        assert row.created_at == draft.created_at and row.session_id == draft.session_id
        assert row.image_count == len(draft.images)
        assert row.prompt_hash == prompt_hash(draft.messages)
        body = InteractionBody.objects.get(interaction_id=draft.id)
        assert (body.messages, body.completion) == (draft.messages, draft.completion)
    assert InteractionImage.objects.count() == sum(len(draft.images) for draft in stored) > 0
    assert Feedback.objects.count() == sum(len(draft.feedback) for draft in stored) > 0
    waiting = asked("SELECT sum(cardinality(interaction_ids)) FROM arrival")
    assert waiting == [(ROWS,)]


def test_a_run_that_was_stopped_goes_on_where_it_was(stored: Sequence[Draft]) -> None:
    assert growth.missing(PLAN, ROWS) == []
    assert growth.missing(PLAN, ROWS + 3 * BATCH) == [ROWS, ROWS + BATCH, ROWS + 2 * BATCH]


def test_every_question_has_an_answer(population: Population, stored: Sequence[Draft]) -> None:
    sample = Sample(population, PLAN, ROWS, runs=1)
    with views.answering():
        for question in [*lists.questions(sample), *views.questions(sample)]:
            for act in question.acts:
                act()


def test_what_is_added_is_newer_and_each_size_ends_a_year() -> None:
    edges = [0, 99_000, 100_000, 999_000]
    ids = [PLAN.ids(first, 2) for first in edges]
    assert sorted(ids) == ids
    assert PLAN.sizes == [100_000, 1_000_000]
    assert PLAN.until - 2 * growth.YEAR == time_of(ids[0][0])
    assert PLAN.until - growth.YEAR == time_of(ids[2][0])
    firsts = list(range(0, 1_000_000, BATCH))
    assert [len(part) for part in growth.parts(PLAN, firsts)] == [100, 900]


def test_a_text_has_as_many_different_words_as_language_has(wording: Wording) -> None:
    chance = Random(5)
    spoken = [wording.say(chance, 700, 1500) for _ in range(50)]
    different = [len(set(" ".join(texts).lower().split())) for texts in spoken]
    assert 150 < sum(different) / len(different) < 280
    assert not any(word in text for word in wording.rare for texts in spoken for text in texts)
