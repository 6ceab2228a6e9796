"""Building a segment of the index of texts out of interactions' bodies."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from django.db import connection

from interactions.filters.postings import BLOCK, IDS, blocks, pack
from interactions.filters.tokens import LONGEST, MARK, grams, is_dense, terms_of

RARE = 4  # rows of a segment that a word must be in to have a term of its own
READ = 512  # bodies at a time
TOGETHER = 4096  # rows gathered apart: 81 µs each on a busy machine, 120 to 130 with all in one

# What the recheck reads (`filters/sql.py`): strings and the parts' texts, whatever they are.
_TEXTS = """
SELECT interaction_id, string_agg(CASE jsonb_typeof(c.part) WHEN 'string' THEN c.part #>> '{}'
    ELSE c.part ->> 'text' END, E'\\n')
FROM interaction_body b, jsonb_path_query(b.messages, '$[*].content[*]') AS c(part)
WHERE project_id = %s AND interaction_id = ANY(%s::uuid[]) GROUP BY interaction_id
"""


def write_segment(project_id: int, ids: Sequence[bytes]) -> int:
    """Index those of the interactions that are still there; returns how many they are.

    At most 65,536 ids, ascending; those of 2.5 KB of text each take 200 MB of memory.
    """
    kept: list[bytes] = []
    lists: dict[str, bytes] = {}  # two bytes a row; with an array each it was twice the memory
    some: defaultdict[str, list[int]] = defaultdict(list)
    for id, text in _texts(project_id, ids):
        row = len(kept)
        kept.append(id)
        for term in terms_of(text):
            some[term].append(row)
        if len(kept) % TOGETHER == 0:
            _add(lists, some)
    _add(lists, some)
    if kept:
        _write(project_id, kept, _without_rare(lists))
    return len(kept)


def _add(lists: dict[str, bytes], some: dict[str, list[int]]) -> None:
    """Empty the lists of some rows into those of all."""
    for term, rows in some.items():
        lists[term] = lists.get(term, b"") + array("H", rows).tobytes()
    some.clear()


def _texts(project_id: int, ids: Sequence[bytes]) -> Iterator[tuple[bytes, str]]:
    """The interactions that are there and their texts, in the order of `ids`."""
    for at in range(0, len(ids), READ):
        some = [id.hex() for id in ids[at : at + READ]]
        with connection.cursor() as cursor:
            # As text: psycopg would make Python objects of the JSON more slowly than orjson.
            cursor.execute(
                "SELECT uuid_send(interaction_id), completion, messages::text"
                " FROM interaction_body WHERE project_id = %s AND interaction_id = ANY(%s::uuid[])"
                " ORDER BY interaction_id",
                [project_id, some],
            )
            rows = cursor.fetchall()
        texts = [_prompt(messages) for _, _, messages in rows]
        if None in texts:
            with connection.cursor() as cursor:
                cursor.execute(_TEXTS, [project_id, some])
                by_id = {id.bytes: text for id, text in cursor.fetchall()}
            texts = [by_id.get(id, "") or "" for id, _, _ in rows]
        for (id, completion, _), text in zip(rows, texts, strict=True):
            yield id, f"{completion}\n{text}"


def _prompt(messages: str) -> str | None:
    """The texts of a prompt; None when it is not of the shape that we let in, as by hand."""
    texts: list[str] = []
    try:
        for message in orjson.loads(messages):
            content = message.get("content")
            if type(content) is str:
                texts.append(content)
            elif content is not None:
                texts += [
                    part if isinstance(part, str) else part["text"]
                    for part in content
                    if isinstance(part, str) or "text" in part
                ]
        return "\n".join(texts)
    except (AttributeError, TypeError, orjson.JSONDecodeError):
        return None


def _without_rare(lists: dict[str, bytes]) -> dict[str, bytes]:
    """Gives rare and long words' rows to their grams.

    Of 52,000 words in 37,000 real interactions, 31,000 are in less than four of them: terms of
    their own would be most of what is gone through for parts of words. Their grams cost 11 bytes
    an interaction.
    """
    rare: defaultdict[str, bytearray] = defaultdict(bytearray)
    for term in [
        term
        for term, rows in lists.items()
        if (len(rows) < 2 * RARE or len(term) > LONGEST) and not is_dense(term)
    ]:
        rows = lists.pop(term)
        for gram in grams(term):
            rare[gram] += rows
    for gram, rows_of_all in rare.items():
        lists[gram] = array("H", sorted(set(array("H", bytes(rows_of_all))))).tobytes()
    return lists


def _write(project_id: int, ids: Sequence[bytes], lists: dict[str, bytes]) -> None:
    with connection.cursor() as cursor, connection.wrap_database_errors:
        _write_words(cursor, project_id, lists)
        cursor.execute(
            "INSERT INTO search_segment (project_id, size, least_id, greatest_id, starts)"
            " VALUES (%s, %s, %s::uuid, %s::uuid, %s) RETURNING id",
            [project_id, len(ids), ids[0].hex(), ids[-1].hex(), b"".join(ids[::IDS])],
        )
        (segment_id,) = cursor.fetchone()
        with cursor.copy(
            "COPY search_ids (project_id, segment_id, block, ids) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(["int4", "int4", "int4", "bytea"])
            for block, at in enumerate(range(0, len(ids), IDS)):
                copy.write_row((project_id, segment_id, block, b"".join(ids[at : at + IDS])))
        with cursor.copy(
            "COPY search_posting (project_id, segment_id, first_term, terms, sizes, numbers)"
            " FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(["int4", "int4", "text", "text", "bytea", "bytea"])
            for one in blocks(
                (term, pack(array("H", lists[term]), len(ids))) for term in sorted(lists)
            ):
                copy.write_row(
                    (project_id, segment_id, one.first_term, one.terms, one.sizes, one.numbers)
                )


def _write_words(cursor: Any, project_id: int, terms: Iterable[str]) -> None:
    """Add those that no segment has had; that two workers may add the same does no harm."""
    fresh = {term for term in terms if term[0] == MARK or not is_dense(term)}
    cursor.execute("SELECT words FROM search_words WHERE project_id = %s", [project_id])
    for (words,) in cursor:
        fresh.difference_update(words.split("\n"))
    page: list[str] = []
    weight = 0
    with cursor.copy("COPY search_words (project_id, words) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int4", "text"])
        for word in sorted(fresh):
            page.append(word)
            weight += len(word.encode()) + 1
            if weight > BLOCK:
                copy.write_row((project_id, "\n" + "\n".join(page) + "\n"))
                page, weight = [], 0
        if page:
            copy.write_row((project_id, "\n" + "\n".join(page) + "\n"))
