"""Pairs mined of the answers to one prompt, one of which was judged clearly better."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import nsmallest
from itertools import combinations
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.errors import Invalid
from interactions.services.building.candidates import answer_sql
from interactions.services.building.candidates.columns import IdColumn
from interactions.services.building.candidates.narrow import Candidate, Flaw
from interactions.services.building.candidates.pool import READ_AT_ONCE, CandidateReader
from interactions.services.building.recipe import Answers, Empty, PerPrompt
from interactions.services.datasets.placing.answer_digests import both
from interactions.services.job_watch import StepWatch
from projects.models import Metric

ANSWERS_PER_PROMPT = 500  # the newest, that all pairs are made of
PROMPTS_READ_AT_ONCE = 100  # whose other answers are read in one query
PAIRS_PER_PROMPT = 1_000  # of all pairs of a prompt, the widest apart
MOST_PAIRS = 2_000_000  # 140 bytes each
# Two means are as far apart as people can write it: 0.3 - 0.2 is 0.09999999999999998.
ROUNDING = 1e-9


@dataclass(slots=True)
class _Answers:
    """Answers that have a mean under the metric, in columns; a higher `score` is better."""

    ids: IdColumn = field(default_factory=IdColumn)
    prompts: IdColumn = field(default_factory=IdColumn)
    sessions: IdColumn = field(default_factory=IdColumn)
    scores: "array[float]" = field(default_factory=lambda: array("d"))
    values: "array[int]" = field(default_factory=lambda: array("i"))
    flaws: bytearray = field(default_factory=bytearray)
    may_be_preferred: bytearray = field(default_factory=bytearray)
    are_selected: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class MinedPairs:
    """Of how many interactions, the pairs, and of how many prompts not all pairs were made; that
    is known when all pairs have been taken.
    """

    matched: int = 0
    narrowed: int = 0
    pairs: Iterator[Candidate] = iter(())


def mine(
    reader: CandidateReader, metric: Metric, pieces: Iterable[list[UUID]], *, watch: StepWatch
) -> MinedPairs:
    """The pairs of these interactions with the same prompt.

    Means of a pair are apart by the gap at least. Of the extremes that is the best with the worst,
    the newest of equals; answers with the same text are no pair, then the next best or worst is
    taken. Empty answers and those cut off are not paired where the recipe leaves them out. If
    answers that are not selected may be taken, too, one of each pair is selected all the same.
    """
    answers, mined = _Answers(), MinedPairs()
    for ids in pieces:
        watch("choosing: reading answers", mined.matched)
        mined.matched += len(ids)
        _read(reader, metric, ids, answers, are_selected=True)
    if reader.recipe.answers == Answers.PROMPTS:
        _read_others(reader, metric, answers, watch)
    gap = _gap(reader, metric)
    groups = list(_groups(answers, gap))
    if reader.recipe.per_prompt == PerPrompt.ALL:
        mined.narrowed = sum(len(group) > ANSWERS_PER_PROMPT for group in groups)
        groups = [group[-ANSWERS_PER_PROMPT:] for group in groups]
    digests = _digests(reader, answers, groups, watch)
    mined.pairs = _pairs(reader, metric, answers, groups, digests, gap, mined)
    return mined


def _gap(reader: CandidateReader, metric: Metric) -> float:
    if reader.recipe.gap is not None:
        return reader.recipe.gap - ROUNDING
    return 1.0 - ROUNDING if metric.is_yes_no else ROUNDING


def _read_others(
    reader: CandidateReader, metric: Metric, answers: _Answers, watch: StepWatch
) -> None:
    """The newest answers to the same prompts that are not selected, as many as are ever paired."""
    known = {answers.ids[at] for at in range(len(answers.ids))}
    prompts = list(dict.fromkeys(answers.prompts[at] for at in range(len(answers.prompts))))
    for start in range(0, len(prompts), PROMPTS_READ_AT_ONCE):
        watch("choosing: reading other answers", start, len(prompts))
        some = [UUID(bytes=prompt) for prompt in prompts[start : start + PROMPTS_READ_AT_ONCE]]
        query = Sql(
            "SELECT o.id FROM unnest(%s::uuid[]) AS p(hash) CROSS JOIN LATERAL ("
            " SELECT i.id FROM interaction i WHERE i.project_id = %s AND i.prompt_hash = p.hash"
            "  AND EXISTS (SELECT FROM feedback f"
            "   WHERE f.interaction_id = i.id AND f.metric_id = %s)"
            " ORDER BY i.id DESC LIMIT %s) AS o",
            (some, reader.project.id, metric.id, ANSWERS_PER_PROMPT),
        )
        others = [id for (id,) in fetch(query) if id.bytes not in known]
        _read(reader, metric, others, answers, are_selected=False)


def _read(
    reader: CandidateReader,
    metric: Metric,
    ids: Sequence[UUID],
    answers: _Answers,
    *,
    are_selected: bool,
) -> None:
    scores = reader.has_scores("i.id")
    query = Sql(
        "SELECT uuid_send(i.id), uuid_send(i.prompt_hash), uuid_send(i.session_id), m.mean,"
        f" {reader.columns_of_value('i')}, {answer_sql.flaw()}, {scores.text}"
        " FROM interaction i JOIN interaction_body b ON b.interaction_id = i.id"
        " CROSS JOIN LATERAL (SELECT avg(f.value) AS mean FROM feedback f"
        "  WHERE f.interaction_id = i.id AND f.metric_id = %s) AS m"
        " WHERE i.project_id = %s AND i.id = ANY(%s::uuid[]) AND m.mean IS NOT NULL ORDER BY i.id",
        (*scores.params, metric.id, reader.project.id, ids),
    )
    sign = -1 if metric.is_low_better else 1
    for id, prompt, session, mean, llm, labels, flaw, is_scored in fetch(query):
        if flaw and reader.recipe.empty == Empty.OUT:
            continue
        answers.ids.append(id)
        answers.prompts.append(prompt)
        answers.sessions.append(session)
        answers.scores.append(sign * mean)
        answers.values.append(reader.value(llm, labels))
        answers.flaws.append(flaw)
        answers.may_be_preferred.append(is_scored)
        answers.are_selected.append(are_selected)


def _groups(answers: _Answers, gap: float) -> Iterator[list[int]]:
    """The answers to each prompt, oldest first, where two are far enough apart."""
    of: dict[int, list[int]] = {}
    for at, prompt in enumerate(answers.prompts.numbers()):
        of.setdefault(prompt, []).append(at)
    for group in of.values():
        scores = [answers.scores[at] for at in group]
        if max(scores) - min(scores) >= gap:
            # Those that are not selected were read last.
            yield sorted(group, key=answers.ids.__getitem__)


def _digests(
    reader: CandidateReader, answers: _Answers, groups: Sequence[Sequence[int]], watch: StepWatch
) -> dict[int, bytes]:
    """What the answers of these groups are told apart by; only their texts are read."""
    wanted = [at for group in groups for at in group]
    found: dict[int, bytes] = {}
    for start in range(0, len(wanted), READ_AT_ONCE):
        watch("choosing: comparing answers", start, len(wanted))
        places = {answers.ids[at]: at for at in wanted[start : start + READ_AT_ONCE]}
        query = Sql(
            f"SELECT uuid_send(b.interaction_id), {answer_sql.digest()} FROM interaction_body b"
            " WHERE b.project_id = %s AND b.interaction_id = ANY(%s::uuid[])",
            (reader.project.id, [UUID(bytes=id) for id in places]),
        )
        found |= {places[id]: digest for id, digest in fetch(query)}
    return found


def _pairs(
    reader: CandidateReader,
    metric: Metric,
    answers: _Answers,
    groups: Sequence[Sequence[int]],
    digests: dict[int, bytes],
    gap: float,
    mined: MinedPairs,
) -> Iterator[Candidate]:
    is_all = reader.recipe.per_prompt == PerPrompt.ALL
    choose = _all if is_all else _extremes
    n = 0
    for group in groups:
        there = [at for at in group if at in digests]  # not deleted meanwhile
        chosen = list(choose(answers, there, digests, gap))
        if len(chosen) > PAIRS_PER_PROMPT:
            # A prompt with more answers than are paired has been counted.
            mined.narrowed += len(group) < ANSWERS_PER_PROMPT
        n += len(chosen[:PAIRS_PER_PROMPT])
        if n > MOST_PAIRS:
            raise Invalid(
                f"expected at most {MOST_PAIRS:,} pairs; a wider gap makes fewer, and so does"
                " the best with the worst of each prompt",
                field="per_prompt" if is_all else "gap",
            )
        for better, worse in chosen[:PAIRS_PER_PROMPT]:
            newer = max(answers.ids[better], answers.ids[worse])
            flaws = (answers.flaws[better], answers.flaws[worse])
            yield Candidate(
                at=newer,
                id=answers.ids[better],
                prompt=answers.prompts[better],
                session=answers.sessions[better],
                value=answers.values[better],
                flaw=Flaw.EMPTY if Flaw.EMPTY in flaws else max(flaws),
                digest=both(digests[better], digests[worse]),
                other=answers.ids[worse],
                other_session=answers.sessions[worse],
                metric_id=metric.id,
            )


def _extremes(
    answers: _Answers, group: Sequence[int], digests: dict[int, bytes], gap: float
) -> Iterator[tuple[int, int]]:
    """The best with the worst of those that differ in their text; one of the two is selected."""
    age = {at: n for n, at in enumerate(group)}
    down = sorted(group, key=lambda at: (-answers.scores[at], -age[at]))
    up = sorted(group, key=lambda at: (answers.scores[at], -age[at]))
    good = [at for at in down if answers.may_be_preferred[at]]
    selected = answers.are_selected
    pairs = _widest([at for at in good if selected[at]], up, digests)
    pairs += _widest(good, [at for at in up if selected[at]], digests)
    apart = partial(_apart, answers)
    widest = max(pairs, key=apart, default=None)
    if widest is not None and apart(widest) >= gap:
        yield widest


def _widest(
    good: Sequence[int], bad: Sequence[int], digests: dict[int, bytes]
) -> list[tuple[int, int]]:
    """With the best one, and with the worst one, the widest pair of different texts."""
    if not good or not bad:
        return []
    pairs = [(good[0], worse) for worse in bad if digests[worse] != digests[good[0]]][:1]
    return pairs + [(better, bad[0]) for better in good if digests[better] != digests[bad[0]]][:1]


def _all(
    answers: _Answers, group: Sequence[int], digests: dict[int, bytes], gap: float
) -> Iterator[tuple[int, int]]:
    """Every pair that is far enough apart, the widest first: one more than are taken at most."""
    apart = partial(_apart, answers)
    ordered = ((a, b) if apart((a, b)) > 0 else (b, a) for a, b in combinations(group, 2))
    wanted = (
        pair
        for pair in ordered
        if answers.may_be_preferred[pair[0]]
        and (answers.are_selected[pair[0]] or answers.are_selected[pair[1]])
        and apart(pair) >= gap
        and digests[pair[0]] != digests[pair[1]]
    )
    age = {at: n for n, at in enumerate(group)}
    yield from nsmallest(
        PAIRS_PER_PROMPT + 1,
        wanted,
        key=lambda pair: (-apart(pair), *sorted((-age[pair[0]], -age[pair[1]]))),
    )


def _apart(answers: _Answers, pair: tuple[int, int]) -> float:
    return answers.scores[pair[0]] - answers.scores[pair[1]]
