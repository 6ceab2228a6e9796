"""Pairs of answers to the same prompt, mined from a filter to be compared by people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import combinations
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from adaptive_site.lib.database.any_of import among
from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.database.time_limits import stop_if_late
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.ids import to_millisecond
from interactions.filters.conditions import HasFeedback
from interactions.filters.sql.queries import newest, row_test
from interactions.filters.tree import And, Tree
from interactions.models import Comparison
from interactions.services.judging.comparisons import NewComparison, compare
from projects.models import Metric, Project, User
from projects.services import audit

MATCHES_MINED = 5_000  # newest matches whose prompts are looked at
ANSWERS_PER_PROMPT = 12  # newest to one prompt that are paired
PAIRS_PER_PROMPT = 3  # pairs of one prompt: as many as a person reads before it is time for another
PROMPTS_READ_AT_ONCE = 500  # prompts whose answers are read in one query
SITE_ID_PREFIX = "site:"  # how the external ids of comparisons given on the site begin
UNDO_TIME = timedelta(hours=1)  # for so long a comparison can be undone with a key


@dataclass(frozen=True, slots=True)
class Gap:
    """Asks that both answers have feedback under `metric`, their means at least `least` apart."""

    metric: Metric
    least: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one prompt, the newer one first; `scores` are theirs under the gap's metric.

    `answers` is how many there are to the prompt in the filter, up to 12.
    """

    newer: UUID
    older: UUID
    answers: int = 2
    scores: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """The pair as a query string has it: `<id>.<id>`."""
        return f"{self.newer}.{self.older}"

    @property
    def ids(self) -> frozenset[UUID]:
        """Both, in no order."""
        return frozenset((self.newer, self.older))

    def sides(self, reader: User) -> tuple[UUID, UUID]:
        """The left answer and the right one: by chance, but always the same for one reader."""
        said = f"{self.name} {reader.id}".encode()
        is_swapped = blake2b(said, digest_size=1).digest()[0] & 1
        return (self.older, self.newer) if is_swapped else (self.newer, self.older)


@dataclass(frozen=True, slots=True)
class Mined:
    """The pairs of a filter, best first; `newest` is the number of matches read, 0 for all."""

    pairs: list[Pair]
    newest: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    id: UUID
    llm_id: int | None
    preview: str
    digest: Any
    score: float | None


def mine(project: Project, tree: Tree, *, gap: Gap | None) -> Mined:
    """The pairs among the matches: prompts as their newest answer comes, of each the best few.

    The prompts are those of the newest 5,000 matches; their answers are all in the filter, also
    older ones, through the index of prompts. Of one prompt, answers of different models come
    before those of one, wide gaps before narrow ones, newer answers before older. Answers with
    the same text are no pair. Ask under a time limit.
    """
    if gap is not None:
        tree = And((tree, HasFeedback(gap.metric.key)))
    prompts, seen = _prompts(project, tree)
    test = row_test(project, tree, "i.id")
    pairs: list[Pair] = []
    for start in range(0, len(prompts), PROMPTS_READ_AT_ONCE):
        stop_if_late()
        for answers in _answers(project, test, prompts[start : start + PROMPTS_READ_AT_ONCE], gap):
            pairs += _best(answers, gap)
    return Mined(pairs, seen if seen >= MATCHES_MINED else 0)


def _prompts(project: Project, tree: Tree) -> tuple[list[UUID], int]:
    """The prompts of the newest matches that may have several answers, newest first."""
    found = newest(project, tree, MATCHES_MINED)
    rows = fetch(
        Sql(
            "SELECT i.prompt_hash FROM (SELECT id FROM"
            f" ({found.ids.text}) AS n ORDER BY id DESC) AS m CROSS JOIN LATERAL"
            " (SELECT prompt_hash FROM interaction WHERE id = m.id OFFSET 0) AS i"
            " ORDER BY m.id DESC",
            found.ids.params,
        )
    )
    return list(dict.fromkeys(prompt for (prompt,) in rows)), len(rows)


# Completions are told apart by their preview; where that is not enough, by the whole text, which
# is only then read: it is most of the bytes there are. A preview of 200 characters may be cut.
_ANSWERS = """
    SELECT p.n, a.id, a.llm_id, a.completion_preview, CASE WHEN a.others = 0 THEN NULL ELSE
        (SELECT md5(b.completion) FROM interaction_body b WHERE b.interaction_id = a.id) END,
        {score}
    FROM unnest(%s::uuid[]) WITH ORDINALITY AS p(hash, n) CROSS JOIN LATERAL (
        SELECT s.*, count(*) OVER (PARTITION BY s.completion_preview) - 1 AS others,
            count(*) OVER () AS many
        FROM (SELECT i.id, i.llm_id, i.completion_preview FROM interaction i
            WHERE i.project_id = %s AND i.prompt_hash = p.hash AND {test}
            ORDER BY i.id DESC LIMIT %s) AS s
    ) AS a WHERE a.many > 1 ORDER BY p.n, a.id DESC
"""
_SCORE = "(SELECT avg(f.value) FROM feedback f WHERE f.interaction_id = a.id AND f.metric_id = %s)"


def _answers(
    project: Project, test: Sql, prompts: Sequence[UUID], gap: Gap | None
) -> Iterator[list[_Answer]]:
    """The answers to each of these prompts that are in the filter, where there are several."""
    query = _ANSWERS.format(test=test.text, score="NULL" if gap is None else _SCORE)
    scored = () if gap is None else (gap.metric.id,)
    params = (*scored, list(prompts), project.id, *test.params, ANSWERS_PER_PROMPT)
    of: dict[int, list[_Answer]] = {}
    for n, *answer in fetch(Sql(query, params)):
        of.setdefault(n, []).append(_Answer(*answer))
    yield from of.values()


def _best(answers: list[_Answer], gap: Gap | None) -> list[Pair]:
    """The pairs of one prompt that are worth comparing, the best first; `answers` newest first."""
    found = []
    for one, other in combinations(answers, 2):
        if (one.preview, one.digest) == (other.preview, other.digest):
            continue
        apart = 0.0
        scores = None
        if gap is not None:
            if one.score is None or other.score is None:
                continue
            apart, scores = abs(one.score - other.score), (one.score, other.score)
            if apart < gap.least:
                continue
        is_same_model = one.llm_id == other.llm_id
        found.append((is_same_model, -apart, Pair(one.id, other.id, len(answers), scores)))
    found.sort(key=lambda one: one[:2])  # stable: newer answers stay before older ones
    return [pair for *_, pair in found[:PAIRS_PER_PROMPT]]


def compared(
    project: Project, metric: Metric, pairs: Iterable[Pair]
) -> dict[frozenset[UUID], list[Comparison]]:
    """The comparisons of `pairs` under the metric, newest first, by the two ids."""
    ids = {id for pair in pairs for id in pair.ids}
    found: dict[frozenset[UUID], list[Comparison]] = {}
    rows = (
        Comparison.objects.in_project(project)
        .filter(among("preferred_id", ids), among("other_id", ids), metric=metric)
        .order_by("-id")
    )
    for one in rows if ids else ():
        found.setdefault(frozenset((one.preferred_id, one.other_id)), []).append(one)
    return found


@transaction.atomic
def prefer(
    project: Project, pair: Pair, *, metric: Metric, better: UUID | None, tied: str | None, by: User
) -> Comparison:
    """Store which answer of a pair a person prefers, in place of that person's last comparison.

    `better` is one of the two ids, or None with `tied`. The audit log keeps on which side each
    answer stood, so that a leaning to one side can be found later.
    """
    left, right = pair.sides(by)
    preferred = left if better is None else better
    both = {pair.newer, pair.older}
    for one in _own(project, metric, by).filter(preferred_id__in=both, other_id__in=both):
        withdraw(project, one, by=by)
    given = NewComparison(
        metric=metric,
        preferred_id=preferred,
        other_id=right if preferred == left else left,
        tied=tied,
        created_at=to_millisecond(datetime.now(UTC)),
        external_id=f"{SITE_ID_PREFIX}{by.id}:{metric.id}:{pair.name}",
    )
    made = next(iter(compare(project, [given], by=by)), None)
    if made is None:  # given twice at once; the first one stands
        raise Invalid("this pair was compared a moment ago", field="pair")
    audit.record(
        project,
        actor=by,
        verb="comparison.given",
        subject=str(made.id),
        metric=metric.key,
        left=str(left),
        right=str(right),
        verdict=tied or ("left" if better == left else "right"),
    )
    return made


def latest(project: Project, metric: Metric, by: User) -> Comparison | None:
    """A person's last comparison under the metric, unless older than UNDO_TIME."""
    last = (
        _own(project, metric, by)
        .select_related("preferred__llm", "other__llm")
        .order_by("-id")
        .first()
    )
    is_recent = last is not None and last.created_at >= datetime.now(UTC) - UNDO_TIME
    return last if is_recent else None


@transaction.atomic
def undo(project: Project, metric: Metric, *, by: User) -> Pair | None:
    """Withdraw a person's `latest` comparison and return its pair."""
    last = latest(project, metric, by)
    if last is None:
        return None
    withdraw(project, last, by=by)
    older, newer = sorted((last.preferred_id, last.other_id))
    return Pair(newer, older)


def withdraw(project: Project, comparison: Comparison, *, by: User) -> None:
    """Delete a comparison, which the audit log keeps."""
    audit.record(
        project,
        actor=by,
        verb="comparison.withdrawn",
        subject=str(comparison.id),
        metric=comparison.metric.key,
        preferred=str(comparison.preferred_id),
        other=str(comparison.other_id),
        tied=comparison.tied,
    )
    Comparison.objects.in_project(project).filter(id=comparison.id).delete()


def usual_metric(project: Project, by: User) -> Metric | None:
    """The metric of the person's last comparison, else one with `prefer` in its key."""
    last = (
        Comparison.objects.in_project(project)
        .filter(created_by=by, metric__is_linked=True)
        .select_related("metric")
        .order_by("-id")
        .first()
    )
    if last is not None:
        return last.metric
    named = Metric.objects.in_project(project).linked().filter(Q(key__icontains="prefer"))
    return named.order_by("key").first()


def metrics_in_use(project: Project) -> set[int]:
    """The ids of the metrics that have comparisons."""
    one = Comparison.objects.in_project(project).filter(metric=OuterRef("pk"))
    linked = Metric.objects.in_project(project).linked()
    return set(linked.filter(Exists(one)).values_list("id", flat=True))


def _own(project: Project, metric: Metric, by: User) -> Any:
    """The comparisons a person made on the site, not those sent with the person's API key."""
    return Comparison.objects.in_project(project).filter(
        metric=metric, created_by=by, external_id__startswith=SITE_ID_PREFIX
    )
