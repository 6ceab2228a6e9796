"""A filter as a queue of interactions to give feedback on, one after the other.

What is left in the queue follows from the feedback given on the site alone, so a person stops and
goes on anywhere.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Self
from uuid import UUID

from django.core.cache import caches

from adaptive_site.lib.database.any_of import among
from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.database.time_limits import stop_if_late, time_limit
from interactions.filters.conditions import CreatedIn, HasFeedback
from interactions.filters.sql.queries import matches, row_test, window
from interactions.filters.tree import And, Tree, conditions_of
from interactions.models import Feedback
from interactions.services.judging import feedback as given
from projects.models import Metric, Project, User

LARGEST_SAMPLE = 5_000  # sample
VALUES_READ = 10_000  # newest, of which those in the filter are counted
SAMPLE_LIMIT_MS = 10_000
UNDO_TIME = timedelta(hours=1)  # for so long a value can be withdrawn with a key
_SAMPLE_SECONDS = 24 * 3600
_cache = caches["samples"]
_FIRST, _MOST = 20, 5_000  # ids that are read at once, looking for one without a value


@dataclass(frozen=True, slots=True)
class Sample:
    """Interactions drawn at random out of `of` matches, in the order of the draw."""

    ids: list[UUID]
    of: int

    def as_plain(self) -> tuple[int, bytes]:
        """The sample as what any later version of this class can read: 16 bytes an id."""
        return self.of, b"".join(one.bytes for one in self.ids)

    @classmethod
    def from_plain(cls, plain: tuple[int, bytes]) -> Self:
        """The sample that `as_plain` wrote down."""
        of, packed = plain
        ids = [UUID(bytes=packed[n : n + 16]) for n in range(0, len(packed), 16)]
        return cls(ids, of)


@dataclass(frozen=True, slots=True)
class Queue:
    """The matches of `tree`, or a sample of them, to be given values under `metric` by `by`.

    Done is an interaction with a value that `by` gave on the site; for everybody's queue, where
    `by` is None, with a value of anybody.
    """

    project: Project
    tree: Tree
    metric: Metric
    by: User | None
    sample: Sample | None = None


@dataclass(frozen=True, slots=True)
class ReviewValue:
    """A value given on the site to an interaction of the queue."""

    feedback_id: UUID
    interaction_id: UUID
    value: float


def draw(
    project: Project, tree: Tree, n: int, *, seed: int, until: datetime, spelled: str
) -> Sample:
    """`n` of the matches created before `until`, each with the same chance.

    Ids are put in the order of a hash that `seed` changes, and the first are taken: the same for
    everybody who has the address, and the first half of them is a random sample too. All matches
    are looked at once (1.2 s a million, on a busy machine), then it is remembered for a day under
    `spelled`, the filter as its address has it. Raises TookTooLong.
    """
    said = f"{project.id} {spelled} {n} {seed} {until.isoformat()}"
    key = f"sample-1:{sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()}"
    if (plain := _cache.get(key)) is not None:
        found = Sample.from_plain(plain)
    else:
        with time_limit(SAMPLE_LIMIT_MS):
            all = matches(project, And((tree, CreatedIn(end=until))))
            rows = fetch(
                Sql(
                    f"WITH m AS MATERIALIZED ({all.text}) SELECT id, (SELECT count(*) FROM m)"
                    " FROM m ORDER BY uuid_hash_extended(id, %s), id LIMIT %s",
                    (*all.params, seed, n),
                )
            )
        found = Sample([id for id, _ in rows], rows[0][1] if rows else 0)
        _cache.set(key, found.as_plain(), _SAMPLE_SECONDS)
    return found


def asks_for(tree: Tree, metric: Metric) -> bool:
    """Whether the filter asks for feedback under the metric, so that giving a value changes it."""
    return any(
        isinstance(one, HasFeedback) and one.metric in (None, metric.key)
        for one in conditions_of(tree)
    )


def following(queue: Queue, after: UUID | None, n: int) -> list[UUID]:
    """The next `n` interactions of the queue without a value after `after`, None being its top.

    The order is the sample's, else newest first.
    """
    if queue.sample is not None:
        ids = queue.sample.ids
        start = ids.index(after) + 1 if after in ids else 0
        done = {one.interaction_id for one in values_of(queue)}
        return [id for id in ids[start:] if id not in done][:n]
    found: list[UUID] = []
    size = _FIRST
    while True:
        ids = window(queue.project, queue.tree, limit=size, before=after)
        done = set(_of_these(queue, ids).values_list("interaction_id", flat=True))
        found += [id for id in ids if id not in done]
        if len(found) >= n or len(ids) < size:
            return found[:n]
        stop_if_late()
        after, size = ids[-1], min(4 * size, _MOST)


def values_of(queue: Queue) -> list[ReviewValue]:
    """The values in the queue, newest first, one an interaction, of the newest VALUES_READ."""
    if queue.sample is not None:
        found = _of_these(queue, queue.sample.ids).order_by("-id")
        rows: Sequence[tuple[Any, ...]] = list(found.values_list("id", "interaction_id", "value"))
    else:
        test = row_test(queue.project, queue.tree, "v.interaction_id")
        person = Sql("") if queue.by is None else Sql(" AND created_by_id = %s", (queue.by.id,))
        rows = fetch(
            Sql(
                "SELECT v.id, v.interaction_id, v.value FROM (SELECT * FROM feedback"
                f" WHERE metric_id = %s{person.text} AND source = 'REVIEW' AND project_id = %s"
                f" ORDER BY id DESC LIMIT %s) AS v WHERE {test.text} ORDER BY v.id DESC",
                (queue.metric.id, *person.params, queue.project.id, VALUES_READ, *test.params),
            )
        )
    seen: set[UUID] = set()
    made = []
    for id, interaction_id, value in rows:
        if interaction_id not in seen:
            seen.add(interaction_id)
            made.append(ReviewValue(id, interaction_id, value))
    return made


def latest(project: Project, metric: Metric, by: User) -> Feedback | None:
    """The value a person gave last on the site under the metric, unless older than UNDO_TIME."""
    since = datetime.now(UTC) - UNDO_TIME
    last = (
        Feedback.objects.in_project(project)
        .filter(metric=metric, created_by=by, source=Feedback.Source.REVIEW)
        .select_related("interaction")
        .newest_first()
        .first()
    )
    return last if last is not None and last.created_at >= since else None


def undo(project: Project, metric: Metric, *, by: User) -> UUID | None:
    """Withdraw a person's `latest` value and return the id of its interaction."""
    last = latest(project, metric, by)
    if last is None:
        return None
    given.withdraw(project, last.id, by=by, any_author=False)
    return last.interaction_id


def _of_these(queue: Queue, ids: Collection[UUID]) -> Any:
    """The feedback that makes these interactions done."""
    found = (
        Feedback.objects.in_project(queue.project)
        .filter(among("interaction_id", ids), metric=queue.metric)
        .filter(source=Feedback.Source.REVIEW)
    )
    return found if queue.by is None else found.filter(created_by=queue.by)
