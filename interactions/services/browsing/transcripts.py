"""A session as one transcript: of each turn what is new, not what its prompt repeats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import NotFound
from interactions.models import Interaction, InteractionBody
from interactions.services.browsing import rows
from interactions.services.browsing.rows import Whole
from projects.models import Project

TURNS_PER_PAGE = 20  # turns
LARGEST_PAGE_BYTES = 32 * 1024 * 1024  # bytes of a page's turns
TURNS_FOUND = 10_000  # turns of a session that are found
_COMPARED = ("role", "content", "name", "tool_calls", "tool_call_id")


@dataclass(frozen=True, slots=True)
class SessionTurn:
    """A turn: its first `repeated` messages stood in the turns before, as prompt or answer.

    What is too large to be read together with the others is `left_out`, in bytes; its body is
    then empty.
    """

    number: int
    whole: Whole
    repeated: int
    left_out: int = 0

    @property
    def is_again(self) -> bool:
        """Whether its whole prompt was there before, as when an answer is tried again."""
        return 0 < self.repeated == len(self.whole.interaction.body.messages)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A page of a session's turns, oldest first, of `turns` in all; `starts` are its pages'."""

    session_id: UUID
    exchanges: list[SessionTurn]
    turns: int
    starts: list[UUID]
    page: int

    @property
    def is_cut(self) -> bool:
        """Whether the session may have more turns than are found."""
        return self.turns >= TURNS_FOUND


def transcript(project: Project, session_id: UUID, *, at: UUID | None = None) -> Transcript:
    """The page of the session that holds the turn `at`, else its first. Raises NotFound."""
    ids = list(
        Interaction.objects.in_project(project)
        .in_session(session_id)
        .oldest_first()
        .values_list("id", flat=True)[:TURNS_FOUND]
    )
    if not ids:
        raise NotFound(f"session {session_id} not found")
    place = ids.index(at) if at in ids else 0
    page = place // TURNS_PER_PAGE
    start = page * TURNS_PER_PAGE
    shown = ids[start : start + TURNS_PER_PAGE]
    wanted = ids[max(0, start - 1) : start + TURNS_PER_PAGE]
    left_out = _too_large(project, wanted)
    bodies = rows.bodies(project, [id for id in wanted if id not in left_out])
    before = [bodies[id] for id in ids[max(0, start - 1) : start] if id in bodies]
    empty = {id: InteractionBody(interaction_id=id, messages=[], completion="") for id in left_out}
    wholes = _wholes(project, shown, bodies | empty)
    repeated = repeats(before, [one.interaction.body for one in wholes])
    exchanges = [
        SessionTurn(start + number, one, n, left_out.get(one.interaction.id, 0))
        for number, (one, n) in enumerate(zip(wholes, repeated, strict=True), start=1)
    ]
    return Transcript(session_id, exchanges, len(ids), ids[::TURNS_PER_PAGE], page)


def _too_large(project: Project, ids: Sequence[UUID]) -> dict[UUID, int]:
    """The sizes of turns that would make a page too large: 20 of 40 MB took 2 GB."""
    found, room = {}, LARGEST_PAGE_BYTES
    for id, size in sorted(rows.sizes(project, ids).items()):
        if size <= room:
            room -= size
        else:
            found[id] = size
    return found


def _wholes(
    project: Project, ids: Sequence[UUID], bodies: Mapping[UUID, InteractionBody]
) -> list[Whole]:
    made = []
    for row in rows.rows(project, ids, all_feedback=True):
        it = row.interaction
        it.body = bodies[it.id]
        made.append(Whole(it, row.labels, row.feedback, row.feedback_count, row.images))
    return made


def repeats(before: Sequence[InteractionBody], turns: Sequence[InteractionBody]) -> list[int]:
    """How many messages each of `turns` begins with as one before it did, or was answered.

    Any earlier one counts, not only the last: sessions branch, and answers are tried again.
    """
    known: set[bytes] = set()
    for body in before:
        known.update(_chain([*body.messages, _answer(body)]))
    found = []
    for body in turns:
        links = _chain([*body.messages, _answer(body)])
        prompt = links[:-1]
        found.append(next((n for n in range(len(prompt), 0, -1) if prompt[n - 1] in known), 0))
        known.update(links)
    return found


def _chain(messages: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """For each message a digest of it and all before."""
    made, link = [], b""
    for message in messages:
        said = {name: message[name] for name in _COMPARED if message.get(name)}
        digest = blake2b(link, digest_size=16)
        digest.update(exact_json.dumps(said, option=orjson.OPT_SORT_KEYS))
        link = digest.digest()
        made.append(link)
    return made


def _answer(body: InteractionBody) -> dict[str, Any]:
    """The completion as the next turn's prompt would repeat it."""
    return {"role": "assistant", "content": body.completion, **(body.completion_parts or {})}
