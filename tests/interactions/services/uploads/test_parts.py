"""Files that come in parts: in any order, again, broken off, given up, of others."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from adaptive_site.lib.errors import Invalid, NotFound, TooLarge
from interactions.models import Upload
from interactions.services.uploads import parts
from interactions.services.uploads.reader import open_upload
from projects.models import ApiKey, Project, User
from projects.services.access import Caller, identify
from tests import make

pytestmark = pytest.mark.usefixtures("empty_storage")


def sent(by: User, *pieces: bytes) -> Upload:
    """An upload whose parts are here."""
    upload = parts.begin(by, total_parts=len(pieces), name="file.jsonl")
    for number, piece in enumerate(pieces, 1):
        upload = parts.put(upload, number, piece)
    return upload


def files(directory: Path) -> list[str]:
    """The files of the storage."""
    return sorted(path.name for path in directory.rglob("*") if path.is_file())


def take(by: User, id: UUID) -> Upload:
    """For a dataset of a project."""
    project = Project.objects.filter(key="taking").first() or make.make_project("taking", owner=by)
    return parts.take(Caller(by), id, project=project)


def test_what_a_narrowed_key_begins_is_for_that_key_until_a_project_has_it(
    alice: User, project: Project
) -> None:
    other = make.make_project("other", owner=alice)
    callers: dict[Project | None, Caller] = {}
    for place in (project, other):
        secret = make.make_key(alice)
        key = ApiKey.objects.filter(user=alice).latest("id")
        ApiKey.objects.filter(pk=key.pk).update(is_for_every_project=False)
        key.projects.set([place])
        callers[place] = identify(f"Bearer {secret}")
    callers[None] = Caller(alice)
    mine = parts.begin(alice, total_parts=1, key=callers[project].narrowed_by)
    for elsewhere in (other, None):
        with pytest.raises(NotFound):
            parts.known_to_api(callers[elsewhere], mine.id)
    of_user = parts.begin(alice, total_parts=1, key=callers[None].narrowed_by)
    with pytest.raises(NotFound):
        parts.known_to_api(callers[project], of_user.id)
    parts.put(mine, 1, b"x")
    with pytest.raises(NotFound):
        parts.take(callers[other], mine.id, project=other)
    assert parts.take(callers[project], mine.id, project=project).project == project
    assert parts.known_to_api(callers[None], mine.id) == mine
    with pytest.raises(NotFound):
        parts.known_to_api(callers[other], mine.id)


def test_parts_in_any_order_are_one_file(alice: User) -> None:
    upload = parts.begin(alice, total_parts=3, size=9, metadata={"a": 1})
    parts.put(upload, 3, b"ij")
    parts.put(upload, 1, b"abcd")
    upload = parts.put(upload, 2, [b"e", b"fg"])
    assert (upload.parts, upload.received, upload.is_whole) == ([1, 2, 3], 9, True)
    with open_upload(take(alice, upload.id)) as file:
        assert file.read() == b"abcdefgij"
        assert file.seek(-4, io.SEEK_END) == 5
        assert file.read(3) == b"fgi"
        file.seek(2)
        assert file.read(4) == b"cdef"


def test_a_part_sent_again_takes_the_place_of_the_first(alice: User, empty_storage: Path) -> None:
    upload = sent(alice, b"first", b"second")
    upload = parts.put(upload, 1, b"1")
    assert (upload.parts, upload.received) == ([1, 2], 7)
    assert files(empty_storage) == ["00001", "00002"]
    with open_upload(upload) as file:
        assert file.readlines() == [b"1second"]


def test_a_part_that_breaks_off_is_not_there(alice: User, empty_storage: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"some"
        raise ConnectionError

    upload = parts.begin(alice, total_parts=2)
    for number in (1, 2):
        parts.put(upload, 1, b"a")
        with pytest.raises(ConnectionError):  # of part 1 there is the first already
            parts.put(upload, number, broken())
    now = parts.known(alice, upload.id)
    assert (now.parts, now.received, parts.missing(now)) == ([1], 1, [2])
    assert files(empty_storage) == ["00001"]
    with pytest.raises(Invalid, match=r"1 of 2 parts are here; part 2 is missing"):
        take(alice, upload.id)


def test_a_part_sent_twice_at_once_is_whole_whichever_ends_first(
    alice: User, empty_storage: Path
) -> None:
    upload = parts.begin(alice, total_parts=1)

    def overtaken(end: bytes | None) -> Iterator[bytes]:
        yield b"fi"
        parts.put(upload, 1, b"second")
        if end is None:
            raise ConnectionError
        yield end

    with pytest.raises(ConnectionError):
        parts.put(upload, 1, overtaken(None))
    with open_upload(upload) as file:
        assert file.read() == b"second"
    now = parts.put(upload, 1, overtaken(b"rst"))
    assert (now.parts, now.received, files(empty_storage)) == ([1], 5, ["00001"])


def test_a_part_that_comes_after_the_upload_was_taken_changes_nothing(
    alice: User, empty_storage: Path
) -> None:
    upload = parts.begin(alice, total_parts=1)

    def late() -> Iterator[bytes]:
        yield b"late"
        parts.put(upload, 1, b"in time")
        take(alice, upload.id)

    with pytest.raises(NotFound):
        parts.put(upload, 1, late())
    with open_upload(upload) as file:
        assert file.read() == b"in time"
    assert files(empty_storage) == ["00001"]


def test_empty_parts_are_passed_over(alice: User) -> None:
    with open_upload(sent(alice, b"", b"ab", b"", b"c", b"")) as file:
        assert file.read() == b"abc"


@pytest.mark.parametrize("total", [0, -1, 10_001])
def test_numbers_of_parts_are_bounded(alice: User, total: int) -> None:
    with pytest.raises(Invalid, match="total_parts_count"):
        parts.begin(alice, total_parts=total)


def test_only_parts_that_were_announced_come_in(alice: User) -> None:
    upload = parts.begin(alice, total_parts=2)
    for number in (0, 3):
        with pytest.raises(Invalid, match="part_number: expected a number from 1 to 2"):
            parts.put(upload, number, b"")


def test_a_part_too_large_leaves_nothing(
    alice: User, empty_storage: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "MAX_PART_BYTES", 10)
    upload = parts.begin(alice, total_parts=2)
    with pytest.raises(TooLarge):
        parts.put(upload, 1, [b"123456", b"78901"])
    settings.MAX_UPLOAD_BYTES = 15
    parts.put(upload, 1, b"1234567890")
    parts.put(upload, 1, b"1234567890")  # in the place of the first, not beside it
    with pytest.raises(TooLarge, match="under way"):
        parts.put(upload, 2, b"123456")
    with pytest.raises(TooLarge):
        parts.begin(alice, total_parts=2, size=16)
    assert files(empty_storage) == ["00001"]


def test_a_size_that_was_told_must_be_right(alice: User) -> None:
    upload = parts.begin(alice, total_parts=1, size=4)
    parts.put(upload, 1, b"abc")
    with pytest.raises(Invalid, match="3 bytes came, where 4 were told"):
        take(alice, upload.id)


def test_another_persons_upload_is_not_there(alice: User, charlie: User) -> None:
    upload = sent(alice, b"a")
    for act in (parts.known, take):
        with pytest.raises(NotFound):
            act(charlie, upload.id)
    parts.abort(charlie, upload.id)
    assert parts.known(alice, upload.id).is_whole
    with pytest.raises(NotFound):
        parts.known(alice, uuid4())


def test_an_upload_is_used_once(alice: User) -> None:
    upload = sent(alice, b"a")
    take(alice, upload.id)
    with pytest.raises(Invalid, match="used already"):
        take(alice, upload.id)
    with pytest.raises(NotFound):
        parts.put(upload, 1, b"b")
    parts.abort(alice, upload.id)  # too late: its parts are somebody's now
    with open_upload(upload) as file:
        assert file.read() == b"a"


def test_what_is_given_up_leaves_no_file(
    alice: User,
    empty_storage: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    upload = sent(alice, b"a", b"b")
    with django_capture_on_commit_callbacks(execute=True):
        parts.abort(alice, upload.id)
        parts.abort(alice, upload.id)
    assert not files(empty_storage)
    assert not list((empty_storage / "uploads").iterdir())
    with pytest.raises(NotFound):
        parts.put(upload, 1, b"a")
    assert not files(empty_storage)


def test_what_nobody_finishes_expires(
    alice: User,
    empty_storage: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    old, new, taken = sent(alice, b"a"), sent(alice, b"b"), sent(alice, b"c")
    take(alice, taken.id)
    for upload in (old, taken):
        upload.refresh_from_db()
        upload.created_at -= timedelta(days=4)
        upload.save()
    with django_capture_on_commit_callbacks(execute=True):
        assert parts.expire_some() == 1
    assert set(Upload.objects.values_list("id", flat=True)) == {new.id, taken.id}
    assert len(files(empty_storage)) == 2


def test_a_whole_upload_may_be_kept_from_changing_while_it_is_read(alice: User) -> None:
    upload = parts.begin(alice, total_parts=2)
    parts.put(upload, 1, b"one", keeps_whole=True)
    parts.put(upload, 1, b"One", keeps_whole=True)
    parts.put(upload, 2, b"two", keeps_whole=True)
    whole = parts.put(upload, 1, b"another", keeps_whole=True)
    assert (whole.received, whole.is_whole) == (6, True)
    with open_upload(whole) as file:
        assert file.read() == b"Onetwo"
