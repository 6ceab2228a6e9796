"""The index of texts takes in what arrived, once, however its workers end or meet."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from adaptive_site.lib.database.sql import Bounds
from adaptive_site.work import waiting
from interactions.models import (
    Arrival,
    Interaction,
    InteractionBody,
    SearchIds,
    SearchPosting,
    SearchSegment,
    SearchWords,
)
from interactions.textindex import upkeep, writer
from interactions.textindex.candidates import look_up
from interactions.textindex.places import Place
from projects.models import Project
from tests.interactions.counting import lag
from tests.make import make_interactions, make_project


def found(project: Project, text: str) -> list[UUID] | None:
    there = look_up(project.id, [(text, Place.ANYWHERE)])
    if there is None:
        return None
    return [UUID(bytes=id) for one in there.batches(Bounds(), oldest_first=True) for id, _ in one]


def sizes(project: Project) -> list[int]:
    living = SearchSegment.objects.filter(project=project, replaced_at=None)
    return list(living.order_by("id").values_list("size", flat=True))


def forget(project: Project, ids: list[UUID]) -> None:
    """Take interactions away as a deletion does, which knows nothing of this index."""
    InteractionBody.objects.filter(project=project, interaction_id__in=ids).delete()
    Interaction.objects.in_project(project).filter(id__in=ids).delete()


def age(project: Project) -> None:
    """Let an hour pass for whoever still reads a segment that was replaced."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_segment SET replaced_at = replaced_at - interval '1 hour'"
            " WHERE project_id = %s",
            [project.id],
        )


def test_what_arrived_is_taken_in_once(project: Project) -> None:
    ids = make_interactions(project, 70)
    assert lag(project) == 70
    assert upkeep.index_some(project) == 70
    assert upkeep.index_some(project) == 0
    assert lag(project) == 0
    assert not Arrival.objects.filter(project=project).exists()
    assert sizes(project) == [70]
    assert found(project, "question") == ids


def test_few_new_ones_are_left_to_wait(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    make_interactions(project, 3)
    assert not waiting.with_many_texts()
    assert list(waiting.with_texts()) == [project]
    assert upkeep.index_some(project) == 3
    make_interactions(project, 2)
    assert not waiting.with_many_texts()
    monkeypatch.setattr(upkeep, "ROWS_WORTH_A_SEGMENT", 2)
    assert list(waiting.with_many_texts()) == [project]
    assert upkeep.index_some(project) == 2
    assert not waiting.with_texts()


def test_a_step_takes_one_project_and_no_more(project: Project, charlies_project: Project) -> None:
    make_interactions(project, 3)
    make_interactions(charlies_project, 4)
    assert upkeep.index_some(charlies_project) == 4
    assert (lag(project), lag(charlies_project)) == (3, 0)
    assert upkeep.index_some(project) == 3


def test_many_are_spread_over_segments_of_one_size(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SEGMENT_ROWS", 50)
    ids = make_interactions(project, 120)
    assert upkeep.index_some(project) == 120
    assert sizes(project) == [40, 40, 40]
    assert found(project, "question") == ids


def test_a_step_that_is_undone_loses_nothing(project: Project) -> None:
    ids = make_interactions(project, 5)
    with transaction.atomic():
        assert upkeep.index_some(project) == 5
        transaction.set_rollback(True)
    assert lag(project) == 5
    assert sizes(project) == []
    assert upkeep.index_some(project) == 5
    assert found(project, "question") == ids


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same() -> None:
    project = make_project()
    make_interactions(project, 3)
    make_interactions(project, 4)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT id FROM arrival ORDER BY id LIMIT 1 FOR UPDATE")
            assert upkeep.index_some(project) == 4
            assert upkeep.index_some(project) == 0
            cursor.execute("ROLLBACK")
        assert upkeep.index_some(project) == 3
    finally:
        other.close()
    assert len(found(project, "question") or []) == 7


def test_what_was_deleted_before_its_turn_is_passed_over(project: Project) -> None:
    ids = make_interactions(project, 6)
    forget(project, ids[:2])
    assert upkeep.index_some(project) == 6
    assert sizes(project) == [4]
    ids = make_interactions(project, 2)
    forget(project, ids)
    assert upkeep.index_some(project) == 2
    assert sizes(project) == [4]


def test_small_segments_are_merged_without_what_was_deleted(project: Project) -> None:
    ids = []
    for part in range(upkeep.SEGMENTS_MERGED):
        if part == upkeep.SEGMENTS_MERGED - 1:
            assert upkeep.merge_some() == 0
        ids += make_interactions(project, 3)
        upkeep.index_some(project)
    forget(project, ids[3:5])
    assert upkeep.merge_some() == upkeep.SEGMENTS_MERGED
    assert upkeep.merge_some() == 0
    assert sizes(project) == [22]
    assert found(project, "question") == sorted([*ids[:3], *ids[5:]])


def test_segments_of_different_sizes_are_not_merged(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SEGMENT_SIZES", (4, 16, 64))
    for n in (2, 2, 2, 2, 5, 5, 5, 5):
        make_interactions(project, n)
        upkeep.index_some(project)
    assert upkeep.merge_some() == 0
    monkeypatch.setattr(upkeep, "SEGMENTS_MERGED", 4)
    assert upkeep.merge_some() == 4
    assert sizes(project) == [5, 5, 5, 5, 8]
    assert upkeep.merge_some() == 5
    assert sizes(project) == [28]


def test_merging_stops_at_a_full_segment(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(upkeep.SEGMENTS_MERGED):
        make_interactions(project, 3)
        upkeep.index_some(project)
    monkeypatch.setattr(upkeep, "SEGMENT_ROWS", 10)
    assert upkeep.merge_some() == 3
    assert sorted(sizes(project)) == [3] * (upkeep.SEGMENTS_MERGED - 3) + [9]


def test_replaced_segments_are_swept_away_when_nobody_can_read_them(project: Project) -> None:
    for _ in range(upkeep.SEGMENTS_MERGED):
        make_interactions(project, 2)
        upkeep.index_some(project)
    assert upkeep.merge_some() == upkeep.SEGMENTS_MERGED
    assert SearchSegment.objects.filter(project=project).count() == upkeep.SEGMENTS_MERGED + 1
    assert upkeep.merge_some() == 0
    age(project)
    assert [upkeep.merge_some() for _ in range(upkeep.SEGMENTS_MERGED + 1)] == [
        1
    ] * upkeep.SEGMENTS_MERGED + [0]
    (kept,) = SearchSegment.objects.filter(project=project).values_list("id", flat=True)
    for model in (SearchPosting, SearchIds):
        of_segments = model.objects.filter(project=project).values_list("segment_id", flat=True)
        assert set(of_segments) == {kept}


def test_segments_older_than_all_that_is_left_go(project: Project) -> None:
    old = make_interactions(project, 4)
    upkeep.index_some(project)
    make_interactions(project, 4, every=timedelta(days=9))
    upkeep.index_some(project)
    forget(project, old)
    first = Interaction.objects.in_project(project).oldest_first().first()
    assert first is not None
    forget(project, [first.id])
    assert upkeep.merge_some() == 0
    assert sizes(project) == [4]
    age(project)
    assert upkeep.merge_some() == 1
    assert SearchSegment.objects.filter(project=project).count() == 1
    forget(project, list(Interaction.objects.in_project(project).values_list("id", flat=True)))
    upkeep.merge_some()
    assert sizes(project) == []


def test_words_are_kept_once_and_rare_ones_as_grams(project: Project) -> None:
    for _ in range(2):
        make_interactions(project, 20, completion="most")
        make_interactions(project, writer.LEAST_ROWS_OF_A_TERM, completion="frequent")
        make_interactions(project, 1, completion="seldom")
        upkeep.index_some(project)
    lines = [
        line
        for words in SearchWords.objects.filter(project=project).values_list("words", flat=True)
        for line in words.strip("\n").split("\n")
    ]
    assert len(lines) == len(set(lines))
    assert {"frequent", "question", "~sel", "~dom"} <= set(lines)
    assert "seldom" not in lines
    assert len(found(project, "seldom") or []) == 2
    assert len(found(project, "equen") or []) == 2 * writer.LEAST_ROWS_OF_A_TERM
