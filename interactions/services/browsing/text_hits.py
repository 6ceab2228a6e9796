"""Where a searched text stands in interactions whose previews do not show it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.conditions import Contains
from interactions.services.browsing.list_rows import ListRow
from interactions.textindex.letters import FoldedText, fold
from interactions.textindex.message_texts import (
    SYSTEM_ROLES,
    is_system_prompt,
    other_answers,
    texts_query,
)
from projects.models import Project

SNIPPET_CHARACTERS = 100  # characters of a snippet on either side of its hit
HITS_LIMIT_MS = 500
FOLDING_SLACK = 20_000  # how far a letter may stand from where its folded text has it


@dataclass(frozen=True, slots=True)
class Hit:
    """A snippet around a searched text, and where in the conversation it is.

    `starts` and `ends` say whether the snippet begins and ends where its text does.
    """

    text: str
    where: str
    starts: bool
    ends: bool


def unseen_hits(
    project: Project, rows: Sequence[ListRow], wanted: Sequence[Contains]
) -> dict[UUID, list[Hit]]:
    """By interaction, where the texts stand that the previews of its row do not show.

    A text that stands within the snippet of another one has none of its own. Nothing when finding
    them takes longer than half a second.
    """
    unseen = {row.interaction.id: [not _shows(row, one) for one in wanted] for row in rows}
    ids = [id for id, are_unseen in unseen.items() if any(are_unseen)]
    if not ids:
        return {}
    try:
        with time_limit(HITS_LIMIT_MS):
            found = hits(project, ids, wanted)
    except TookTooLong:
        return {}
    return {id: _told(wanted, found[id], unseen[id]) for id in ids}


def _told(
    wanted: Sequence[Contains], found: Sequence[Hit | None], are_unseen: Sequence[bool]
) -> list[Hit]:
    """The hits of a row that neither its previews nor each other show."""
    told: list[Hit] = []
    for text, hit, is_unseen in zip(wanted, found, are_unseen, strict=True):
        is_told = any(fold(text.text) in fold(other.text) for other in told)
        if hit is not None and is_unseen and not is_told:
            told.append(hit)
    return told


def _shows(row: ListRow, text: Contains) -> bool:
    """Whether the previews of a row show the text."""
    wanted, it = fold(text.text), row.interaction
    return (text.place.has_turns and wanted in fold(it.prompt_preview)) or (
        text.place.has_completion and wanted in fold(it.completion_preview)
    )


def hits(
    project: Project, ids: Collection[UUID], wanted: Sequence[Contains]
) -> dict[UUID, list[Hit | None]]:
    """For each interaction a hit of each wanted text, in their order; None where there is none.

    The last one in the conversation is found. PostgreSQL cuts the snippets out, so that a page of
    long conversations costs no more to fetch than one of short ones.
    """
    found: dict[UUID, list[Hit | None]] = {id: [None] * len(wanted) for id in ids}
    folded = [fold(one.text) for one in wanted]
    query = Sql(
        _HITS,
        (
            list(ids),
            project.id,
            folded,
            [one.place.has_turns for one in wanted],
            [one.place.has_system for one in wanted],
            [one.place.has_completion for one in wanted],
        ),
    )
    for id, number, turn, asked_last, role, first, length, cut in fetch(query):
        start, end = _place(cut, folded[number - 1])
        hit = Hit(
            _snippet(cut, start, end),
            _where(turn, asked_last, role),
            first == 1 and start <= SNIPPET_CHARACTERS,
            first - 1 + end + SNIPPET_CHARACTERS >= length,
        )
        found[id][number - 1] = hit
    return found


# `turn` is null for the completion. Folding may move letters, by as many as the lengths differ and
# hardly ever more; so much more is cut out, and the hit is looked for in that.
_HITS = f"""
    SELECT b.interaction_id, q.number, s.turn, s.asked_last, s.role, s.first, length(s.said),
        substring(s.said FROM s.first FOR 2 * (s.slack + {SNIPPET_CHARACTERS}) + length(q.wanted))
    FROM unnest(%s::uuid[]) AS w(id)
    JOIN interaction_body b ON b.interaction_id = w.id AND b.project_id = %s
    CROSS JOIN LATERAL unnest(%s::text[], %s::bool[], %s::bool[], %s::bool[])
        WITH ORDINALITY AS q(wanted, turns, system, completion, number)
    CROSS JOIN LATERAL (
        SELECT said, turn, asked_last, role, slack,
            greatest(1, strpos(folded, q.wanted) - slack - {SNIPPET_CHARACTERS}) AS first FROM (
            SELECT texts.*, f.folded,
                least({FOLDING_SLACK}, abs(length(said) - length(f.folded))) AS slack
            FROM (
                SELECT NULL::bigint AS turn, NULL::bigint AS asked_last, '' AS role,
                    b.completion AS said WHERE q.completion
                UNION ALL SELECT NULL, NULL, '', p.said
                FROM ({texts_query("b.completion_parts")}) AS p WHERE q.completion
                UNION ALL SELECT NULL, NULL, '', t.said
                FROM search_strings(b.completion) AS t(said) WHERE q.completion
                UNION ALL SELECT NULL, NULL, '', t.said FROM ({other_answers("b")}) AS o
                CROSS JOIN LATERAL ({texts_query("o.message")}) AS t WHERE q.completion
                UNION ALL SELECT m.turn, m.asked_last, m.message ->> 'role', t.said
                FROM (
                    SELECT *, max(turn) FILTER (WHERE message ->> 'role' = 'user') OVER ()
                        AS asked_last
                    FROM jsonb_array_elements(b.messages) WITH ORDINALITY AS a(message, turn)
                ) AS m
                CROSS JOIN LATERAL ({texts_query("m.message")}) AS t
                WHERE CASE WHEN {is_system_prompt("m.message")} THEN q.system ELSE q.turns END
            ) AS texts
            CROSS JOIN LATERAL (SELECT search_fold(said) AS folded OFFSET 0) AS f
            WHERE strpos(f.folded, q.wanted) > 0
            ORDER BY turn DESC NULLS FIRST LIMIT 1
        ) AS newest
    ) AS s
"""


def _place(said: str, wanted: str) -> tuple[int, int]:
    """Where the hit is; at the beginning, should it lie outside of what was cut out."""
    return next(FoldedText(said).find(wanted), (0, 0))


def _snippet(said: str, start: int, end: int) -> str:
    """The hit, on one line in the middle of as much on either side, at whole words."""
    first, last = max(0, start - SNIPPET_CHARACTERS), min(len(said), end + SNIPPET_CHARACTERS)
    before, after = said[first:start], said[end:last]
    if first and (blank := before.find(" ")) >= 0 and blank < SNIPPET_CHARACTERS // 2:
        before = before[blank + 1 :]
    text = f"{before}{said[start:end]}{after}"
    return " ".join(text.split())


def _where(turn: int | None, asked_last: int | None, role: str | None) -> str:
    """In words, for who reads the list."""
    if turn is None:
        return "in the completion"
    if role in SYSTEM_ROLES:
        return "in the system prompt"
    if role == "user":
        return "in the prompt" if turn == asked_last else "in an earlier turn"
    return "in an earlier answer" if role == "assistant" else f"in a {role}’s turn"
