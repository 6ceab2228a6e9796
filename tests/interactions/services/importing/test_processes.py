"""`manage.py ingest` with several processes: the same as with one, whatever becomes of them."""

import io
import os
import re
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection

from interactions.models import Comparison, Feedback, Image, Interaction
from interactions.services.importing.checking import CheckedBatch, Ruling
from interactions.services.importing.jsonl import JsonLines, LineBatch
from interactions.services.importing.parallel import switch
from interactions.services.importing.parallel.pool import ImportProcess, Processes
from interactions.services.importing.run import Import
from projects.models import Metric, Project
from tests.interactions.ingesting import Ran, Write, jsonl, line, preference, write_lines
from tests.make import data_uri, image_message, make_image, make_project

# The processes see only what is committed.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_storage", "from_the_first_line"),
]


ARE_READY = Processes.are_ready


@pytest.fixture
def from_the_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes take every line, where a large import begins without them."""
    monkeypatch.setattr(switch, "BATCHES_OF_A_LARGE_IMPORT", 0)
    monkeypatch.setattr(Processes, "are_ready", lambda self: True)


@pytest.fixture
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Write lines into a new file."""
    return partial(write_lines, tmp_path_factory)


@pytest.fixture
def maple() -> Project:
    return make_project("maple")


def mixed() -> list[object]:
    """Lines of every kind, with what hangs on their order spread over them."""
    picture = [image_message(data_uri(make_image()))]
    rows: list[object] = []
    for n in range(60):
        at = f"2024-02-21T{n % 24:02}:00:00Z"
        given = [{"feedback_key": "ok", "value": n % 3 == 0}, {"metric": "n", "value": n / 4}]
        rows.append(line(f"{n}", labels={"n": str(n % 7)}, feedbacks=given, created_at=at))
        rows.append(line("The same again", created_at=at[:11] + "00:00:00Z"))
        rows.append(line(f"named {n}", external_id=f"name-{n % 20}", colour="red"))
        if n % 10 == 0:
            rows.append(line(f"seen {n}", messages=picture, model=f"model-{n}"))
            rows.append(line("bad", model=n, feedbacks=[{"feedback_key": "never", "value": n}]))
            rows.append(line("a\0b", session_id="4e90da2e-c13b-5cbe-9073-1c2835aa9946"))
        if n % 15 == 14:
            rows += [preference(f"{n}", f"{n - 1}"), preference(f"{n}", f"unheard {n}"), b"{"]
    return rows


def all_of(project: Project) -> dict[str, list[Any]]:
    """Everything an import may store, without ids."""
    rows = Interaction.objects.in_project(project).select_related("body", "llm")
    given = Feedback.objects.in_project(project)
    compared = Comparison.objects.in_project(project)
    return {
        "rows": sorted(
            (str(r.external_id), r.body.completion, r.llm.key if r.llm else "", r.image_count,
             r.body.user_metadata, r.body.system, len(r.label_ids))
            for r in rows
        ),
        "feedback": sorted(given.values_list("metric__key", "metric__kind", "value")),
        "compared": sorted(
            compared.values_list("preferred__body__completion", "other__body__completion")
        ),
        "images": sorted(Image.objects.in_project(project).values_list("sha256")),
    }  # fmt: skip


def told(ran: Ran) -> list[str]:
    """What a run said, without how long it took."""
    return ran.said.splitlines()[1:]


def test_several_processes_store_and_say_what_one_does(maple: Project, write: Write) -> None:
    cherry = make_project("cherry")
    file = write(*mixed())
    one = Ran(file, batch=8, processes=1)
    several = Ran(file, project="cherry", batch=8, processes=3)
    assert several.failure == ""
    assert told(several) == told(one)
    assert several.faults == one.faults
    assert all_of(cherry) == all_of(maple)
    again = Ran(file, project="cherry", batch=8, processes=2)
    assert "Interactions  0 stored" in again.said
    assert all_of(cherry) == all_of(maple)


def test_a_large_import_is_handed_over_when_the_processes_are_ready(
    maple: Project, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_over: list[Processes] = []
    check = Processes.check

    def noticed(self: Processes, batches: Iterable[LineBatch]) -> Iterator[CheckedBatch]:
        handed_over.append(self)
        return check(self, batches)

    monkeypatch.setattr(switch, "BATCHES_OF_A_LARGE_IMPORT", 2)
    monkeypatch.setattr(Processes, "are_ready", lambda self: bool(self.done.interactions >= 12))
    monkeypatch.setattr(Processes, "check", noticed)
    ran = Ran(write(*[line(str(n)) for n in range(50)]), batch=3, processes=2)
    assert "50 stored" in ran.said
    assert len(handed_over) == 1


def test_the_first_value_in_a_pipe_decides_whichever_process_reads_it(
    maple: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = [2.5, True, 1, False, 0.5, True]
    rows = [line(str(n), feedbacks=[{"metric": "k", "value": v}]) for n, v in enumerate(values)]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(jsonl(*rows))))
    ran = Ran("-", batch=1, processes=3)
    assert Metric.objects.in_project(maple).get(key="k").kind == "SCALAR"
    wrong = [fault.partition(": ")[0] for fault in ran.faults]
    assert wrong == ["-:2", "-:4", "-:6"]


def test_all_values_in_a_file_decide_whichever_process_reads_them(
    maple: Project, write: Write
) -> None:
    values = [True, 1, False, True, 0, 0.5]
    rows = [line(str(n), feedbacks=[{"metric": "k", "value": v}]) for n, v in enumerate(values)]
    ran = Ran(write(*rows), batch=2, processes=2)
    assert Metric.objects.in_project(maple).get(key="k").kind == "SCALAR"
    assert [fault.split(":")[1] for fault in ran.faults] == ["1", "3", "4"]


def test_strict_stops_before_the_batch_of_the_first_bad_line(maple: Project, write: Write) -> None:
    rows = [line(str(n)) for n in range(20)]
    file = write(*rows, b"{", *[line(f"after {n}") for n in range(40)], b"{")
    ran = Ran(file, strict=True, batch=3, processes=2)
    assert ran.failure == f"{file}:21: stopped at the first bad line, as asked"
    assert f"Stored up to {file}:18." in ran.said
    assert "Lines         21 read" in ran.said
    assert Interaction.objects.in_project(maple).count() == 18


def test_a_damaged_gzip_keeps_the_lines_before_it_and_fails(maple: Project, write: Write) -> None:
    file = write(*[line(f"{n}" * 200) for n in range(3000)], packed=True)
    file.write_bytes(file.read_bytes()[:-500])
    ran = Ran(file, batch=50, processes=2)
    assert "cannot be read after line" in ran.failure
    stored = Interaction.objects.in_project(maple).count()
    assert 0 < stored < 3000
    assert f"Stored up to {file}:{stored}." in ran.said


def test_a_process_that_dies_ends_the_import_and_a_second_run_completes_it(
    maple: Project, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Processes.put

    def put_and_kill(self: Processes, checked: CheckedBatch, ruling: Ruling) -> None:
        put(self, checked, ruling)
        if checked.n == 7:
            self.workers[0].process.kill()

    file = write(*[line(str(n)) for n in range(200)])
    with monkeypatch.context() as during:
        during.setattr(Processes, "put", put_and_kill)
        ran = Ran(file, batch=5, processes=2)
    assert "a process of this import was killed by signal 9" in ran.failure
    stored = Interaction.objects.in_project(maple).count()
    counted = int(ran.said.split("Interactions")[1].split()[0])
    assert 0 < counted <= stored < 200
    names = set(Interaction.objects.in_project(maple).values_list("body__completion", flat=True))
    # Not said where the first batch was with the one that died.
    up_to = re.search(r"Stored up to .*:(\d+)\.", ran.said)
    assert {str(n) for n in range(int(up_to[1]) if up_to else 0)} <= names
    again = Ran(file, batch=5, processes=2)
    assert f"{200 - stored} stored, {stored} already there" in again.said
    assert Interaction.objects.in_project(maple).count() == 200


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """Have the database refuse the interaction called `name`."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE interaction ADD CONSTRAINT no CHECK (external_id <> '{name}')")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE interaction DROP CONSTRAINT no")


def test_what_the_database_refuses_ends_the_import_with_its_reason(
    maple: Project, write: Write
) -> None:
    file = write(*[line(str(n), external_id=f"n{n}") for n in range(100)])
    with refusing("n47"), pytest.raises(IntegrityError, match='violates check constraint "no"'):
        Ran(file, batch=5, processes=2)
    rows = Interaction.objects.in_project(maple)
    assert not rows.filter(external_id__in=[f"n{n}" for n in range(45, 50)]).exists()
    assert rows.filter(external_id__in=[f"n{n}" for n in range(45)]).count() == 45
    assert "already there" in Ran(file, batch=5, processes=2).said
    assert rows.count() == 100


class Impatient:
    """Presses Ctrl-C at a line."""

    def __init__(self, at: int) -> None:
        self._left = at

    def reading(self, file: JsonLines) -> None:
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt

    def surveying(self, name: str) -> None:
        """Nobody is told."""

    def bad_line(self, place: str, fault: Exception) -> None:
        """Nobody is told."""


def test_ctrl_c_is_not_for_the_processes_though_the_terminal_tells_them_too(
    maple: Project, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Processes.put

    def put_and_interrupt(self: Processes, checked: CheckedBatch, ruling: Ruling) -> None:
        for worker in self.workers:
            os.kill(worker.process.pid or 0, signal.SIGINT)
        put(self, checked, ruling)

    monkeypatch.setattr(Processes, "put", put_and_interrupt)
    monkeypatch.setattr(Processes, "are_ready", ARE_READY)
    rows = [line(str(n)) for n in range(2000)]
    assert "2,000 stored" in Ran(write(*rows), batch=20, processes=2).said


def test_ctrl_c_finishes_and_counts_what_is_being_stored(maple: Project, write: Write) -> None:
    file = str(write(*[line(str(n)) for n in range(300)]))
    run = Import(maple, [file], watcher=Impatient(150), batch_size=5, processes=2)
    with pytest.raises(KeyboardInterrupt):
        run.run()
    stored = Interaction.objects.in_project(maple).count()
    assert 0 < stored < 150
    assert run.tally.done.interactions == stored
    assert run.tally.done.up_to == f"{file}:{stored}"


def test_what_keeps_a_process_from_starting_is_told() -> None:
    process = ImportProcess(Project(id=10**9), by=None, strict=False)
    try:
        with pytest.raises(Project.DoesNotExist):
            while not process.is_ready():
                time.sleep(0.05)
    finally:
        process.close()
