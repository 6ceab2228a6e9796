"""Which interactions may hold a text, by the index of terms that a worker keeps.

The index never decides: it says which texts are worth reading. Whatever has not been indexed yet
may hold anything, so its ids are always among those it says. See `models/search.py`.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from heapq import merge
from typing import TypeAlias

from adaptive_site.lib.database.sql import Bounds
from interactions.textindex.clauses import clauses_of, run_alone
from interactions.textindex.living import living_segments
from interactions.textindex.places import Place
from interactions.textindex.reader import MatchKind, Segments, Span
from interactions.textindex.tokenizer import runs_of

HITS_COUNTED = 256  # hits after which the others are estimated
Candidate: TypeAlias = tuple[bytes, bool]  # an id's 16 bytes; whether it holds the text for certain
FIRST_BATCH, BATCH_GROWTH, LAST_BATCH = 64, 4, 4096


class Candidates:
    """Interactions that may hold the texts, each of which is to be tested against its body.

    With `is_run`, of one text that is a run of letters, most are known to hold it.
    """

    def __init__(self, segments: Segments, waiting: list[bytes], *, is_run: bool = False) -> None:
        self.is_run = is_run
        self._segments = segments
        self._waiting = waiting

    @cached_property
    def n(self) -> int:
        """About how many: exact when few, else estimated by the newest; the waiting included."""
        return self._segments.estimate(HITS_COUNTED) + len(self._waiting)

    def batches(self, bounds: Bounds, *, oldest_first: bool = False) -> Iterator[list[Candidate]]:
        """Candidates within `bounds` in order, newest first if not said otherwise, each once.

        Batches grow, from 64 to 4,096. What is not asked for is not read.
        """
        span = Span.of(bounds)
        waiting = [(id, MatchKind.MAYBE) for id in self._waiting if span.has(id)]
        streams = self._segments.streams(span, oldest_first=oldest_first)
        batch: list[Candidate] = []
        size = FIRST_BATCH
        last = b""
        for id, found in merge(
            waiting if oldest_first else reversed(waiting), *streams, reverse=not oldest_first
        ):
            if found == MatchKind.NOTHING or id == last:
                continue
            last = id
            batch.append((id, found == MatchKind.SURE))
            if len(batch) == size:
                yield batch
                batch = []
                size = min(size * BATCH_GROWTH, LAST_BATCH)
        if batch:
            yield batch


def look_up(project_id: int, wanted: Iterable[tuple[str, Place]]) -> Candidates | None:
    """Interactions that may hold all these texts; None when the index cannot narrow them down.

    It cannot when a text has no letter, when its words are parts of very many words, and while
    very much has not been indexed yet.
    """
    texts = set(wanted)
    state = living_segments(project_id) if any(runs_of(text) for text, _ in texts) else None
    if state is None:
        return None
    # After the segments: what words they have is written together with them.
    clauses = {clause for text, place in texts for clause in clauses_of(project_id, text, place)}
    if not state.segments or not clauses:
        return None
    is_run = len(texts) == 1 and all(run_alone(text, place) for text, place in texts)
    segments = Segments(project_id, state.segments, list(clauses), is_run=is_run)
    return Candidates(segments, state.waiting, is_run=is_run)
