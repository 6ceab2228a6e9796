"""Which list drives each alternative of a filter, and what is made of the other conditions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from uuid import UUID

from adaptive_site.lib.database.sql import TRUE, Bounds, Sql
from interactions.filters.conditions import (
    Contains,
    CreatedIn,
    HasFeedback,
    HasId,
    HasLabel,
    HasLlm,
    HasPrompt,
    HasSource,
    InSession,
    IsCompared,
    Reads,
)
from interactions.filters.sql.feedback_lists import feedback_lists
from interactions.filters.sql.index_lists import IndexList, ListScan, project_list
from interactions.filters.sql.list_sizes import ListSize, ListSizes, total
from interactions.filters.sql.names import Names
from interactions.filters.sql.row_tests import RowTest, detail_test
from interactions.filters.tree import (
    And,
    Not,
    Or,
    Tree,
    alternatives,
    flat_conjuncts,
    ids_in_time,
)
from interactions.textindex.candidates import Candidates, look_up
from projects.models import Project

MOST_ALTERNATIVES = 16  # of an OR that is read as its alternatives' lists
LIST_TEST_US = 5  # to test whether an interaction is in a list
TEXT_TEST_US = 40  # to read its body and look for a text
USUAL_PROJECT_SIZE = 1_000_000  # interactions of a project that has not been counted yet
MOST_TEXTS_UNINDEXED = 250  # texts that are read at once, not looked for in the index


@dataclass(frozen=True, slots=True)
class Slice:
    """Which of a filter's matches are wanted: how many, from which end, between which ids.

    With `one_in`, a power of two, a random sample: one id in so many.
    """

    limit: int | None = None
    before: UUID | None = None
    after: UUID | None = None
    oldest_first: bool = False
    one_in: int = 1

    @property
    def bounds(self) -> Bounds:
        """Between which ids."""
        return Bounds(
            below=None if self.before is None else str(self.before),
            above=None if self.after is None else str(self.after),
        )


ALL = Slice()


@dataclass(frozen=True, slots=True)
class TextScan:
    """The interactions that the index of texts suggests, and a test of each."""

    candidates: Candidates
    test: RowTest
    bounds: Bounds


@dataclass(slots=True)
class Plan:
    """How a slice of a filter's matches is read; the union of all scans is the answer."""

    wanted: Slice
    lists: list[ListScan] = field(default_factory=list)
    texts: list[TextScan] = field(default_factory=list)


def plan(project: Project, tree: Tree, wanted: Slice = ALL) -> Plan:
    """The scans that find all matches of a filter."""
    made = Plan(wanted)
    planner = _Planner(Names(project, tree), wanted)
    for alternative in alternatives(tree):
        for scan in planner.scans(alternative):
            made.texts.append(scan) if isinstance(scan, TextScan) else made.lists.append(scan)
    return made


def _without_repeats(children: Iterator[Tree]) -> list[Tree]:
    """Each once, and one condition a label key: an interaction has one value of it at most."""
    of_key: dict[str, HasLabel] = {}
    others: dict[Tree, None] = {}
    for child in children:
        if not isinstance(child, HasLabel):
            others[child] = None
            continue
        known = of_key.get(child.key, HasLabel(child.key)).values
        if known is not None and child.values is not None:
            known = tuple(value for value in known if value in child.values)
        of_key[child.key] = HasLabel(child.key, child.values if known is None else known)
    return [*of_key.values(), *others]


def lists_of(names: Names, condition: Tree) -> list[IndexList] | None:
    """The lists whose union is all that match; None when no index holds them in order of ids."""
    rows = project_list(names.project_id)
    match condition:
        case HasLabel():
            # The posting lists of values of one key; no interaction has two of them.
            postings = replace(rows, source=Sql("interaction_label"), column="interaction_id")
            return postings.any_of("label_id", "int", names.label_ids(condition))
        case HasLlm(keys):
            without = replace(rows, where=rows.where & Sql("@.llm_id IS NULL"), leads="llm_id")
            found = rows.any_of("llm_id", "int", names.llm_ids(condition))
            return [*found, without] if None in keys else found
        case HasSource(sources):
            return rows.any_of("source", "text", sorted(set(sources)))
        case InSession(session_id):
            return rows.any_of("session_id", "uuid", [session_id])
        case HasPrompt(prompt_hash):
            return rows.any_of("prompt_hash", "uuid", [prompt_hash])
        case HasId(id):
            return rows.any_of("id", "uuid", [id])
        case IsCompared(metric):
            ids = names.metric_ids(metric)
            test = Sql("@.project_id = %s AND @.metric_id = ANY(%s)", (names.project_id, ids))
            one = IndexList(Sql("comparison"), "preferred_id", TRUE, test, is_distinct=False)
            return [one, replace(one, column="other_id")] if ids else []
        case HasFeedback(metric):
            ids = names.metric_ids(metric)
            return feedback_lists(condition, ids, detail_test(names, condition)) if ids else []
        case _:
            return None


class _Planner:
    """Finds the scans of each alternative; what a condition's lists are is found out once."""

    def __init__(self, names: Names, wanted: Slice) -> None:
        self._names = names
        self._wanted = wanted
        self._known: dict[Tree, list[IndexList] | None] = {}

    def scans(self, tree: Tree) -> Iterator[ListScan | TextScan]:
        """The scans of a filter without alternatives, or with alternatives that drive."""
        children = _without_repeats(flat_conjuncts(tree))
        bounds = self._wanted.bounds & ids_in_time(children)
        rest: list[Tree] = [child for child in children if not isinstance(child, CreatedIn)]
        lists = {child: held for child in rest if (held := self._union(child)) is not None}
        if not all(lists.values()):
            return
        texts = [child for child in rest if isinstance(child, Contains | Reads)]
        sizes = None
        if len(lists) > 1 or (lists and texts):
            oldest_first = self._wanted.oldest_first
            sizes = ListSizes(self._names.project_id, lists, bounds, oldest_first=oldest_first)
            bounds = sizes.bounds
            if sizes.is_empty:
                return
        best = min(lists, key=lambda child: sizes.of(child).size if sizes else 0, default=None)
        size = sizes.of(best) if sizes and best else None
        candidates = self._candidates(texts, size) if texts else None
        if candidates is not None:
            yield TextScan(candidates, self._test(rest), bounds)
        elif isinstance(best, Or):
            rest = [child for child in children if child != best]
            for alternative in alternatives(best):
                yield from self.scans(And((*rest, alternative)))
        elif best is None:
            without = self._without(rest)
            test = self._test(child for child in rest if child not in without)
            driver = project_list(self._names.project_id)
            yield ListScan(driver, test, bounds, without=tuple(without.values()))
        else:
            # A short list is tested entry by entry: merged with long ones, these might be read.
            is_short = size is not None and size.is_all
            merged = {} if size is None or is_short else _merged(lists, best)
            without = {} if is_short else self._without(rest)
            others = {best, *merged, *without}
            test = self._test(child for child in rest if child not in others)
            for one in lists[best]:
                yield ListScan(one, test, bounds, tuple(merged.values()), tuple(without.values()))

    def _test(self, conditions: Iterable[Tree]) -> RowTest:
        return RowTest(self._names, And(tuple(conditions)))

    def _lists(self, tree: Tree) -> list[IndexList] | None:
        if tree not in self._known:
            self._known[tree] = lists_of(self._names, tree)
        return self._known[tree]

    def _union(self, tree: Tree) -> list[IndexList] | None:
        """The lists whose union holds all that match; None when there are none.

        Of an OR each alternative has one, if there are few.
        """
        if not isinstance(tree, Or):
            return self._lists(tree)
        either = list(alternatives(tree))
        if len(either) > MOST_ALTERNATIVES:
            return None
        made: list[IndexList] = []
        for alternative in either:
            found = [
                self._lists(c)
                for c in flat_conjuncts(alternative)
                if not isinstance(c, And | Or | Not)
            ]
            lists = [one for one in found if one is not None]
            if not lists:
                return None
            made += lists[0]
        return made

    def _without(self, children: Sequence[Tree]) -> dict[Tree, IndexList]:
        """What must not hold, as far as each is one list."""
        return {
            child: found[0]
            for child in children
            if isinstance(child, Not)
            and (found := self._lists(child.child)) is not None
            and len(found) == 1
            and found[0].is_plain
        }

    def _candidates(
        self, texts: Sequence[Contains | Reads], best: ListSize | None
    ) -> Candidates | None:
        """What the index of texts suggests, if that is less to test than the best list."""
        if best is not None and best.is_all and best.size <= MOST_TEXTS_UNINDEXED:
            return None
        project_id = self._names.project_id
        found = look_up(project_id, [(one.text, one.place) for one in texts])
        if found is None or best is None:
            return found
        share_with_text = min(1.0, found.n / (total(project_id) or USUAL_PROJECT_SIZE))
        limit = inf if self._wanted.limit is None else self._wanted.limit
        of_texts = min(found.n, limit / max(best.share, 1e-9)) * LIST_TEST_US
        of_list = min(best.size, limit / max(share_with_text, 1e-9)) * TEXT_TEST_US
        return found if of_texts <= of_list else None


def _merged(lists: dict[Tree, list[IndexList]], best: Tree) -> dict[Tree, IndexList]:
    """The other labels, each one list in the order of the best."""
    return {
        child: found[0]
        for child, found in lists.items()
        if child != best and isinstance(child, HasLabel) and found[0].is_plain
    }
