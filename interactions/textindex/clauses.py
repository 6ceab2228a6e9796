"""What rows of a segment must hold for a text to be in them: clauses over terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from interactions.textindex.places import Place
from interactions.textindex.postings import Packed, in_all, in_any
from interactions.textindex.tokenizer import (
    GRAM_LENGTH,
    GRAM_MARK,
    LONGEST_WORD,
    SYSTEM_MARK,
    CharacterRun,
    grams,
    is_dense,
    pairs,
    runs_of,
)

MOST_WORDS_OF_A_RUN = (
    1000  # that a run may be a part of; more, and it is in so many texts that walking ends
)
MOST_TERMS_LOOKED_UP = 5  # of a text's runs, and of a run's grams, that are looked up


@dataclass(frozen=True, slots=True)
class Clause:
    """Rows that hold any of `words`, or all of one of `parts`."""

    words: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...] = ()

    @property
    def terms(self) -> set[str]:
        """All that is looked up for it."""
        return {*self.words, *(term for parts in self.parts for term in parts)}

    def weight(self, found: Mapping[str, Packed]) -> int:
        """About how dear its rows are to read."""
        weights = [
            min([len(found[part].data) for part in parts if part in found], default=0)
            for parts in self.parts
        ]
        return sum(weights) + sum([len(found[word].data) for word in self.words if word in found])

    def is_common(self, found: Mapping[str, Packed], size: int) -> bool:
        """Whether a quarter of the segment's rows have one of its words.

        Reading their texts then costs less than finding out which they are: for `the` as a part
        of words that took 370 ms a segment on a busy machine, and takes 20 without.
        """
        return any(found[word].is_many(size // 4) for word in self.words if word in found)

    def rows(self, found: Mapping[str, Packed]) -> set[int]:
        """The numbers of the rows, by the lists of one segment."""
        rows = in_any([found[word] for word in self.words if word in found])
        for parts in self.parts:
            if all(part in found for part in parts):
                rows |= in_all([found[part] for part in parts])
        return rows


def rows_of(clauses: Iterable[Clause], found: Mapping[str, Packed], size: int) -> Sequence[int]:
    """The numbers, ascending, of the rows that may fulfil all clauses, of a segment's `size`."""
    rows: set[int] | None = None
    for clause in sorted(clauses, key=lambda clause: clause.weight(found)):
        if rows is not None and not rows:
            break
        if clause.is_common(found, size):
            continue
        rows = clause.rows(found) if rows is None else rows & clause.rows(found)
    return range(size) if rows is None else sorted(rows)


def clauses_of(project_id: int, text: str, place: Place = Place.ANYWHERE) -> list[Clause]:
    """What a row of the project must hold for the text to be there; empty when all rows may.

    The longest runs decide: they are the rarest, mostly. An index of words says nothing of
    where in a text they stand, so more of them soon exclude no more.
    """
    found = []
    spaces = [""] * (place.has_turns or place.has_completion) + [SYSTEM_MARK] * place.has_system
    for run in sorted(runs_of(text), key=_worth, reverse=True):
        clause = _any_of([_clause(project_id, run, space) for space in spaces])
        if clause is not None:
            found.append(clause)
        if len(found) == MOST_TERMS_LOOKED_UP:
            break
    return found


def _worth(run: CharacterRun) -> tuple[int, bool]:
    return len(run.text) * (2 if is_dense(run.text) else 1), run.is_whole


def _any_of(clauses: Sequence[Clause | None]) -> Clause | None:
    """Rows that fulfil at least one; None when all rows may."""
    words: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    for clause in clauses:
        if clause is None:
            return None
        words += clause.words
        parts += clause.parts
    return Clause(words, parts)


def _clause(project_id: int, run: CharacterRun, space: str) -> Clause | None:
    """Of the terms that begin with `space`; None when the run could be a part of too much."""
    if is_dense(run.text):
        terms = [space + term for term in pairs(run.text) or [run.text]]
        return Clause((), (tuple(_spread(terms)),))
    is_short = len(run.text) < GRAM_LENGTH
    if run.is_whole:
        if is_short:
            return Clause((space + run.text, space + GRAM_MARK + run.text))
        return Clause((space + run.text,), (tuple(_spread(grams(space + run.text))),))
    if len(run.text) == 1:
        return None
    words = () if len(run.text) > LONGEST_WORD else _words_with(project_id, run, space)
    if words is None:
        return None
    return Clause(words, () if is_short else (tuple(_spread(grams(space + run.text))),))


def _spread(terms: Sequence[str]) -> list[str]:
    """At most `MOST_TERMS_LOOKED_UP` of them, from the first to the last."""
    if len(terms) <= MOST_TERMS_LOOKED_UP:
        return list(terms)
    return [
        terms[n * (len(terms) - 1) // (MOST_TERMS_LOOKED_UP - 1)]
        for n in range(MOST_TERMS_LOOKED_UP)
    ]


def _words_with(project_id: int, run: CharacterRun, space: str) -> tuple[str, ...] | None:
    """The words that the run may be a part of, and its grams too when it is shorter than one.

    None when they are too many. The 42,000 words and grams of 37,000 real interactions are 275 KB
    and are gone through in 0.5 ms: an index for it (pg_trgm) is not worth having.
    """
    start, end = "\n" * run.is_from_start, "\n" * run.is_to_end
    first = start + space if start else ""
    patterns = [f"{first}{run.text}{end}", f"{first}{GRAM_MARK}{run.text}{end}"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT words FROM search_words WHERE project_id = %s AND (position(%s in words) > 0"
            " OR %s AND position(%s in words) > 0) LIMIT %s",
            [
                project_id,
                patterns[0],
                run.is_from_start and len(run.text) < GRAM_LENGTH,
                patterns[1],
                MOST_WORDS_OF_A_RUN + 1,
            ],
        )
        pages = [page for (page,) in cursor.fetchall()]
    words: set[str] = set()
    for page in pages:
        lines = [line for line in page.split("\n") if run.text in line]
        words.update([line for line in lines if _fits(run, line, space)])
        if len(words) > MOST_WORDS_OF_A_RUN:
            return None
    return tuple(sorted(words))


def _fits(run: CharacterRun, line: str, space: str) -> bool:
    """Whether the run may be cut from the word, or, when shorter, from a rare one with the gram."""
    if line.startswith(SYSTEM_MARK) != bool(space):
        return False
    word = line[len(space) :]
    if word.startswith(GRAM_MARK):
        return len(run.text) < GRAM_LENGTH and run.text in word
    return run.fits(word)
