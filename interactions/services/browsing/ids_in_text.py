"""What has an id that stands in a text, in any of the projects that somebody may read.

What they may not read is not there: nothing here says whether an id is in use elsewhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.textindex.letters import fold
from projects.models import Project
from projects.services.access import Caller

MOST_IDS = 20  # ids of a text that are looked for
LONGEST_TEXT = 20_000  # characters of a text that are looked through
_PARTS = (8, 4, 4, 4, 12)
_HEX = "[0-9a-f]"
# One with dashes is known by them, whatever letters stand before it, as in `id01a2…-…`.
_DASHED = "-".join(f"{_HEX}{{{n}}}" for n in _PARTS)
_PLAIN = f"(?<!{_HEX})(?:{_HEX}{{64}}|{'-?'.join(f'{_HEX}{{{n}}}' for n in _PARTS)})"
_ID = re.compile(f"(?:{_PLAIN}|{_DASHED})(?!{_HEX})")
# Where a line ends at a dash of an id, and what names of files have for a dash.
_BROKEN = re.compile(rf"(?<={_HEX}{{4}})(?:-\s*\n\s*|\s*\n\s*-)(?={_HEX}{{4}})", re.IGNORECASE)
_UNDERSCORED = re.compile("_".join(f"({_HEX}{{{n}}})" for n in _PARTS))
_ESCAPED = 3  # times that an address within an address within an address is escaped
_DIGITS = 32  # of a UUID; a hash of an image has twice as many


@dataclass(frozen=True, slots=True)
class Found:
    """Something with an id: an interaction, a session, an image, or a prompt.

    Of feedback and comparisons it is the interaction that has them. `id` is a UUID, or the hash of
    an image.
    """

    kind: str
    project: Project
    id: str


def ids_in(text: str) -> list[str]:
    """The ids in a text, each once, as 32 or 64 digits: with dashes or without, in any case.

    Also as they come out of addresses within addresses, names of files, and lines cut at a dash.

    >>> ids_in("completion_id={0192ABCD-0000-7000-8000-000000000001}")
    ['0192abcd000070008000000000000001']
    """
    plain = fold(
        _BROKEN.sub("-", _unquoted(text[:LONGEST_TEXT]))
    )  # to `fold` a line's end is a blank
    plain = _UNDERSCORED.sub(r"\1-\2-\3-\4-\5", plain)
    found = (match[0].replace("-", "") for match in _ID.finditer(plain))
    return list(dict.fromkeys(found))[:MOST_IDS]


def _unquoted(text: str) -> str:
    """The text with its `%2D` and `%252D` as the dashes they are."""
    for _ in range(_ESCAPED):
        text, before = unquote(text), text
        if text == before:
            break
    return text


def find(caller: Caller, ids: Sequence[str], *, first: Project | None = None) -> list[Found]:
    """What has one of the ids, in the order of the kinds and then of the ids; of `first` first."""
    projects = {project.id: project for project in Project.objects.visible_to(caller)}
    uuids = [UUID(id) for id in ids if len(id) == _DIGITS]
    hashes = [id for id in ids if len(id) > _DIGITS]
    found: list[Found] = []
    for kind, query in _queries(list(projects), uuids, hashes):
        rows = [Found(kind, projects[project], str(id)) for project, id in fetch(query)]
        found += sorted(rows, key=lambda one: one.project != first)
    return list(dict.fromkeys(found))


_QUERIES = (
    ("interaction", "SELECT project_id, id FROM interaction WHERE id = ANY(%s)"
                    " AND project_id = ANY(%s)"),
    ("session", "SELECT p.id, w.id FROM unnest(%s::uuid[]) AS w(id), unnest(%s::int[]) AS p(id)"
                " WHERE EXISTS (SELECT 1 FROM interaction i WHERE i.project_id = p.id"
                " AND i.session_id = w.id)"),
    ("interaction", "SELECT project_id, interaction_id FROM feedback WHERE id = ANY(%s)"
                    " AND project_id = ANY(%s)"),
    ("interaction", "SELECT project_id, preferred_id FROM comparison WHERE id = ANY(%s)"
                    " AND project_id = ANY(%s)"),
    ("prompt", "SELECT p.id, w.id FROM unnest(%s::uuid[]) AS w(id), unnest(%s::int[]) AS p(id)"
               " WHERE EXISTS (SELECT 1 FROM interaction i WHERE i.project_id = p.id"
               " AND i.prompt_hash = w.id)"),
)  # fmt: skip


def _queries(
    projects: list[int], uuids: list[UUID], hashes: list[str]
) -> Iterator[tuple[str, Sql]]:
    for kind, text in _QUERIES if uuids else ():
        yield kind, Sql(text, (uuids, projects))
    if hashes:
        text = (
            "SELECT project_id, sha256 FROM image WHERE sha256 = ANY(%s) AND project_id = ANY(%s)"
        )
        yield "image", Sql(text, (hashes, projects))
