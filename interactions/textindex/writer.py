"""Building a segment of the index of texts out of interactions' bodies."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection

from interactions.textindex.message_texts import (
    SYSTEM_ROLES,
    is_system_prompt,
    other_answers,
    strings_in,
    texts_of,
    texts_query,
)
from interactions.textindex.postings import BLOCK_BYTES, IDS_TOGETHER, blocks, pack
from interactions.textindex.tokenizer import (
    GRAM_MARK,
    LONGEST_WORD,
    SYSTEM_MARK,
    grams,
    in_system,
    is_dense,
    terms_of,
)

LEAST_ROWS_OF_A_TERM = 4  # of a segment that a word must be in to have a term of its own
BODIES_TOGETHER = 512  # bodies at a time
ROWS_GATHERED = (
    4096  # rows gathered apart: 81 µs each on a busy machine, 120 to 130 with all in one
)

# What the recheck reads, of system prompts and of the rest, whatever shape the messages have.
_TEXTS = f"""
SELECT b.interaction_id, {is_system_prompt("m.message")}, string_agg(t.said, E'\\n')
FROM interaction_body b
CROSS JOIN LATERAL (SELECT jsonb_path_query(b.messages, '$[*]') UNION ALL
    SELECT b.completion_parts - 'role' WHERE jsonb_typeof(b.completion_parts) = 'object'
    UNION ALL {other_answers("b")}
    UNION ALL SELECT jsonb_build_object('content', b.completion)
) AS m(message)
CROSS JOIN LATERAL ({texts_query("m.message")}) AS t
WHERE b.project_id = %s AND b.interaction_id = ANY(%s::uuid[]) GROUP BY 1, 2
"""


def write_segment(project_id: int, ids: Sequence[bytes]) -> int:
    """Index the interactions that are still there; returns how many there are.

    At most 65,536 ids, ascending; those of 2.5 KB of text each take 200 MB of memory.
    """
    kept: list[bytes] = []
    lists: dict[str, bytes] = {}  # two bytes a row; with an array each it was twice the memory
    some: defaultdict[str, list[int]] = defaultdict(list)
    for id, text, builders in _texts(project_id, ids):
        row = len(kept)
        kept.append(id)
        for term in terms_of(text):
            some[term].append(row)
        for term in _of_builders(builders):
            some[term].append(row)
        if len(kept) % ROWS_GATHERED == 0:
            _add(lists, some)
    _add(lists, some)
    if kept:
        _write(project_id, kept, _without_rare(lists))
    return len(kept)


def _add(lists: dict[str, bytes], some: dict[str, list[int]]) -> None:
    """Add the lists of some rows to the lists of all, and empty them."""
    for term, rows in some.items():
        lists[term] = lists.get(term, b"") + array("H", rows).tobytes()
    some.clear()


def _texts(project_id: int, ids: Sequence[bytes]) -> Iterator[tuple[bytes, str, str]]:
    """The interactions that are there, their texts, and their system prompts, in order."""
    for at in range(0, len(ids), BODIES_TOGETHER):
        some = [id.hex() for id in ids[at : at + BODIES_TOGETHER]]
        with connection.cursor() as cursor:
            # As text: psycopg would make Python objects of the JSON more slowly than orjson.
            cursor.execute(
                "SELECT uuid_send(interaction_id), completion, messages::text,"
                " completion_parts::text, (system #> '{response,choices}')::text"
                " FROM interaction_body WHERE project_id = %s AND interaction_id = ANY(%s::uuid[])"
                " ORDER BY interaction_id",
                [project_id, some],
            )
            rows = cursor.fetchall()
        texts = [_said(*columns) for _, *columns in rows]
        if None in texts:
            by_id: defaultdict[bytes, list[str]] = defaultdict(lambda: ["", ""])
            with connection.cursor() as cursor:
                cursor.execute(_TEXTS, [project_id, some])
                for id, is_system, text in cursor.fetchall():
                    by_id[id.bytes][is_system] = text or ""
            texts = [(by_id[id][0], by_id[id][1]) for id, *_ in rows]
        for (id, completion, *_), found in zip(rows, texts, strict=True):
            text, builders = found or ("", "")
            yield id, f"{completion}\n{text}", builders


def _said(
    completion: str, messages: str, parts: str | None, choices: str | None
) -> tuple[str, str] | None:
    """The texts, and the system prompt; None when they are not of the shape that we let in."""
    texts: list[str] = []
    builders: list[str] = []
    try:
        for message in orjson.loads(messages):
            (builders if message.get("role") in SYSTEM_ROLES else texts).extend(texts_of(message))
        if parts is not None:
            texts.extend(texts_of(orjson.loads(parts)))
        for choice in orjson.loads(choices) if choices is not None else ():
            if (message := choice.get("message")) is not None:
                texts.extend(texts_of(message))
        texts.extend(strings_in(completion))
        return "\n".join(texts), "\n".join(builders)
    except (AttributeError, TypeError, orjson.JSONDecodeError):
        return None


@lru_cache(64)
def _of_builders(text: str) -> list[str]:
    """The terms of a system prompt, which many interactions share."""
    return in_system(terms_of(text))


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
        if (
            len(rows) < 2 * LEAST_ROWS_OF_A_TERM
            or len(term.removeprefix(SYSTEM_MARK)) > LONGEST_WORD
        )
        and not is_dense(term)
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
            [project_id, len(ids), ids[0].hex(), ids[-1].hex(), b"".join(ids[::IDS_TOGETHER])],
        )
        (segment_id,) = cursor.fetchone()
        with cursor.copy(
            "COPY search_ids (project_id, segment_id, block, ids) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(["int4", "int4", "int4", "bytea"])
            for block, at in enumerate(range(0, len(ids), IDS_TOGETHER)):
                copy.write_row(
                    (project_id, segment_id, block, b"".join(ids[at : at + IDS_TOGETHER]))
                )
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
    """Add the words that no segment has had; two workers may add the same without harm."""
    fresh = {term for term in terms if GRAM_MARK in term[:2] or not is_dense(term)}
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
            if weight > BLOCK_BYTES:
                copy.write_row((project_id, "\n" + "\n".join(page) + "\n"))
                page, weight = [], 0
        if page:
            copy.write_row((project_id, "\n" + "\n".join(page) + "\n"))
