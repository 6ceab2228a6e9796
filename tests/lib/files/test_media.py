"""Files get their names only when they are whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from adaptive_site.lib.files.media import WholeFileStorage, rename


class Interrupted(ContentFile):  # type: ignore[type-arg]  # takes none when it runs
    """A file whose bytes stop coming."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"the first half"
        raise KeyboardInterrupt


def test_what_was_interrupted_leaves_nothing(tmp_path: Path) -> None:
    storage = WholeFileStorage(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        storage.save("a/b/c.png", Interrupted(b""))
    assert not storage.exists("a/b/c.png")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_file_has_another_name_until_it_is_whole(tmp_path: Path) -> None:
    storage = WholeFileStorage(tmp_path)
    seen: list[str] = []

    class Watched(ContentFile):  # type: ignore[type-arg]  # takes none when it runs
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            seen.extend(path.name for path in (tmp_path / "a").iterdir())
            yield b"whole"

    assert storage.save("a/c.png", Watched(b"")) == "a/c.png"
    assert len(seen) == 1
    assert seen[0].endswith(".unfinished")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["c.png"]
    assert (tmp_path / "a" / "c.png").read_bytes() == b"whole"


def test_a_name_that_is_taken_leads_to_another_as_in_django(tmp_path: Path) -> None:
    storage = WholeFileStorage(tmp_path)
    assert storage.save("c.txt", ContentFile(b"one")) == "c.txt"
    assert storage.save("c.txt", ContentFile("two")) != "c.txt"
    assert (tmp_path / "c.txt").read_bytes() == b"one"


def test_nobody_else_may_read_the_sites_files(empty_storage: Path) -> None:
    empty_storage.rmdir()
    default_storage.save("images/1/ab/c.png", ContentFile(b"x"))
    assert (empty_storage / "images/1/ab/c.png").stat().st_mode & 0o777 == 0o600
    for directory in ("", "images", "images/1", "images/1/ab"):
        assert (empty_storage / directory).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "backend",
    ["adaptive_site.lib.files.media.WholeFileStorage", "django.core.files.storage.InMemoryStorage"],
)
def test_a_renamed_file_takes_the_place_of_another(
    settings: Settings, tmp_path: Path, backend: str
) -> None:
    options = {"location": str(tmp_path)}
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": options}}
    for name in ("a/old", "a/new"):
        default_storage.save(name, ContentFile(name.encode()))
    rename("a/new", "a/old")
    assert default_storage.listdir("a")[1] == ["old"]
    with default_storage.open("a/old") as file:
        assert file.read() == b"a/new"
