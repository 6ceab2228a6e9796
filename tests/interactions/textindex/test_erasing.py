"""What is erased leaves neither its ids nor its words in the index of texts."""

from uuid import UUID

import pytest

from interactions.models import SearchIds, SearchPosting, SearchSegment, SearchWords
from interactions.services.editing.deletion import delete_together
from interactions.textindex import erasing, upkeep
from projects.models import Project
from tests.interactions.textindex.test_upkeep import found
from tests.make import make_interactions

pytestmark = pytest.mark.django_db


def words(project: Project) -> set[str]:
    rows = SearchWords.objects.filter(project=project).values_list("words", flat=True)
    return {word for row in rows for word in row.split("\n") if word}


def posted(project: Project) -> set[str]:
    rows = SearchPosting.objects.filter(project=project).values_list("terms", flat=True)
    return {term for row in rows for term in row.split("\n")}


def ids_in(project: Project) -> bytes:
    rows = SearchIds.objects.filter(project=project).values_list("ids", flat=True)
    return b"".join(bytes(row) for row in rows)


def take_out(project: Project, ids: list[UUID]) -> int:
    """All of them from every segment; returns how many times one was held."""
    held, at = 0, 0
    while (segment := erasing.next_segment(project.id, after=at)) is not None:
        held += erasing.take_out(project.id, segment, {id.bytes for id in ids})
        at = segment
    return held


def test_ids_and_words_go_and_others_are_found_as_before(project: Project) -> None:
    gone = make_interactions(project, 10, completion="zebrafink sequoia")
    kept = make_interactions(project, 10, completion="sequoia birch")
    upkeep.index_some(project)
    assert {"zebrafink", "sequoia", "birch"} <= words(project) & posted(project)
    delete_together(project, gone)
    assert take_out(project, gone) == 10
    assert erasing.drop_unused_words(project.id) > 0
    assert "zebrafink" not in words(project) | posted(project)
    assert words(project) <= posted(project)
    assert not any(id.bytes in ids_in(project) for id in gone)
    assert found(project, "sequoia") == found(project, "birch") == kept
    assert found(project, "equoi") == kept
    assert take_out(project, gone) == 0


def test_a_segment_that_others_stand_for_is_deleted(project: Project) -> None:
    gone = make_interactions(project, 2)
    upkeep.index_some(project)
    segments = SearchSegment.objects.filter(project=project)
    segments.update(replaced_at="2026-01-01T00:00:00Z")
    delete_together(project, gone)
    assert take_out(project, gone) == 2
    assert not segments.exists()
    assert ids_in(project) == b""
