"""Counts by the index of texts are those of reading every text, whatever it has taken in so far."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adaptive_site.lib.ids import time_of
from interactions.filters.conditions import Contains, CreatedIn
from interactions.filters.sql import queries, text_counts
from interactions.filters.tree import And, Tree
from interactions.services.editing.deletion import delete_together
from interactions.services.rollups.compaction import compact
from interactions.textindex import counting, upkeep, writer
from interactions.textindex.counting import TextCount
from interactions.textindex.places import Place
from projects.models import Project
from tests.interactions.textindex.test_candidates import holding, log, rows
from tests.make import NOON, make_project

Logged = list[tuple[str, str, int]]


def n_of(project: Project, tree: And) -> int:
    """How many match, by the test of every row."""
    matching = holding(project, [one for one in tree.children if isinstance(one, Contains)])
    for one in tree.children:
        if isinstance(one, CreatedIn):
            start, end = one.start or NOON - timedelta(days=9), one.end or NOON + timedelta(days=9)
            matching = [id for id in matching if start <= time_of(id) < end]
    return len(matching)


def told(project: Project, tree: Tree, cap: int | None = 10_000) -> TextCount | None:
    return text_counts.counted(project, tree, cap=cap)


@pytest.mark.parametrize("rare", [2, 4])
@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    data=st.data(),
    parts=st.lists(rows, min_size=1, max_size=3),
    waiting=rows | st.just([]),
    is_touched=st.booleans(),
)
def test_the_index_counts_as_many_as_hold_the_text(
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    rare: int,
    data: st.DataObject,
    parts: list[Logged],
    waiting: Logged,
    is_touched: bool,
) -> None:
    monkeypatch.setattr(writer, "LEAST_ROWS_OF_A_TERM", rare)
    with transaction.atomic():
        project = make_project("one")
        ids = []
        for part in parts:
            ids += log(project, part)
            upkeep.index_some(project)
        ids += log(project, waiting)
        if is_touched:  # deleted for good, or deleted and put back
            delete_together(project, [data.draw(st.sampled_from(ids))])
            back = data.draw(st.sampled_from(ids))
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO arrival (project_id, interaction_ids) VALUES (%s, %s::uuid[])",
                    [project.id, [back]],
                )
        every = [text for part in [*parts, waiting] for row in part for text in row[:2]]
        for _ in range(5):
            text = data.draw(st.sampled_from(every))
            start = data.draw(st.integers(0, len(text)))
            needle = text[start : start + data.draw(st.integers(1, 5))].swapcase() or "a"
            times = st.none() | st.integers(0, 4).map(lambda n: NOON + timedelta(minutes=n))
            span = CreatedIn(data.draw(times), data.draw(times))
            tree = And((Contains(needle, data.draw(st.sampled_from(list(Place)))), span))
            n = n_of(project, tree)
            assert told(project, tree) in (TextCount(n, True), None)
            assert told(project, tree, None) in (TextCount(n, True), None)
            assert queries.quick_count(project, tree) == queries.Count(n, True)
            few = told(project, tree, 1)
            assert few is None or few.n == n or (few.n == 1 <= n and not few.is_exact)
        transaction.set_rollback(True)


@pytest.fixture
def many(project: Project) -> Project:
    """60 interactions in three segments, 10 that wait."""
    for part in range(4):
        log(
            project,
            [(f"common {'odd' * (n % 2)}wordy", f"u{n}", n) for n in range(20 - 10 * (part == 3))],
        )
        if part < 3:
            upkeep.index_some(project)
    return project


def test_one_run_of_letters_is_counted_and_no_more(many: Project) -> None:
    assert told(many, And((Contains("common"),))) == TextCount(70, True)
    assert told(many, Contains("oddw")) == TextCount(35, True)
    assert told(many, Contains("common odd")) is None
    assert told(many, Contains("common", Place.PROMPT)) is None
    assert told(many, And((Contains("common"), Contains("odd")))) is None
    assert told(many, And()) is None
    assert queries.quick_count(many, Contains("common odd")) == queries.Count(35, True)


def test_nothing_is_read_where_the_index_can_tell(
    many: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    upkeep.index_some(many)

    def refuse(ids: Sequence[bytes]) -> int:
        raise AssertionError("a text was read")

    monkeypatch.setattr(text_counts, "_counter", lambda *_: refuse)
    assert told(many, Contains("common")) == TextCount(70, True)
    compact(many)
    assert told(many, Contains("common")) == TextCount(70, True)


def test_beyond_the_cap_no_more_is_read_than_says_so(
    many: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "ROWS_LOOKED_THROUGH", 0)
    assert told(many, Contains("common"), 15) == TextCount(15, False)
    monkeypatch.setattr(counting, "MOST_READ", 5)
    assert told(many, Contains("common"), 1000) == TextCount(65, False)
    assert told(many, Contains("common"), None) == TextCount(70, True)


def test_a_part_of_very_many_words_is_at_least_in_the_shortest(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LEAST_ROWS_OF_A_TERM", 1)
    log(project, [(" ".join(f"part{n}" for n in range(1001)), "whole", 0), ("part1", "", 1)])
    upkeep.index_some(project)
    assert told(project, Contains("part"), 2) == TextCount(2, False)
    assert told(project, Contains("part"), 3) is None
    assert told(project, Contains("part"), None) is None
    assert queries.quick_count(project, Contains("part")) == queries.Count(2, True)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1", '"\\u0000"'])
def test_strings_in_json_are_those_that_postgresql_reads(project: Project, number: str) -> None:
    log(project, [(f'{{"a": {number}, "b": {json.dumps("Zürich")}}}', "", 0)])
    upkeep.index_some(project)
    n = len(holding(project, [Contains("zürich")]))
    assert n == (number == "1")
    assert told(project, Contains("zürich")) == TextCount(n, True)


def test_another_projects_texts_are_not_counted(many: Project, charlies_project: Project) -> None:
    log(charlies_project, [("common", "", 0)])
    upkeep.index_some(charlies_project)
    assert told(charlies_project, Contains("common")) == TextCount(1, True)
    assert told(many, Contains("common")) == TextCount(70, True)
