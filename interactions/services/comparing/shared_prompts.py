"""Prompts that two groups of a filter's matches both answered, with an answer of each.

The newest matches of one group are walked a stretch at a time, and of each prompt among them the
newest answers are read through the index of prompts: what a page costs depends on the answers it
passes, not on how many there are. A prompt stands where its newest answer in the walked group
does, so no page repeats one of another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.database.time_limits import stop_if_late
from interactions.filters.sql import queries
from interactions.filters.tree import And, Tree
from interactions.models import Interaction, InteractionBody
from projects.models import Project
from projects.services.auditing import reads

MATCHES_READ_AT_ONCE = 200  # matches of the walked group whose prompts are looked up at a time
MATCHES_WALKED = 4_000  # matches of the walked group that are looked at for one page
PROMPTS_READ_AT_ONCE = 50  # prompts whose answers are read in one query
ANSWERS_READ = 200  # of each prompt, its newest
LARGEST_PARTS_BYTES = 20_000  # bytes of tool calls and the like that are read beside an answer


Beginnings: TypeAlias = dict[UUID, tuple[InteractionBody, int]]


@dataclass(frozen=True, slots=True)
class SharedPrompt:
    """The newest answer of either group to one prompt, and how many each has among the newest."""

    walked: UUID
    other: UUID
    n_walked: int
    n_other: int


@dataclass(slots=True)
class SharedPrompts:
    """Prompts, newest first; `older` is where the next page begins, None at the end.

    `walked` matches were looked at; `is_bounded` when the walk ended at MATCHES_WALKED and not at
    a full page.
    """

    shown: list[SharedPrompt] = field(default_factory=list)
    older: UUID | None = None
    walked: int = 0
    is_bounded: bool = False


def page(
    project: Project,
    tree: Tree,
    walked: Tree,
    other: Tree,
    *,
    limit: int,
    before: UUID | None = None,
) -> SharedPrompts:
    """The next `limit` prompts whose newest answer in `walked` is older than `before`.

    The fewer matches `walked` has of the two groups, the fewer are passed in vain. Ask under a
    time limit.
    """
    made, at = SharedPrompts(), before
    tests = queries.row_tests(project, [And((tree, walked)), And((tree, other))], "a.id")
    while made.walked < MATCHES_WALKED:
        ids = queries.window(project, And((tree, walked)), limit=MATCHES_READ_AT_ONCE, before=at)
        made.walked += len(ids)
        for one in _shared(project, tests, _prompts(project, ids)):
            if len(made.shown) == limit:
                made.older = UUID(int=one.walked.int + 1)
                return made
            made.shown.append(one)
        if len(ids) < MATCHES_READ_AT_ONCE:
            return made
        at = ids[-1]
    made.is_bounded, made.older = True, at
    return made


def _prompts(project: Project, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The prompts of these matches, in their order, and the first match of each."""
    rows = Interaction.objects.in_project(project).with_ids(ids)
    of = dict(rows.values_list("id", "prompt_hash"))
    first: dict[UUID, UUID] = {}
    for id in ids:
        if id in of:
            first.setdefault(of[id], id)
    return first


def _shared(
    project: Project, tests: Sequence[Sql], prompts: Mapping[UUID, UUID]
) -> Iterator[SharedPrompt]:
    """Those of the prompts that both groups answered, unless they stand further up."""
    hashes = list(prompts)
    for start in range(0, len(hashes), PROMPTS_READ_AT_ONCE):
        stop_if_late()
        some = hashes[start : start + PROMPTS_READ_AT_ONCE]
        for prompt, walked, other, n_walked, n_other in fetch(answers(project, tests, some)):
            if walked == prompts[prompt]:
                yield SharedPrompt(walked, other, n_walked, n_other)


def answers(project: Project, tests: Sequence[Sql], prompts: Sequence[UUID]) -> Sql:
    """Of each prompt that both groups answered: the newest answer of each, and how many.

    `tests` are those of the groups, of the row `a`; the newest ANSWERS_READ of a prompt are tested.
    """
    newest = "(array_agg(t.id ORDER BY t.id DESC) FILTER (WHERE t.is_{0}))[1]"
    return Sql(
        "SELECT p.hash, s.walked, s.other, s.n_walked, s.n_other"
        " FROM unnest(%s::uuid[]) WITH ORDINALITY AS p(hash, n) CROSS JOIN LATERAL ("
        f"SELECT {newest.format('walked')} AS walked, {newest.format('other')} AS other,"
        " count(*) FILTER (WHERE t.is_walked) AS n_walked,"
        " count(*) FILTER (WHERE t.is_other) AS n_other"
        f" FROM (SELECT a.id, {tests[0].text} AS is_walked, {tests[1].text} AS is_other"
        " FROM (SELECT id FROM interaction WHERE project_id = %s AND prompt_hash = p.hash"
        " ORDER BY id DESC LIMIT %s) AS a) AS t) AS s"
        " WHERE s.walked IS NOT NULL AND s.other IS NOT NULL ORDER BY p.n",
        (list(prompts), *tests[0].params, *tests[1].params, project.id, ANSWERS_READ),
    )


def beginnings(project: Project, ids: Sequence[UUID], characters: int) -> Beginnings:
    """What these interactions answered, cut after so many characters, and how many there are.

    Prompts are not read, nor what came beside an answer if that is large.
    """
    query = Sql(
        "SELECT interaction_id, left(completion, %s), length(completion),"
        " CASE WHEN octet_length(completion_parts::text) <= %s THEN completion_parts::text END"
        " FROM interaction_body WHERE project_id = %s AND interaction_id = ANY(%s)",
        (characters, LARGEST_PARTS_BYTES, project.id, list(ids)),
    )
    found = {}
    for id, text, length, parts in fetch(query):
        body = InteractionBody(interaction_id=id, completion=text)
        body.completion_parts = exact_json.loads(parts) if parts else None
        found[id] = (body, length)
    reads.saw(project, found)
    return found
