"""Where a searched text stands in interactions whose previews do not show it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from interactions.filters.compile import fetch
from interactions.filters.conditions import Contains, Place
from interactions.filters.sql import Sql
from interactions.filters.tree import And, Tree
from projects.models import Project

BEFORE, AFTER = 60, 160  # characters of a snippet around the beginning of its hit


@dataclass(frozen=True, slots=True)
class Hit:
    """A snippet around a searched text, and where in the conversation it is.

    `starts` and `ends` say whether the snippet begins and ends where its text does.
    """

    text: str
    where: str
    starts: bool
    ends: bool


def wanted_in(tree: Tree) -> list[Contains]:
    """The texts that every match of a filter holds."""
    if isinstance(tree, And):
        return [text for child in tree.children for text in wanted_in(child)]
    return [tree] if isinstance(tree, Contains) else []


def hits(
    project: Project, ids: Collection[UUID], wanted: Sequence[Contains]
) -> dict[UUID, list[Hit | None]]:
    """For each interaction a hit of each wanted text, in their order; None where there is none.

    The last one in the conversation is found. PostgreSQL cuts the snippets out, so that a page of
    long conversations costs no more to fetch than one of short ones.
    """
    found: dict[UUID, list[Hit | None]] = {id: [None] * len(wanted) for id in ids}
    query = Sql(
        _HITS,
        (
            list(ids),
            project.id,
            [one.text for one in wanted],
            [f"%{_escaped(one.text)}%" for one in wanted],
            [one.place.value for one in wanted],
        ),
    )
    for id, number, turn, asked_last, role, at, length, said in fetch(query):
        starts = at <= BEFORE + 1
        text = " ".join((said if starts else _from_a_word(said)).split())
        hit = Hit(text, _where(turn, asked_last, role), starts, at + AFTER > length)
        found[id][number - 1] = hit
    return found


# `turn` is null for the completion. Lowering may move a letter or two (İ), which a snippet bears.
_HITS = f"""
    SELECT b.interaction_id, q.number, s.turn, s.asked_last, s.role, s.at, length(s.said),
        substring(s.said FROM greatest(s.at - {BEFORE}, 1) FOR {BEFORE + AFTER})
    FROM unnest(%s::uuid[]) AS w(id)
    JOIN interaction_body b ON b.interaction_id = w.id AND b.project_id = %s
    CROSS JOIN LATERAL unnest(%s::text[], %s::text[], %s::text[])
        WITH ORDINALITY AS q(wanted, pattern, place, number)
    CROSS JOIN LATERAL (
        SELECT *, greatest(strpos(lower(said), lower(q.wanted)), 1) AS at FROM (
            SELECT NULL::bigint AS turn, NULL::bigint AS asked_last, '' AS role,
                b.completion AS said
            WHERE q.place <> '{Place.PROMPT}'
            UNION ALL
            SELECT m.turn, max(m.turn) FILTER (WHERE m.message ->> 'role' = 'user') OVER (),
                m.message ->> 'role', CASE jsonb_typeof(c.part) WHEN 'string' THEN c.part #>> '{{}}'
                ELSE c.part ->> 'text' END
            FROM jsonb_array_elements(b.messages) WITH ORDINALITY AS m(message, turn)
            CROSS JOIN LATERAL jsonb_path_query(m.message, '$.content[*]') AS c(part)
            WHERE q.place <> '{Place.COMPLETION}'
        ) AS texts
        WHERE said ILIKE q.pattern ORDER BY turn DESC NULLS FIRST LIMIT 1
    ) AS s
"""


def _from_a_word(text: str) -> str:
    """Without the rest of a word that it begins with, unless that is long."""
    word, _, rest = text.partition(" ")
    return rest if len(word) < BEFORE // 2 else text


def _where(turn: int | None, asked_last: int | None, role: str | None) -> str:
    """In words, for who reads the list."""
    if turn is None:
        return "in the completion"
    if role in ("system", "developer"):
        return "in the system prompt"
    if role == "user":
        return "in the prompt" if turn == asked_last else "in an earlier turn"
    return "in an earlier answer" if role == "assistant" else f"in a {role}’s turn"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
