"""Reading segments of the index of texts: which of their rows fulfil clauses, and those rows' ids.

Segments are read a few at a time, in the order in which their ids are wanted, and only as far as
the reader comes: of a common word the newest segment is enough, of a rare one all are read in
five rounds.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from django.db import connection

from adaptive_site.lib.database.sql import Bounds
from interactions.textindex.clauses import Clause, rows_of
from interactions.textindex.living import Segment, ids_in
from interactions.textindex.postings import IDS_TOGETHER, SEGMENT_ROWS, Block, Packed

ROUND_GROWTH = 4  # how many more rows are looked through in each round than in the one before
MOST_LISTS = 4000  # of terms times segments, looked up by one query
FIRST_ROWS, MOST_ROWS = 16, 1024  # of a segment's hits whose ids are read at a time
HITS_READ_AHEAD = 256  # hits whose ids are read along with a segment's first


@dataclass(frozen=True, slots=True)
class Span:
    """A span of ids, as their 16 bytes: from `least` up to but without `end`."""

    least: bytes
    end: bytes | None

    @classmethod
    def of(cls, bounds: Bounds) -> "Span":
        """The span that bounds leave."""
        starts = [UUID(bounds.least).bytes] if bounds.least is not None else []
        if bounds.above is not None:
            starts.append(_next(UUID(bounds.above).bytes))
        end = UUID(bounds.below).bytes if bounds.below is not None else None
        return cls(max(starts, default=bytes(16)), end)

    def has(self, id: bytes) -> bool:
        """Whether the id lies in it."""
        return self.least <= id and (self.end is None or id < self.end)


def _next(id: bytes) -> bytes:
    return (min(int.from_bytes(id) + 1, (1 << 128) - 1)).to_bytes(16)


class MatchKind(IntEnum):
    """What an entry of a stream is: no match but where ids begin, or an id that may match."""

    NOTHING = 0
    MAYBE = 1
    SURE = 2


class Segments:
    """All segments of a project, and the clauses that their rows are to fulfil."""

    def __init__(
        self,
        project_id: int,
        segments: Sequence[Segment],
        clauses: Sequence[Clause],
        *,
        is_run: bool = False,
    ) -> None:
        """With `is_run` the one clause is of a text that is a run of letters."""
        self._is_run = is_run
        self._project_id = project_id
        self._segments = segments
        self._clauses = clauses
        self._terms = sorted({term for clause in clauses for term in clause.terms})

    def estimate(self, enough: int) -> int:
        """How many rows match: exactly up to `enough`, then by the share of the newest ones."""
        rows = hits = 0
        for group in _groups(sorted(self._segments, key=lambda one: one.greatest, reverse=True)):
            self._read(group)
            rows += sum([one.size for one in group])
            hits += sum([len(one.rows or ()) for one in group])
            if hits >= enough:
                break
        return hits * sum([one.size for one in self._segments]) // max(1, rows)

    def streams(self, span: Span, *, oldest_first: bool) -> list[Iterator[tuple[bytes, MatchKind]]]:
        """A stream for each segment, whose first entry is not an id but where its ids begin.

        So one that is merged into others is not read before its turn has come.
        """
        return [
            self._stream(group, place, span, oldest_first)
            for group in _groups(self._of(span, oldest_first=oldest_first))
            for place in range(len(group))
        ]

    def _of(self, span: Span, *, oldest_first: bool) -> list[Segment]:
        """The segments that may have ids of a span, in order."""
        wanted = [
            one
            for one in self._segments
            if one.greatest >= span.least and (span.end is None or one.least < span.end)
        ]
        if oldest_first:
            return sorted(wanted, key=lambda one: one.least)
        return sorted(wanted, key=lambda one: one.greatest, reverse=True)

    def _stream(
        self, group: Sequence[Segment], place: int, span: Span, oldest_first: bool
    ) -> Iterator[tuple[bytes, MatchKind]]:
        segment = group[place]
        yield (segment.least if oldest_first else segment.greatest), MatchKind.NOTHING
        self._read(group)
        rows = self._within(segment, span, oldest_first)
        size, at = FIRST_ROWS, 0
        while some := rows[at : at + size]:
            if any(row not in segment.ids for row in some):
                ahead = group[place + 1 :] if at == 0 else []
                self._read_ids([(segment, some), *self._ahead(ahead, span, oldest_first)])
            for row in some:
                id = segment.ids.pop(row)
                if span.has(id):
                    yield id, MatchKind.SURE if row in segment.sure else MatchKind.MAYBE
            at += size
            size = min(size * ROUND_GROWTH, MOST_ROWS)

    def _ahead(
        self, segments: Sequence[Segment], span: Span, oldest_first: bool
    ) -> Iterator[tuple[Segment, Sequence[int]]]:
        """The first matching rows of the segments whose turn comes next."""
        n = 0
        for segment in segments:
            rows = self._within(segment, span, oldest_first)[:FIRST_ROWS]
            yield segment, rows
            n += len(rows)
            if n >= HITS_READ_AHEAD:
                return

    def _within(self, segment: Segment, span: Span, oldest_first: bool) -> Sequence[int]:
        """The matching rows in the wanted order, but for blocks of ids outside of the span."""
        rows = segment.rows or []
        if not self._is_inside(segment, span):
            rows = _in_blocks(rows, *self._blocks_within(segment, span))
        return rows if oldest_first else rows[::-1]

    def _is_inside(self, segment: Segment, span: Span) -> bool:
        """Whether all ids of a segment lie in the span."""
        return segment.least >= span.least and (span.end is None or segment.greatest < span.end)

    def _blocks_within(self, segment: Segment, span: Span) -> tuple[int, int]:
        """The first block of ids with some of the span, and the first one after it."""
        if not segment.starts:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT starts FROM search_segment WHERE project_id = %s AND id = %s",
                    [self._project_id, segment.id],
                )
                (starts,) = cursor.fetchone()
            segment.starts = ids_in(starts)
        first = max(0, bisect_right(segment.starts, span.least) - 1)
        end = len(segment.starts) if span.end is None else bisect_left(segment.starts, span.end)
        return first, end

    def lists(self, span: Span) -> Iterator[tuple[Segment, Mapping[str, Packed]]]:
        """The lists of the terms in each segment of a span, the newest segment first."""
        for group in _groups(self._of(span, oldest_first=False)):
            yield from self._lists(group)

    def ids_of(self, segment: Segment, rows: Collection[int]) -> list[bytes]:
        """The ids of some rows of a segment."""
        unread = [row for row in rows if row not in segment.ids]
        self._read_ids([(segment, unread)])
        return [segment.ids.pop(row) for row in rows]

    def rows_within(self, segment: Segment, rows: Collection[int], span: Span) -> Collection[int]:
        """Those of a segment's rows whose ids lie in a span; ascending, unless all do."""
        if self._is_inside(segment, span):
            return rows
        rows = sorted(rows)
        first, end = self._blocks_within(segment, span)
        rows = _in_blocks(rows, first, end)
        # Of the blocks between the first and the last all ids lie in the span.
        ends = [row for row in rows if row // IDS_TOGETHER in (first, end - 1)]
        ids = zip(ends, self.ids_of(segment, ends), strict=True)
        beyond = {row for row, id in ids if not span.has(id)}
        return [row for row in rows if row not in beyond]

    def _read(self, group: Sequence[Segment]) -> None:
        """Find the rows of segments that match, unless they are known."""
        for segment, lists in self._lists([one for one in group if one.rows is None]):
            if self._is_run:
                (clause,) = self._clauses
                segment.sure = clause.sure_rows(lists)
                segment.rows = array("H", sorted(segment.sure | clause.unsure_rows(lists)))
            else:
                segment.rows = array("H", rows_of(self._clauses, lists, segment.size))

    def _lists(self, segments: Sequence[Segment]) -> Iterator[tuple[Segment, dict[str, Packed]]]:
        step = max(1, MOST_LISTS // max(1, len(self._terms)))
        for at in range(0, len(segments), step):
            some = segments[at : at + step]
            lists: dict[int, dict[str, Packed]] = {one.id: {} for one in some}
            for segment_id, block in self._blocks(list(lists)):
                lists[segment_id].update(block.find(self._terms))
            yield from ((segment, lists[segment.id]) for segment in some)

    def _blocks(self, segment_ids: list[int]) -> list[tuple[int, Block]]:
        """The blocks of the segments in which the terms are, if they are in any."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT b.segment_id, p.terms, p.sizes, p.numbers FROM ("
                "  SELECT DISTINCT s.id AS segment_id, f.first_term"
                "  FROM unnest(%(segments)s::int[]) s(id), unnest(%(terms)s::text[]) t(term),"
                "  LATERAL (SELECT q.first_term FROM search_posting q"
                "    WHERE q.project_id = %(project)s AND q.segment_id = s.id"
                "    AND q.first_term <= t.term ORDER BY q.first_term DESC LIMIT 1) f"
                ") b, LATERAL (SELECT q.terms, q.sizes, q.numbers FROM search_posting q"
                "  WHERE q.project_id = %(project)s AND q.segment_id = b.segment_id"
                "  AND q.first_term = b.first_term LIMIT 1) p",
                {"project": self._project_id, "segments": segment_ids, "terms": self._terms},
            )
            return [(segment_id, Block(*rest)) for segment_id, *rest in cursor.fetchall()]

    def _read_ids(self, wanted: Sequence[tuple[Segment, Sequence[int]]]) -> None:
        """Read the ids of some rows into their segments."""
        by_id = {segment.id: (segment, rows) for segment, rows in wanted}
        places = [
            (segment.id, block)
            for segment, rows in wanted
            for block in sorted({row // IDS_TOGETHER for row in rows})
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT w.segment_id, w.block, i.ids"
                " FROM unnest(%s::int[], %s::int[]) w(segment_id, block), LATERAL ("
                "  SELECT ids FROM search_ids i WHERE i.project_id = %s"
                "  AND i.segment_id = w.segment_id AND i.block = w.block LIMIT 1) i",
                [[id for id, _ in places], [block for _, block in places], self._project_id],
            )
            found = {(id, block): ids for id, block, ids in cursor.fetchall()}
        for id, (segment, rows) in by_id.items():
            for row in rows:
                at = row % IDS_TOGETHER * 16
                segment.ids[row] = found[id, row // IDS_TOGETHER][at : at + 16]


def _in_blocks(rows: Sequence[int], first: int, end: int) -> Sequence[int]:
    """Those of ascending rows that are in some neighbouring blocks of ids."""
    return rows[bisect_left(rows, first * IDS_TOGETHER) : bisect_left(rows, end * IDS_TOGETHER)]


def _groups(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """The segments, a few and then ever more at a time."""
    group: list[Segment] = []
    rows, most = 0, SEGMENT_ROWS
    for segment in segments:
        group.append(segment)
        rows += segment.size
        if rows >= most:
            yield group
            group, rows, most = [], 0, most * ROUND_GROWTH
    if group:
        yield group
