"""The index of texts never leaves out what holds a text, whatever it has taken in so far."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adaptive_site.lib.database.sql import Bounds, joined
from adaptive_site.lib.ids import first_id_at
from interactions.filters.conditions import Contains
from interactions.filters.sql.row_tests import RowUnderTest, contains
from interactions.models import InteractionBody, SearchPosting
from interactions.services.recording.log import log_interactions
from interactions.textindex import upkeep, writer
from interactions.textindex.candidates import Candidate, look_up
from interactions.textindex.places import Place
from projects.models import Project
from tests.make import NOON, make_draft, make_project

# Frequent enough to be words of the index, in parts or whole; the rest makes rare ones.
WORDS = [
    *("refund", "refunds", "Nonrefundable", "a", "ab", "abc", "user_id", "İstanbul", "ISTANBUL"),
    *("straße", "ſtraße", "ΣΊΣΥΦΟΣ", "σίσυφος", "Ünïcode", "e\u0301", "日本語", "東京都", "カー"),
    *("한국어", "🎉👍", "✅", "42", "3.14", "x" * 45, "deadbeef" * 6, "100%", "a_b", "\\"),
]
GLUE = [" ", "", " ", ".", "\n", "-", "、", "\u00a0", "\u0307"]
letters = st.sampled_from("abrefund_ 1İıſßσςΣ日東京カ🎉.%\\\u0301\u0307é")
texts = st.lists(
    st.sampled_from(WORDS) | st.sampled_from(GLUE) | st.text(letters, max_size=5), max_size=8
).map("".join)
rows = st.lists(st.tuples(texts, texts, st.integers(0, 3)), min_size=1, max_size=9)


def log(project: Project, some: Iterable[tuple[str, str, int]]) -> list[UUID]:
    drafts = [
        make_draft(prompt, completion, created_at=NOON + timedelta(minutes=minute))
        for prompt, completion, minute in some
    ]
    return [logged.id for logged in log_interactions(project, drafts)]


def holding(project: Project, conditions: Sequence[Contains]) -> list[UUID]:
    """What the recheck lets through of all rows, newest first."""
    tests = joined(
        [contains(RowUnderTest("d.id", Bounds()), one.text, one.place) for one in conditions],
        " AND ",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d.id FROM interaction d WHERE d.project_id = %s AND {tests.text}"
            " ORDER BY 1 DESC",
            [project.id, *tests.params],
        )
        return [id for (id,) in cursor.fetchall()]


def ids_in(batches: Iterable[list[Candidate]]) -> list[UUID]:
    return [UUID(bytes=id) for batch in batches for id, _ in batch]


def candidates(
    project: Project,
    conditions: Sequence[Contains],
    bounds: Bounds = Bounds(),  # noqa: B008  # frozen
    *,
    oldest_first: bool = False,
) -> list[UUID] | None:
    found = look_up(project.id, [(one.text, one.place) for one in conditions])
    if found is None:
        return None
    ids = ids_in(found.batches(bounds, oldest_first=oldest_first))
    assert len(ids) == len(set(ids))
    assert ids == sorted(ids, reverse=not oldest_first)
    return ids


def within(bounds: Bounds, ids: Iterable[UUID]) -> list[UUID]:
    return [
        id
        for id in ids
        if (bounds.least is None or UUID(bounds.least) <= id)
        and (bounds.below is None or id < UUID(bounds.below))
        and (bounds.above is None or UUID(bounds.above) < id)
    ]


@pytest.mark.parametrize("rare", [2, 4])
@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), parts=st.lists(rows, min_size=1, max_size=3), waiting=rows)
def test_candidates_are_no_fewer_than_matches(
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    rare: int,
    data: st.DataObject,
    parts: list[list[tuple[str, str, int]]],
    waiting: list[tuple[str, str, int]],
) -> None:
    monkeypatch.setattr(writer, "LEAST_ROWS_OF_A_TERM", rare)
    with transaction.atomic():
        project, other = make_project("one"), make_project("other")
        ids = []
        for part in parts:  # segments that overlap in time
            ids += log(project, part)
            assert upkeep.index_some(project) == len(part)
        ids += log(project, waiting)
        log(other, waiting)
        upkeep.index_some(other)
        gone = data.draw(st.sampled_from(ids))
        InteractionBody.objects.filter(project=project, interaction_id=gone).delete()

        every = [text for part in [*parts, waiting] for row in part for text in row[:2]]
        for _ in range(4):
            text = data.draw(st.sampled_from(every))
            start = data.draw(st.integers(0, len(text)))
            needle = text[start : start + data.draw(st.integers(1, 12))].swapcase() or "a"
            conditions = [Contains(needle, data.draw(st.sampled_from(list(Place))))]
            if data.draw(st.booleans()):
                conditions.append(Contains(data.draw(texts) or "b"))
            least, below, above = (
                data.draw(st.none() | st.sampled_from(ids).map(str)) for _ in range(3)
            )
            bounds = Bounds(least, below, above)
            matches = within(bounds, holding(project, conditions))
            found = candidates(project, conditions, bounds)
            if found is None:
                continue
            assert set(matches) <= set(found) <= set(ids)
            assert found == within(bounds, found)
            assert found[::-1] == candidates(project, conditions, bounds, oldest_first=True)
        transaction.set_rollback(True)


@pytest.fixture
def many(project: Project) -> Project:
    """600 interactions in segments that overlap, 40 that wait, in an order of their own."""
    chance = Random(5)
    for part in (1, 130, 300, 169, 40):
        log(
            project,
            [
                (f"common {'refund' if chance.random() < 0.1 else ''} number{chance.randrange(99)}",
                 f"unique{chance.randrange(10**9)}", chance.randrange(500))
                for _ in range(part)
            ],
        )  # fmt: skip
        if part != 40:
            assert upkeep.index_some(project) == part
    return project


@pytest.mark.parametrize(
    "text", ["common", "refund", "number7", "ommon refund", "unique12", "nope"]
)
def test_any_bounds_leave_what_lies_between_them(many: Project, text: str) -> None:
    conditions = [Contains(text)]
    everything = candidates(many, conditions)
    assert everything is not None
    assert set(holding(many, conditions)) <= set(everything)
    assert len(everything) == {"common": 640}.get(text, len(everything))
    chance = Random(6)
    edges = [str(id) for id in chance.sample(everything, 12)]
    edges += [str(first_id_at(NOON + timedelta(minutes=m))) for m in (-1, 0, 77, 250, 600)]
    for _ in range(40):
        bounds = Bounds(*(chance.choice([None, *edges]) for _ in range(3)))
        expected = within(bounds, everything)
        assert candidates(many, conditions, bounds) == expected
        assert candidates(many, conditions, bounds, oldest_first=True) == expected[::-1]


def test_the_index_leaves_out_what_cannot_match(many: Project) -> None:
    for text in ("refund", "number7", "unique12", "common refund"):
        matches = holding(many, [Contains(text)])
        found = look_up(many.id, [(text, Place.ANYWHERE)])
        assert found is not None
        assert len(matches) <= found.n <= len(matches) + 40 + 5
    assert candidates(many, [Contains("common"), Contains("nowhere")]) is not None
    assert len(candidates(many, [Contains("common"), Contains("nowhere")]) or []) == 40


def test_texts_that_the_index_cannot_narrow_down_are_left_to_others(
    many: Project, charlies_project: Project
) -> None:
    assert look_up(many.id, [("?!", Place.ANYWHERE)]) is None
    assert look_up(many.id, [("u", Place.ANYWHERE)]) is None
    assert look_up(many.id, []) is None
    assert look_up(many.id, [("?!", Place.ANYWHERE), ("refund", Place.ANYWHERE)]) is not None
    log(charlies_project, [("refund", "", 0)])
    assert look_up(charlies_project.id, [("refund", Place.ANYWHERE)]) is None


def test_a_part_of_very_many_words_is_left_to_others(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LEAST_ROWS_OF_A_TERM", 1)
    log(project, [(" ".join(f"part{n}" for n in range(1001)), "whole", 0)])
    upkeep.index_some(project)
    assert look_up(project.id, [("part", Place.ANYWHERE)]) is None
    assert look_up(project.id, [("part7", Place.ANYWHERE)]) is not None
    assert look_up(project.id, [("part ", Place.ANYWHERE), ("whole", Place.ANYWHERE)]) is not None


def test_what_is_indexed_while_somebody_reads_is_not_missed(project: Project) -> None:
    ids = log(project, [("refund", "", minute) for minute in range(3)])
    upkeep.index_some(project)
    ids += log(project, [("refund", "", minute) for minute in range(3)])
    found = look_up(project.id, [("refund", Place.ANYWHERE)])
    assert found is not None
    upkeep.index_some(project)
    assert ids_in(found.batches(Bounds())) == sorted(ids, reverse=True)


def test_what_is_merged_while_somebody_reads_is_not_missed(project: Project) -> None:
    ids = []
    for minute in range(upkeep.SEGMENTS_MERGED):
        ids += log(project, [("refund", "", minute)])
        upkeep.index_some(project)
    found = look_up(project.id, [("refund", Place.ANYWHERE)])
    assert found is not None
    batches = found.batches(Bounds())
    assert upkeep.merge_some() == upkeep.SEGMENTS_MERGED
    assert upkeep.merge_some() == 0
    assert ids_in(batches) == sorted(ids, reverse=True)
    assert candidates(project, [Contains("refund")]) == sorted(ids, reverse=True)


def test_another_projects_texts_are_never_candidates(
    project: Project, charlies_project: Project
) -> None:
    log(charlies_project, [("secret", "", 0)])
    upkeep.index_some(charlies_project)
    log(charlies_project, [("secret", "", 1)])
    ids = log(project, [("open", "", 0)])
    upkeep.index_some(project)
    assert candidates(project, [Contains("secret")]) == []
    assert candidates(project, [Contains("open")]) == ids
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM search_words WHERE project_id = %s", [project.id])
        assert "sec" not in str(cursor.fetchall())


def test_texts_of_an_odd_shape_are_found_too(project: Project) -> None:
    ids = log(project, [("usual", "", 0), ("odd", "", 1)])
    InteractionBody.objects.filter(project=project, interaction_id=ids[1]).update(
        messages=[{"role": "user", "content": [{"type": "text", "text": 4711}, "loose", None]}]
    )
    upkeep.index_some(project)
    for text, id in (("4711", ids[1]), ("loose", ids[1]), ("usual", ids[0])):
        assert holding(project, [Contains(text)]) == [id]
        assert candidates(project, [Contains(text)]) == [id]
    assert SearchPosting.objects.filter(project=project).count() == 1
