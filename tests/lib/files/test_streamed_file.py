"""Files whose bytes are made while they are saved."""

import hashlib
from pathlib import Path

import pytest

from adaptive_site.lib.files.media import WholeFileStorage
from adaptive_site.lib.files.streamed_file import StreamedFile

PARTS = [b"one", b"", b"two" * 10, b"3"]
WHOLE = b"".join(PARTS)


def test_it_is_saved_and_knows_its_length_and_hash(tmp_path: Path) -> None:
    file = StreamedFile(iter(PARTS))
    name = WholeFileStorage(str(tmp_path)).save("a/b", file)
    assert (tmp_path / name).read_bytes() == WHOLE
    assert (file.length, file.sha256) == (len(WHOLE), hashlib.sha256(WHOLE).hexdigest())


def test_it_is_read_in_pieces_of_any_length() -> None:
    file = StreamedFile(iter(PARTS))
    assert [file.read(4), file.read(4), file.read(), file.read(4)] == [
        WHOLE[:4],
        WHOLE[4:8],
        WHOLE[8:],
        b"",
    ]


def test_one_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    def failing() -> object:
        yield b"one"
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        WholeFileStorage(str(tmp_path)).save("a", StreamedFile(failing()))  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
