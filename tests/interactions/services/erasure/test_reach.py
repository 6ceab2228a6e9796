"""What erasure reaches beside the project: uploads to none, packed files, backups, other rights."""

import gzip
import json
import socket
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

import pytest

from interactions.models import (
    Dataset,
    DatasetItem,
    ErasureRecord,
    Interaction,
    Job,
    TakenBackup,
    Upload,
)
from interactions.services.datasets import batches, create, items
from interactions.services.erasure import file_texts
from interactions.services.erasure.backups import ledger
from interactions.services.erasure.sought_words import SoughtWords
from interactions.services.jobs import erasures, erasures_again, queue
from interactions.services.training.from_interactions import Chosen, records
from interactions.services.uploads import parts
from projects.models import Event, Project, Role, User
from projects.services.access import DELETE, READ, Caller
from tests import make
from tests.interactions.services.erasure.everywhere import places_with

pytestmark = pytest.mark.django_db
WORDS = SoughtWords.of("Zara Zebrafink")
SAID = json.dumps({"messages": [{"role": "user", "content": "I am Zara Zebrafink " * 9}]}).encode()


def uploaded(by: User, *pieces: bytes, project: Project | None = None) -> Upload:
    upload = parts.begin(by, total_parts=len(pieces), project=project, name="said.jsonl")
    for number, piece in enumerate(pieces, 1):
        parts.put(upload, number, piece)
    return upload


def erase(project: Project, by: User, words: SoughtWords = WORDS, **named: object) -> Job:
    job = erasures.begin(project, caller=Caller(by), words=words, **named)  # type: ignore[arg-type]
    return queue.do_all(job)


def test_uploads_to_no_project_are_reached_by_who_may(
    project: Project, alice: User, bob: User, charlie: User, empty_storage: Path
) -> None:
    packed = gzip.compress(SAID)
    mine = uploaded(alice, packed[:50], packed[50:])  # neither part can be unpacked alone
    bobs, charlies = uploaded(bob, SAID), uploaded(charlie, SAID)
    job = erase(project, alice)
    assert set(Upload.objects.values_list("id", flat=True)) == {bobs.id, charlies.id}
    assert not default_exists(empty_storage, mine)
    assert "1 uploads of other people, to no project, were not looked into" in job.result["words"]
    root = User.objects.create_superuser("root@example.org", "x", name="Root")
    job = erase(project, root)
    assert not Upload.objects.exists()
    assert (job.result["left"], places_with(empty_storage, "zebrafink")) == ([], [])


def default_exists(folder: Path, upload: Upload) -> bool:
    return any((folder / upload.part_path(1)).parent.glob("*"))


def test_an_upload_that_a_job_of_the_project_took_is_the_projects(
    project: Project, alice: User, bob: User, empty_storage: Path
) -> None:
    taken = uploaded(bob, SAID)
    now = datetime.now(UTC)
    Job.objects.create(
        project=project, kind=Job.Kind.UPLOAD, arguments={"upload": str(taken.id), "name": "A"},
        created_by=bob, created_at=now, next_at=now, state=Job.State.DONE,
    )  # fmt: skip
    erase(project, alice)
    assert not Upload.objects.exists()


def test_parquet_is_looked_into_and_taken_to_hold_it_where_it_cannot_be(
    empty_storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrow, parquet = map(pytest.importorskip, ("pyarrow", "pyarrow.parquet"))

    def stored(name: str, *said: str) -> str:
        made = BytesIO()
        parquet.write_table(arrow.table({"said": list(said)}), made, compression="snappy")
        (empty_storage / name).write_bytes(made.getvalue())
        with ZipFile(empty_storage / f"{name}.zip", "w") as archive:
            archive.writestr("inside.parquet", made.getvalue())
        return name

    with_it = stored("with", "I am", "Zara Zebrafink")
    without = stored("without", "I am", "somebody else")
    for ending in ("", ".zip"):
        assert file_texts.holds(f"{with_it}{ending}", set(), WORDS)
        assert not file_texts.holds(f"{without}{ending}", set(), WORDS)
    monkeypatch.setattr(file_texts, "parquet", None)
    assert file_texts.holds(without, set(), WORDS)
    (empty_storage / "broken").write_bytes(b"PAR1 and nothing")
    monkeypatch.undo()


def test_who_has_the_rights_goes_on_with_what_was_left_for_want_of_them(
    project: Project, alice: User, bob: User
) -> None:
    Role.objects.filter(key="editor").update(permissions=["project:read", READ, DELETE])
    one = make.make_interaction(project, "I am Zara Zebrafink")
    job = erasures.begin(project, caller=Caller(bob), words=WORDS, ids=[one.id])
    made = create.create(project, by=alice, name="Customers", kind=Dataset.Kind.COMPLETION)
    batch = batches.begin(made, "selection", by=alice, recipe={})
    items.add(made, records(project, [Chosen(one.id)], kind=made.kind), batch=batch)
    batches.finish(batch)
    job = queue.do_all(job)
    assert (job.state, "project:manage" in job.error) == (Job.State.FAILED, True)
    queue.retry(job, by=alice)
    job.refresh_from_db()
    job = queue.do_all(job)
    assert (job.state, job.error, job.result["left"]) == (Job.State.DONE, "", [])
    assert not DatasetItem.objects.in_project(project).exists()


def test_what_a_restore_brings_back_is_erased_again(
    project: Project, alice: User, empty_storage: Path, tmp_path: Path
) -> None:
    """The report names the backups, and the record is beside the one that is at hand."""
    said = "I am Zara Zebrafink"
    one, other = make.make_interaction(project, said), make.make_interaction(project)
    backup = tmp_path / "site.backup"
    backup.write_bytes(b"a dump")
    before = datetime.now(UTC) - timedelta(hours=1)
    for place in (ledger.place_of(backup), "elsewhere:/backups/site.backup"):
        TakenBackup.objects.create(uuid=uuid4(), taken_at=before, place=place, size=6)
    assert ledger.place_of(backup).startswith(f"{socket.gethostname()}:")
    job = erase(project, alice, ids=[one.id])
    assert "2 of them are known." in job.result["words"]
    assert "beside 1 of them" in job.result["words"]
    assert not any("elsewhere" in line for line, _ in job.result["lines"])  # no administrator
    beside = tmp_path / "site.backup.erasures"
    assert beside.stat().st_mode & 0o777 == 0o600
    record = json.loads(beside.read_text())
    assert (record["uuid"], record["ids"]) == (str(job.uuid), [str(one.id)])
    assert "zebrafink" not in beside.read_text().lower()
    assert erasures_again.take_up() == 0  # the database knows of it

    # As the backup had it.
    ErasureRecord.objects.all().delete()
    back = make.make_interaction(project, said)
    Interaction.objects.filter(id=back.id).update(id=one.id)
    for path in (empty_storage / "erasures").iterdir():
        path.unlink()
    assert erasures_again.take_up() == 0
    assert ledger.take_over(backup) == 1

    assert (erasures_again.take_up(), erasures_again.take_up()) == (1, 0)
    again = Job.objects.in_project(project).under_way().get()
    assert again.created_by == alice
    queue.do_all(again)
    left = Interaction.objects.in_project(project).values_list("id", flat=True)
    assert list(left) == [other.id]
    assert Event.objects.filter(verb="interactions.erasure_again").count() == 1
    (due,) = erasures_again.due(project)
    assert len(due.word_digests) == 1
    erase(project, alice, SoughtWords.of("somebody"))
    assert erasures_again.due(project) == [due]
    erase(project, alice, SoughtWords.of("ZARA zebrafink"))
    assert erasures_again.due(project) == []
