"""However much is stored and however often it is asked for, an answer has bounded bytes."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.test import Client

from adaptive_site.lib import answer_size
from interactions.filters.tree import And
from interactions.models import InteractionBody
from interactions.services.browsing import across_projects, body_sizes, rows
from interactions.services.export import jsonl
from interactions.services.export.options import ExportIds, ExportOptions
from interactions.services.judging.feedback import record
from interactions.services.recording.drafts import FeedbackDraft
from projects.models import Project, User
from tests import make
from tests.asking import ask, refused
from tests.interactions.acting import everything

pytestmark = pytest.mark.django_db
MB = 1 << 20


@pytest.fixture
def large(project: Project) -> list[str]:
    """Four interactions of 2 MB of text that nothing compresses well, and one small."""
    return [str(make.make_interaction(project, "é" * MB).id) for _ in range(4)] + [
        str(make.make_interaction(project, "small").id)
    ]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bodies are read, each time some are."""
    read: list[int] = []
    bodies = rows.bodies

    def counting(
        project: Project, ids: Collection[UUID], **more: Any
    ) -> dict[UUID, InteractionBody]:
        read.append(len(ids))
        return bodies(project, ids, **more)

    monkeypatch.setattr(rows, "bodies", counting)
    return read


def page(selection: str, first: int = 10) -> str:
    return (
        f'{{ completions(filter: {{project: "maple"}}, page: {{first: {first}}})'
        f" {{ nodes {{ {selection} }} }} }}"
    )


def test_aliases_do_not_multiply_an_answer(
    large: list[str], alice_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_size, "MOST_BYTES", 24 * MB)
    field = "chatMessages { content }"
    assert len(ask(alice_key, page(field))["nodes"]) == 5
    aliases = " ".join(f"a{n}: {field}" for n in range(20))
    said = refused(alice_key, page(aliases))
    assert said.startswith("the answer is too large: more than 24 MB")
    spread = "fragment F on Completion { x: chatMessages { content } }"
    many = " ".join(f"b{n}: {field}" for n in range(12))
    assert refused(alice_key, f"{page(f'...F {many}')} {spread}").startswith("the answer is too")


def test_fields_at_the_top_share_what_may_be_read(
    large: list[str], alice_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_size, "MOST_BYTES", 20 * MB)
    read = counted(monkeypatch)
    one = page("completion")[2:-2]
    top = " ".join(f"t{n}: {one}" for n in range(8))
    assert refused(alice_key, f"{{ {top} }}").startswith("the answer is too large")
    assert len(read) == 2  # the third is refused before anything of it is read


def test_small_fields_many_times_are_bounded_too(
    project: Project, alice_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_size, "MOST_BYTES", 5 * MB)
    make.make_interactions(project, 100)
    assert len(ask(alice_key, page("id createdAt", 100))["nodes"]) == 100
    aliases = " ".join(f"alias_number_{n}: id" for n in range(1_000))
    assert refused(alice_key, page(aliases, 100)).startswith("the answer is too large")


def test_feedback_is_counted_before_it_is_read(
    project: Project, alice: User, alice_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_size, "MOST_BYTES", 4 * MB)
    one = make.make_interaction(project)
    metric = make.make_metric(project, "helpful")
    for _ in range(3):
        given = FeedbackDraft(metric=metric, value=1, reason="why " * (MB // 2))
        record(project, one.id, given=given, by=alice)
    assert refused(alice_key, page("id")).startswith("the answer is too large")


def test_sizes_are_those_of_what_is_read(project: Project) -> None:
    texts = ["short", "a" * 3 * MB, "ß" * MB, "\n" * MB]
    ids = [make.make_interaction(project, text).id for text in texts]
    known = body_sizes.of_bodies(project, ids)
    for id, body in rows.bodies(project, ids).items():
        read = len(orjson.dumps(body.messages)) + len(body.completion.encode())
        assert 0.4 * read < known[id] < 2 * read + 1_000
    assert list(body_sizes.pieces(project, ids, most=3 * MB)) == [
        [ids[0]],
        [ids[1]],
        [ids[2]],
        [ids[3]],
    ]
    assert list(body_sizes.pieces(project, ids, most=100 * MB)) == [ids]


def test_a_list_of_openais_ends_early_and_goes_on(
    client: Client, large: list[str], alice_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_sizes, "MOST_BODY_BYTES", 5 * MB)
    headers = {"Authorization": f"Bearer {alice_key}"}
    found: list[str] = []
    pages: list[int] = []
    after = ""
    while True:
        address = f"/api/v1/chat/completions?model=maple&limit=100{after}"
        told: dict[str, Any] = client.get(address, headers=headers).json()
        found += [one["id"] for one in told["data"]]
        pages.append(len(told["data"]))
        if not told["has_more"]:
            break
        after = f"&after={told['last_id']}"
    assert found == large
    assert pages == [2, 3]


def test_one_that_is_larger_than_a_page_is_a_page(
    project: Project, large: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_sizes, "MOST_BODY_BYTES", MB)
    one, has_more = across_projects.page([project], And(()), limit=10)
    assert (len(one), has_more) == (1, True)


def test_an_export_reads_large_ones_a_few_at_a_time(
    project: Project, alice: User, large: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_sizes, "STREAM_PIECE_BYTES", 5 * MB)
    read = counted(monkeypatch)
    asked = ExportOptions(
        everything(project, alice), make.NOON.replace(year=2100), lambda image: ""
    )
    assert sum(part.lines for part in jsonl.parts(asked, ExportIds(asked.selection))) == 5
    assert read == [2, 3]
