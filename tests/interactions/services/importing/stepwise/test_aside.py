"""Large imports are done in a process beside the worker; each piece counts once all the same."""

import pytest

from interactions.models import Interaction, Job
from interactions.services.importing import pieces, preview
from interactions.services.importing.piece_storing import StoredPiece
from interactions.services.importing.stepwise import aside, file_work
from interactions.services.importing.stores import StoredCounts
from interactions.services.jobs import begin, queue
from projects.models import Project, User
from projects.services.access import Caller
from tests.interactions import importing_files as files

pytestmark = pytest.mark.usefixtures("empty_storage")


def _lines(n: int) -> bytes:
    asked = [{"role": "user", "content": "Which?"}]
    return files.lines(
        *({"messages": asked, "completion": f"{k % (n - 1)}"} for k in range(n)), {"messages": 1}
    )


@pytest.fixture
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "LARGE_BYTES", 0)
    monkeypatch.setattr(aside, "LARGE_PIECES", 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("all_are_large")
def test_a_large_file_comes_in_by_another_process(project: Project, alice: User) -> None:
    made = files.upload(project, alice, _lines(1200))
    job = files.run(project, alice, made, dry_run=True)
    assert (job.state, files.counts(job)) == (Job.State.DONE, (1200, 0, 1))
    job = files.run(project, alice, made)
    assert (job.state, job.error) == (Job.State.DONE, "")
    assert files.counts(job) == (1200, 0, 1)
    assert Interaction.objects.in_project(project).count() == 1200
    assert aside._pool is None


def test_a_piece_that_another_worker_has_stored_is_not_counted_again(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = files.upload(project, alice, _lines(20))
    job = begin.begin(
        project, Job.Kind.IMPORT, preview.start_of(made).guess.arguments, caller=Caller(alice)
    )
    queue.do_some()
    do = file_work.advance

    def done_twice(*arguments: object) -> bool:
        Job.objects.in_project(project).filter(id=job.id).update(cursor={"stage": "storing"})
        return do(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(file_work, "advance", done_twice)
    with pytest.raises(file_work.TakenOver):
        aside.work(project.id, job.id, 0)


@pytest.mark.django_db(transaction=True)
def test_pieces_stored_two_at_once_count_once_each(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "LINES_PER_PIECE", 10)
    bad: list[dict[str, object]] = [{"messages": []}] * 3
    data = files.lines(*bad) + _lines(95)
    made = files.upload(project, alice, data)
    job = begin.begin(
        project, Job.Kind.IMPORT, preview.start_of(made).guess.arguments, caller=Caller(alice)
    )
    while job.cursor.get("stage") != "storing":
        queue.do_some()
        job.refresh_from_db()
    nothing = StoredPiece(StoredCounts(), [], set(), set())
    file_work.count(job, 2, pieces.FilePiece(), nothing)
    job.save()  # as if another had stored the second piece, and nothing was in it
    assert not aside.work(project.id, job.id, 0)
    assert aside.work(project.id, job.id, 60)
    job.refresh_from_db()
    assert job.cursor["piece"] == 11 and not job.cursor["stored"]
    assert files.counts(job) == (85, 0, 4)
    assert [number for number, _ in files.refused(job)] == [1, 2, 3, 99]
    assert Interaction.objects.in_project(project).count() == 85
