"""Pairs of answers for preferences: those that were compared, and those that are mined.

A comparison belongs to a selection if either of its answers is selected: who filters for what was
disliked wants what was liked better, too. Mined pairs are of two selected answers, and not those
that were compared.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from adaptive_site.lib.database.sql import TRUE, Sql, fetch
from interactions.models import Selection
from interactions.services.building.candidates import answer_sql, mining
from interactions.services.building.candidates.narrow import (
    TIES,
    Candidate,
    CandidateColumns,
    Flaw,
)
from interactions.services.building.candidates.pool import CandidateReader, Pool, ids_of, metric_of
from interactions.services.building.recipe import Empty, PairsFrom, Ties
from interactions.services.datasets.placing.answer_digests import both
from interactions.services.job_watch import StepWatch, until_late


def of_selection(
    reader: CandidateReader,
    selection: Selection,
    *,
    most: int | None,
    watch: StepWatch = until_late,
) -> Pool:
    """Every pair of the selection that the recipe wants, by the time it was compared or answered.

    Pairs of different prompts, and of answers that are the same, are nobody's preference.
    """
    recipe = reader.recipe
    pool = Pool()
    found = _PairsSoFar(reader, pool)
    if recipe.pairs != PairsFrom.MINED:
        pieces, pool.newest = ids_of(selection, most=most)
        matched = 0
        for ids in pieces:
            watch("choosing: reading comparisons", matched)
            matched += len(ids)
            found.compare(ids)
        pool.left["matched"] = matched
    if recipe.pairs != PairsFrom.COMPARISONS:
        pieces, pool.newest = ids_of(selection, most=most)
        metric = metric_of(reader.project, recipe.metric)
        mined = mining.mine(reader, metric, pieces, watch=watch)
        pool.left["matched"] = mined.matched
        for one in mined.pairs:
            found.add_mined(one)
        pool.narrowed = mined.narrowed
    found.say()
    return pool


class _PairsSoFar:
    """What was found so far, and how many of them the recipe wanted, step by step."""

    def __init__(self, reader: CandidateReader, pool: Pool) -> None:
        self._reader = reader
        self._pool = pool
        self._metric = None
        recipe = reader.recipe
        if recipe.pairs == PairsFrom.COMPARISONS and recipe.metric:
            self._metric = metric_of(reader.project, recipe.metric)
        self._seen: set[bytes] = set()
        self._compared: set[bytes] = set()
        self._paired = self._decided = self._whole = 0

    def compare(self, ids: Sequence[UUID]) -> None:
        """Take the comparisons with one of these answers; each is taken once."""
        for one, is_same_answer in self._read(ids):
            if one.at not in self._seen:
                self._seen.add(one.at)
                self._compared.add(_sides(one))
                self._take(one, is_same_answer=is_same_answer)

    def add_mined(self, one: Candidate) -> None:
        """Take a mined pair unless it was compared: what was said of the two goes before."""
        if _sides(one) not in self._compared:
            self._take(one)

    def _take(self, one: Candidate, *, is_same_answer: bool = False) -> None:
        recipe = self._reader.recipe
        self._paired += 1
        if one.tied and recipe.ties == Ties.OUT:
            self._pool.drop("not tied", one.id, one.other)
            return
        self._decided += 1
        if one.flaw and recipe.empty == Empty.OUT:
            self._pool.drop("not empty", one.id, one.other)
            return
        self._whole += 1
        if is_same_answer:
            self._pool.drop("different answers", one.id, one.other)
        else:
            self._pool.candidates.append(one)

    def say(self) -> None:
        """Note how many were left after each step, and put all in their order."""
        recipe, left = self._reader.recipe, self._pool.left
        left["pairs"] = self._paired
        if recipe.ties == Ties.OUT and recipe.pairs != PairsFrom.MINED:
            left["not tied"] = self._decided
        if recipe.empty == Empty.OUT:
            left["not empty"] = self._whole
        left["different answers"] = len(self._pool.candidates)

    def _read(self, ids: Sequence[UUID]) -> Iterator[tuple[Candidate, bool]]:
        reader = self._reader
        scores = reader.has_scores("p.id")
        metric = Sql("c.metric_id = %s", (self._metric.id,)) if self._metric else TRUE
        query = Sql(
            "SELECT uuid_send(c.id), uuid_send(p.id), uuid_send(o.id), c.metric_id, c.tied,"
            " uuid_send(p.prompt_hash), uuid_send(p.session_id), uuid_send(o.session_id),"
            f" {reader.columns_of_value('p')},"
            f" {answer_sql.flaw('p', 'pb')}, {answer_sql.flaw('o', 'ob')},"
            f" {answer_sql.digest('pb')}, {answer_sql.digest('ob')}"
            " FROM comparison c"
            " JOIN interaction p ON p.id = c.preferred_id JOIN interaction o ON o.id = c.other_id"
            " JOIN interaction_body pb ON pb.interaction_id = p.id"
            " JOIN interaction_body ob ON ob.interaction_id = o.id"
            " WHERE c.project_id = %s AND p.project_id = %s AND o.project_id = %s"
            " AND (c.preferred_id = ANY(%s::uuid[]) OR c.other_id = ANY(%s::uuid[]))"
            f" AND p.prompt_hash = o.prompt_hash AND {metric.text} AND {scores.text}"
            " ORDER BY c.id",
            (*[reader.project.id] * 3, ids, ids, *metric.params, *scores.params),
        )
        for (
            at, preferred, other, metric_id, tied, prompt, session, other_session,
            llm, labels, flaw, other_flaw, digest, other_digest,
        ) in fetch(query):  # fmt: skip
            yield (
                Candidate(
                    at=at,
                    id=preferred,
                    prompt=prompt,
                    session=session,
                    value=reader.value(llm, labels),
                    flaw=max(flaw, other_flaw, key=lambda one: (one == Flaw.EMPTY, one)),
                    digest=both(digest, other_digest),
                    other=other,
                    other_session=other_session,
                    metric_id=metric_id,
                    tied=TIES.index(tied or ""),
                ),
                digest == other_digest,
            )


def _sides(one: Candidate) -> bytes:
    """Both interactions, whichever is the preferred one."""
    return b"".join(sorted((one.id, one.other or b"")))


def conflicting(candidates: CandidateColumns, chosen: Sequence[int]) -> list[int]:
    """Those of the chosen pairs that are there the other way round as well."""
    if not candidates.has_pairs:
        return []
    told = {(candidates.ids[at], candidates.others[at]) for at in chosen if not candidates.ties[at]}
    return [
        at
        for at in chosen
        if not candidates.ties[at] and (candidates.others[at], candidates.ids[at]) in told
    ]
