"""The one writer of interactions."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection

from adaptive_site.lib.database.bulk_insert import COPY_FROM
from adaptive_site.lib.ids import time_of
from interactions.models import Feedback, Interaction, InteractionLabel, Label
from interactions.services.recording import labels
from interactions.services.recording.drafts import Draft
from interactions.services.recording.log import Logged, log_interactions, prompt_hash
from interactions.services.recording.previews import last_user_text, preview
from interactions.services.rollups import counts
from interactions.services.rollups.deltas import ALL_INTERACTIONS
from projects.models import Project, User
from tests.make import NOON, make_draft, make_interaction, make_llm, make_metric, make_project


def drafts(n: int, name: str = "row") -> list[Draft]:
    return [make_draft(f"{name} {i}", external_id=f"{name}-{i}") for i in range(n)]


SIZES = pytest.mark.parametrize("n", [3, COPY_FROM + 3], ids=["INSERT", "COPY"])


def test_everything_that_was_given_is_stored(project: Project, alice: User) -> None:
    session, llm = uuid4(), make_llm(project)
    helpful, csat = make_metric(project, "helpful"), make_metric(project, "csat", "SCALAR")
    one = make_interaction(
        project,
        "Why is \\N not \t NULL?",
        "Because {1,2}\n\\.",
        llm=llm,
        session_id=session,
        created_by=alice,
        source="LIVE",
        labels={"env": "prod", "a:b": "\\x"},
        feedback={helpful: True, csat: 4.25},
        external_id="x-1",
        parameters={"temperature": 0.1},
        usage={
            "prompt_tokens": 7,
            "completion_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 5},
        },
        system={"host": "a\tb"},
        user_metadata={"who": "é"},
        latency_ms=120,
        ttft_ms=30,
    )
    assert (one.llm, one.session_id, one.created_by, one.source) == (llm, session, alice, "LIVE")
    assert (one.prompt_tokens, one.completion_tokens, one.latency_ms, one.ttft_ms) == (
        7,
        9,
        120,
        30,
    )
    assert one.cached_tokens == 5
    assert one.created_at == time_of(one.id) == NOON
    assert one.prompt_preview == "Why is \\N not NULL?"
    assert one.body.completion == "Because {1,2}\n\\."
    assert one.body.messages == [{"role": "user", "content": "Why is \\N not \t NULL?"}]
    assert one.body.parameters == {"temperature": 0.1}
    assert (one.body.system, one.body.user_metadata) == ({"host": "a\tb"}, {"who": "é"})
    found = Label.objects.in_project(project).in_bulk(one.label_ids)
    assert {(label.key, label.value) for label in found.values()} == {
        ("env", "prod"),
        ("a:b", "\\x"),
    }
    values = Feedback.objects.in_project(project).values_list("metric__key", "value")
    assert dict(values) == {"helpful": 1.0, "csat": 4.25}


@SIZES
def test_what_is_answered_is_where_it_went_in_order(project: Project, n: int) -> None:
    logged = log_interactions(project, drafts(n))
    stored = Interaction.objects.in_project(project).in_bulk([one.id for one in logged])
    assert [stored[one.id].external_id for one in logged] == [f"row-{i}" for i in range(n)]
    assert [one.id for one in logged] == sorted(one.id for one in logged)
    assert all(one.is_new for one in logged)


@SIZES
def test_a_repeated_external_id_is_answered_with_the_first_row(project: Project, n: int) -> None:
    metric = make_metric(project)
    first = log_interactions(project, drafts(n))
    again = drafts(n + 1)
    again[0] = make_draft("other", external_id="row-0", feedback={metric: True})
    second = log_interactions(project, again)
    assert [one.id for one in second[:n]] == [one.id for one in first]
    assert [one.is_new for one in second] == [False] * n + [True]
    assert Interaction.objects.in_project(project).count() == n + 1
    assert not Feedback.objects.in_project(project).exists()
    assert counts.count(project, ALL_INTERACTIONS) == n + 1


def test_an_external_id_twice_in_a_batch_is_stored_once(project: Project) -> None:
    logged = log_interactions(project, [*drafts(2), *drafts(2)])
    assert [one.is_new for one in logged] == [True, True, False, False]
    assert logged[0].id == logged[2].id
    assert Interaction.objects.in_project(project).count() == 2


def test_external_ids_of_another_project_are_others(project: Project) -> None:
    log_interactions(project, drafts(2))
    (one,) = log_interactions(make_project("oak"), drafts(1))
    assert one.is_new


def test_without_an_external_id_equal_rows_are_two(project: Project) -> None:
    log_interactions(project, [make_draft(), make_draft()])
    assert Interaction.objects.in_project(project).count() == 2


@SIZES
def test_one_bad_row_stores_nothing_of_its_batch(project: Project, n: int) -> None:
    batch = [make_draft(f"row {i}", labels={"env": "prod"}) for i in range(n)]
    batch[1].latency_ms = 2**40
    with pytest.raises(DatabaseError):
        log_interactions(project, batch)
    assert not Interaction.objects.in_project(project).exists()
    assert not InteractionLabel.objects.filter(project=project).exists()
    assert counts.count(project, ALL_INTERACTIONS) == 0


def test_an_empty_batch_is_nothing(project: Project) -> None:
    assert log_interactions(project, []) == []


@SIZES
def test_postings_stand_for_each_value_and_each_key(project: Project, n: int) -> None:
    log_interactions(
        project, [make_draft(f"{i}", labels={"env": "prod", "n": str(i % 2)}) for i in range(n)]
    )
    ids = {(label.key, label.value): label.id for label in Label.objects.in_project(project).all()}
    assert set(ids) == {("env", None), ("env", "prod"), ("n", None), ("n", "0"), ("n", "1")}
    for (_, value), id in ids.items():
        expected = n if value in (None, "prod") else n // 2 + (value == "0") * (n % 2)
        assert InteractionLabel.objects.filter(project=project, label_id=id).count() == expected
        assert counts.count(project, id) == expected


def test_backdated_rows_take_their_place_in_time(project: Project) -> None:
    late = make_interaction(project, created_at=NOON)
    early = make_interaction(project, created_at=NOON - timedelta(days=400))
    newest_first = Interaction.objects.in_project(project).order_by("-id")
    assert [one.id for one in newest_first] == [late.id, early.id]


def test_the_number_of_queries_does_not_grow_with_the_batch(
    project: Project, django_assert_max_num_queries: Callable[..., object]
) -> None:
    metric = make_metric(project)
    for n in (1, 200):
        batch = [
            make_draft(f"{n} {i}", labels={"env": "prod"}, feedback={metric: True})
            for i in range(n)
        ]
        labels.forget()
        with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
            log_interactions(project, batch)


def race(work: Callable[[], list[Logged]], times: int) -> list[list[Logged]]:
    """Do the work `times` at once, each in a thread with a connection of its own."""
    done: list[list[Logged]] = []
    faults: list[BaseException] = []
    start = threading.Barrier(times)

    def run() -> None:
        try:
            start.wait(60)
            done.append(work())
        except BaseException as error:  # told to the test below
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not faults, faults
    return done


def log_many(project: Project, n: int) -> list[Logged]:
    return log_interactions(project, drafts(n, f"of {n}"))


def log_labels(project: Project, turn: int) -> list[Logged]:
    names = [(f"k{(i * 7 + turn) % 20}", str(i), f"k{i % 20}x") for i in range(80)]
    return log_interactions(
        project, [make_draft(labels={key: value, also: "v"}) for key, value, also in names]
    )


@pytest.mark.django_db(transaction=True)
def test_writers_of_the_same_rows_at_once_store_them_once() -> None:
    """The second of two finds an external id taken, looks again and answers the first's rows."""
    project = make_project()
    for n in (2, COPY_FROM + 6):
        answers = race(partial(log_many, project, n), 4)
        ids: set[tuple[UUID, ...]] = {tuple(one.id for one in logged) for logged in answers}
        assert len(ids) == 1
        assert sum(one.is_new for logged in answers for one in logged) == n
        stored = Interaction.objects.in_project(project).filter(external_id__startswith=f"of {n}")
        assert stored.count() == n
    # Writers of the same new labels, in different orders.
    for turn in range(3):
        race(partial(log_labels, project, turn), 3)
    seen = list(Label.objects.in_project(project).values_list("key", "value"))
    assert len(seen) == len(set(seen))
    assert (
        counts.count(project, ALL_INTERACTIONS) == Interaction.objects.in_project(project).count()
    )


@pytest.mark.django_db(transaction=True)
def test_labels_once_made_are_remembered(
    django_assert_num_queries: Callable[..., object],
) -> None:
    project = make_project()
    log_interactions(project, [make_draft(labels={"env": "prod"})])
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        found = labels.label_ids(project, [("env", "prod"), ("env", None)])
    ids = Label.objects.in_project(project).values_list("key", "value", "id")
    assert {(key, value): id for key, value, id in ids} == found


def test_a_hash_is_equal_for_equal_prompts_alone() -> None:
    one = prompt_hash([{"role": "user", "content": "a"}])
    assert one == prompt_hash([{"content": "a", "role": "user"}])
    assert one != prompt_hash([{"role": "user", "content": "b"}])
    assert one != prompt_hash([{"role": "user", "content": "a"}] * 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  two\n\twords ", "two words"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
        (" " * 5000 + "far", "far"),
        ("near" + " " * 5000 + "far", "near…"),
        ("𝄞" * 300, "𝄞" * 199 + "…"),
    ],
)
def test_a_preview_is_the_beginning_on_one_line(text: str, expected: str) -> None:
    assert preview(text) == expected


def test_the_text_of_the_last_user_turn_is_the_one_shown() -> None:
    turns: list[dict[str, Any]] = [
        {"role": "user", "content": "first"},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"role": "assistant", "content": None, "tool_calls": []},
    ]
    assert last_user_text(turns) == "a b"
    assert last_user_text([{"role": "system", "content": "alone"}]) == "alone"
    assert last_user_text([turns[-1]]) == ""


@pytest.mark.parametrize("cached", [None, -1, 2.5, True, "7", 2**31, [], {}])
def test_cached_tokens_that_are_no_number_are_left_out(project: Project, cached: object) -> None:
    usage = {"prompt_tokens": 7, "prompt_tokens_details": {"cached_tokens": cached}}
    assert make_interaction(project, usage=usage).cached_tokens is None
    assert make_interaction(project, usage={"prompt_tokens_details": cached}).cached_tokens is None


def test_rows_of_before_get_their_cached_tokens(project: Project) -> None:
    for cached in (5, 0, "x", None):
        make_interaction(project, usage={"prompt_tokens_details": {"cached_tokens": cached}})
    Interaction.objects.update(cached_tokens=None)
    migration = import_module("interactions.migrations.0015_cached_tokens")
    migration.fill(None, SimpleNamespace(connection=connection))
    found = Interaction.objects.order_by("id").values_list("cached_tokens", flat=True)
    assert list(found) == [5, None, None, None]
