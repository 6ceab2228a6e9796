"""A filter as a queue to review."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.cache import caches
from django.db import connection

from interactions.filters.conditions import HasLabel
from interactions.filters.tree import EVERYTHING
from interactions.models import Feedback
from interactions.services.judging import feedback, review
from interactions.services.judging.review import Queue
from interactions.services.recording.drafts import FeedbackDraft
from projects.models import Metric, Project, User
from tests import make

PAGE = "/projects/maple/review/"
LATER = make.NOON + timedelta(days=300)


@pytest.fixture
def helpful(project: Project) -> Metric:
    return make.make_metric(project)


@pytest.fixture
def csat(project: Project) -> Metric:
    return make.make_metric(project, "csat", "SCALAR")


@pytest.fixture
def ten(project: Project, helpful: Metric) -> list[UUID]:
    """Ten interactions, newest first."""
    return make.make_interactions(project, 10)[::-1]


def give(project: Project, id: UUID, metric: Metric, value: float, by: User) -> None:
    given = FeedbackDraft(metric=metric, value=value)
    feedback.give_own(project, id, given=given, by=by, is_toggle=False)


def left(queue: Queue, n: int = 100) -> Sequence[UUID]:
    return review.following(queue, None, n)


def test_the_queue_is_the_filter_without_what_one_has_answered(
    project: Project, ten: list[UUID], helpful: Metric, alice: User, bob: User
) -> None:
    give(project, ten[0], helpful, 1, alice)
    give(project, ten[3], helpful, 0, alice)
    give(project, ten[1], helpful, 0, bob)
    alices = Queue(project, EVERYTHING, helpful, alice)
    assert left(alices) == [ten[1], ten[2], *ten[4:]]
    assert review.following(alices, ten[2], 2) == [ten[4], ten[5]]
    everybodys = Queue(project, EVERYTHING, helpful, None)
    assert left(everybodys) == [ten[2], *ten[4:]]
    values = {one.interaction_id: one.value for one in review.values_of(everybodys)}
    assert values == {ten[0]: 1, ten[1]: 0, ten[3]: 0}


def test_only_values_given_on_the_site_count(
    project: Project, ten: list[UUID], helpful: Metric, alice: User
) -> None:
    given = FeedbackDraft(metric=helpful, value=0.0)
    feedback.record(project, ten[0], given=given, by=alice, source=Feedback.Source.USER)
    queue = Queue(project, EVERYTHING, helpful, alice)
    assert left(queue)[0] == ten[0]
    assert review.values_of(queue) == []


def test_values_outside_the_filter_do_not_count(
    project: Project, ten: list[UUID], helpful: Metric, alice: User
) -> None:
    french = make.make_interaction(project, labels={"language": "fr"}).id
    give(project, french, helpful, 1, alice)
    give(project, ten[0], helpful, 0, alice)
    queue = Queue(project, HasLabel("language", ("fr",)), helpful, alice)
    assert [one.interaction_id for one in review.values_of(queue)] == [french]
    assert left(queue) == []


def test_a_queue_goes_on_beyond_what_is_read_at_once(
    project: Project, helpful: Metric, alice: User
) -> None:
    ids = make.make_interactions(project, 130)[::-1]
    for id in ids[:120]:
        give(project, id, helpful, 1, alice)
    assert left(Queue(project, EVERYTHING, helpful, alice)) == ids[120:]


def draw(project: Project, n: int, *, seed: int = 1) -> review.Sample:
    caches["samples"].clear()
    return review.draw(project, EVERYTHING, n, seed=seed, until=LATER, spelled="?")


def test_a_sample_stays_the_same_while_rows_arrive_and_grows_at_its_end(
    project: Project, helpful: Metric
) -> None:
    make.make_interactions(project, 200)
    first = draw(project, 20)
    make.make_interaction(project, created_at=LATER + timedelta(hours=1))
    assert draw(project, 20) == first
    assert first.of == 200
    assert draw(project, 50).ids[:20] == first.ids
    assert draw(project, 20, seed=2).ids != first.ids
    assert len(draw(project, 5000).ids) == 200


def test_a_sample_is_kept_as_plain_data_and_read_again(project: Project) -> None:
    make.make_interactions(project, 30)
    first = draw(project, 20)
    assert review.Sample.from_plain(first.as_plain()) == first
    make.make_interaction(project, created_at=LATER - timedelta(days=400))
    again = review.draw(project, EVERYTHING, 20, seed=1, until=LATER, spelled="?")
    assert again == first  # not drawn anew, of 31
    assert isinstance(first.as_plain(), tuple)


def test_every_interaction_is_drawn_as_often(project: Project) -> None:
    ids = make.make_interactions(project, 40)
    times = dict.fromkeys(ids, 0)
    for seed in range(400):
        for id in draw(project, 10, seed=seed).ids:
            times[id] += 1
    # 100 times each is expected, with a deviation of 8.7: beyond 4.5 of them once in 3,600 runs.
    assert min(times.values()) > 60
    assert max(times.values()) < 140


def test_ones_values_are_found_by_their_own_index(
    project: Project, ten: list[UUID], helpful: Metric, alice: User
) -> None:
    give(project, ten[0], helpful, 1, alice)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM feedback WHERE metric_id = %s AND created_by_id = %s"
            " AND source = 'REVIEW' ORDER BY id DESC LIMIT 1",
            [helpful.id, alice.id],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "feedback_review" in plan
    assert "Sort" not in plan
