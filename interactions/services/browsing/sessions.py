"""The sessions that a filter's newest matches belong to.

No GROUP BY over all of them: the newest matches are walked a stretch at a time and collapsed by
session, which costs the same at a thousand rows and at millions. A session stands where its newest
match does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.filters.sql import queries
from interactions.filters.tree import Tree
from interactions.models import Interaction
from interactions.services.recording.plain_text import without_markup
from projects.models import Llm, Metric, Project

MATCHES_READ_AT_ONCE = 400  # matches that are collapsed at a time
MATCHES_WALKED = 4_000  # matches that are looked at for one page
TURNS_COUNTED = 200  # of a session, its newest, that are counted
OPENING_LENGTH = 200  # characters of what it begins with that are read


@dataclass(frozen=True, slots=True)
class FeedbackTotals:
    """All the values under a metric in one session: how many, their sum, and how many are 1."""

    metric: Metric
    count: int
    total: float
    ones: int


@dataclass(slots=True)
class SessionSummary:
    """A session; `turns` and the fields after it are of its newest TURNS_COUNTED turns.

    `matched` of them match the filter, the newest being `newest`. It begins with `opening`, the
    first that the user said, and ends with `answer`, the beginning of its newest completion;
    `messages` are those of its newest turn, with that.
    """

    id: UUID
    newest: UUID
    opening: str = ""
    answer: str = ""
    messages: int | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    turns: int = 0
    matched: int = 0
    images: int = 0
    llm_ids: list[int] = field(default_factory=list)
    llms: list[Llm] = field(default_factory=list)
    marks: list[FeedbackTotals] = field(default_factory=list)


@dataclass(slots=True)
class SessionPage:
    """Sessions, newest first; `older` is where the next page begins, None at the end.

    `walked` matches were looked at, of which `alone` belong to no session; `is_bounded` when the
    walk ended at MATCHES_WALKED and not at a full page.
    """

    sessions: list[SessionSummary] = field(default_factory=list)
    older: UUID | None = None
    walked: int = 0
    alone: int = 0
    is_bounded: bool = False


def page(project: Project, tree: Tree, *, limit: int, before: UUID | None = None) -> SessionPage:
    """The next `limit` sessions whose newest match is older than `before`."""
    made = SessionPage()
    seen: set[UUID] = set()
    at = before
    while made.walked < MATCHES_WALKED:
        ids = queries.window(project, tree, limit=MATCHES_READ_AT_ONCE, before=at)
        found, alone = _collapsed(project, ids, seen)
        made.walked, made.alone = made.walked + len(ids), made.alone + alone
        for some in _in_batches(found, limit):
            _count_turns(project, tree, some)
            for one in some:
                if before is not None and one.newest >= before:
                    continue  # it stands on an earlier page
                if len(made.sessions) == limit:
                    made.older = _just_above(one.newest)
                    _describe(project, made.sessions)
                    return made
                made.sessions.append(one)
        if len(ids) < MATCHES_READ_AT_ONCE:
            break
        at = ids[-1]
    else:
        made.is_bounded, made.older = True, at
    _describe(project, made.sessions)
    return made


def _in_batches(sessions: list[SessionSummary], size: int) -> Iterator[list[SessionSummary]]:
    """So that turns are counted of few more than a page shows."""
    for start in range(0, len(sessions), size + 1):
        yield sessions[start : start + size + 1]


def _just_above(id: UUID) -> UUID:
    """The id that a page must begin before to begin with `id`."""
    return UUID(int=id.int + 1)


def _collapsed(
    project: Project, ids: Sequence[UUID], seen: set[UUID]
) -> tuple[list[SessionSummary], int]:
    """The sessions of these matches that are new to `seen`, and how many matches have none."""
    of = dict(Interaction.objects.in_project(project).with_ids(ids).values_list("id", "session_id"))
    found = []
    for id in ids:
        session = of.get(id)
        if session is not None and session not in seen:
            seen.add(session)
            found.append(SessionSummary(session, id))
    return found, sum(1 for session in of.values() if session is None)


def _count_turns(project: Project, tree: Tree, sessions: Sequence[SessionSummary]) -> None:
    """Of each session how many turns it has and how many match, in one query."""
    if not sessions:
        return
    by_id = {one.id: one for one in sessions}
    test = queries.row_test(project, tree, "t.id")
    query = Sql(
        "SELECT t.session_id, count(*), count(*) FILTER (WHERE t.is_match),"
        " max(t.id::text) FILTER (WHERE t.is_match), min(t.created_at), max(t.created_at),"
        " sum(t.image_count), array_agg(DISTINCT t.llm_id) FILTER (WHERE t.llm_id IS NOT NULL)"
        " FROM (SELECT w.id AS session_id, t.id, t.created_at, t.llm_id, t.image_count,"
        f" {test.text} AS is_match FROM unnest(%s::uuid[]) AS w(id) CROSS JOIN LATERAL ("
        "SELECT id, created_at, llm_id, image_count FROM interaction"
        " WHERE project_id = %s AND session_id = w.id ORDER BY id DESC LIMIT %s) AS t) AS t"
        " GROUP BY t.session_id",
        (*test.params, list(by_id), project.id, TURNS_COUNTED),
    )
    for id, turns, matched, newest, began, ended, images, llms in fetch(query):
        one = by_id[id]
        one.turns, one.matched, one.images = turns, matched, images
        one.newest = UUID(newest) if newest else one.newest
        one.began_at, one.ended_at, one.llm_ids = began, ended, llms or []


def _describe(project: Project, sessions: Sequence[SessionSummary]) -> None:
    """Fill in how each session begins and ends, its models and its feedback."""
    ids = [one.id for one in sessions]
    # The preview of a prompt is of its last message; what a session is about, its first says.
    openings = Sql(
        "SELECT w.id, coalesce(left(coalesce("
        "jsonb_path_query_first(said.first, '$.content ? (@.type() == \"string\")') #>> '{}',"
        " jsonb_path_query_first(said.first, '$.content[*] ? (@.type == \"text\").text') #>> '{}'),"
        " %s), t.prompt_preview), z.completion_preview, z.messages"
        " FROM unnest(%s::uuid[]) AS w(id) CROSS JOIN LATERAL ("
        "SELECT id, prompt_preview FROM interaction WHERE project_id = %s AND session_id = w.id"
        " ORDER BY id LIMIT 1) AS t CROSS JOIN LATERAL ("
        "SELECT i.completion_preview, (SELECT 1 + jsonb_array_length(b.messages)"
        " FROM interaction_body b WHERE b.interaction_id = i.id AND b.project_id = i.project_id)"
        " AS messages FROM interaction i WHERE i.project_id = %s AND i.session_id = w.id"
        " ORDER BY i.id DESC LIMIT 1) AS z LEFT JOIN LATERAL ("
        "SELECT jsonb_path_query_first(messages, '$[*] ? (@.role == \"user\")') AS first"
        " FROM interaction_body WHERE interaction_id = t.id AND project_id = %s OFFSET 0"
        ") AS said ON true",
        (OPENING_LENGTH, ids, project.id, project.id, project.id),
    )
    marks = Sql(
        "SELECT w.id, f.metric_id, count(*), sum(f.value), count(*) FILTER (WHERE f.value = 1)"
        " FROM unnest(%s::uuid[]) AS w(id) CROSS JOIN LATERAL ("
        "SELECT id FROM interaction WHERE project_id = %s AND session_id = w.id"
        " ORDER BY id DESC LIMIT %s) AS t JOIN feedback f ON f.interaction_id = t.id"
        " WHERE f.project_id = %s GROUP BY w.id, f.metric_id ORDER BY w.id, f.metric_id",
        (ids, project.id, TURNS_COUNTED, project.id),
    )
    said = {id: rest for id, *rest in fetch(openings)} if ids else {}
    given = fetch(marks) if ids else []
    llms = _named(Llm, (llm for one in sessions for llm in one.llm_ids))
    metrics = _named(Metric, (metric for _, metric, *_ in given))
    for one in sessions:
        opening, one.answer, one.messages = said.get(one.id, ("", "", None))
        one.opening = " ".join(without_markup(opening).split())
        one.llms = [llms[id] for id in one.llm_ids if id in llms]
        one.marks = [
            FeedbackTotals(metrics[m], n, t, ones) for id, m, n, t, ones in given if id == one.id
        ]


def _named(model: Any, ids: Iterable[Any]) -> dict[Any, Any]:
    wanted = set(ids)
    return model.objects.in_bulk(wanted) if wanted else {}
