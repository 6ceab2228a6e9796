"""Zips as exports of training files make them: a folder for each split, and images beside.

The lines of all splits are read, one split after the other, with the images in their messages.
"""

import io
import re
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from typing import BinaryIO, cast

from adaptive_site.lib.errors import Invalid, TooLarge
from interactions.services.importing.jsonl import MAX_LINE
from interactions.services.importing.readers import json_lines
from interactions.services.importing.readers.image_places import IMAGES, with_images
from interactions.services.importing.readers.records import FileRecord
from interactions.services.importing.readers.unpacking import is_data, measured

_SPLITS = ("train", "validation", "test")
# `train.jsonl` is how they were called until December 2026.
_LINES = re.compile(rf"({'|'.join(_SPLITS)})(/(metadata|data))?\.jsonl")


def has_splits(archive: zipfile.ZipFile) -> bool:
    """Whether the archive holds lines by split, and nothing else but what stands beside them."""
    names = [entry.filename for entry in archive.infolist() if is_data(entry)]
    return bool(names) and all(_LINES.fullmatch(name) for name in names)


def records(archive: zipfile.ZipFile, size: int) -> Iterator[FileRecord]:
    """The records of all splits; `size` is how many bytes the archive has."""
    entries = [entry for entry in archive.infolist() if is_data(entry)]
    entries.sort(key=lambda entry: _SPLITS.index(re.split(r"[/.]", entry.filename)[0]))
    before = number = 0
    for entry in entries:
        folder = entry.filename.rpartition("/")[0]
        with archive.open(entry) as inside:
            for record in json_lines.records(measured(cast(BinaryIO, inside), size)):
                number = before + record.number
                yield _whole(archive, folder, record, number)
        before = number


def _whole(archive: zipfile.ZipFile, folder: str, record: FileRecord, number: int) -> FileRecord:
    """The record with its images; one that lacks some has a fault."""
    record.number = number
    value = record.value
    names = next((value[name] for name in IMAGES if name in value), None) if value else None
    if value is None or names is None:
        return record
    try:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise Invalid("expected names of files", field="images")
        record.value = with_images(value, list(_read(archive, folder, names)))
    except (Invalid, TooLarge) as fault:
        record.value, record.fault = None, fault
    return record


def _read(archive: zipfile.ZipFile, folder: str, names: list[str]) -> Iterator[str]:
    """The images as data URIs; their kind is told by their bytes, later."""
    left = MAX_LINE
    for name in names:
        found = archive.NameToInfo.get(f"{folder}/{name}") or archive.NameToInfo.get(name)
        if found is None:
            raise Invalid(f"the archive has no {name[:200]}", field="images")
        left -= found.file_size
        if left < 0:
            said = f"expected at most {MAX_LINE >> 20} MB of images in a record"
            raise TooLarge(said, field="images")
        with archive.open(found) as file:
            data = io.BufferedReader(cast(io.RawIOBase, file)).read(found.file_size)
        yield (
            f"data:image/{name.rpartition('.')[2].replace('jpg', 'jpeg')};base64,"
            + b64encode(data).decode()
        )
