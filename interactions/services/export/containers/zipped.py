"""A zip: a folder for each split, the images beside, and a card that describes it.

Lines with images go the way of Hugging Face's `imagefolder`: `train/metadata.jsonl` beside
`train/images/`. Others are `train/data.jsonl`, Parquet is `train/data.parquet`. ShareGPT and
Alpaca have `images/` beside the folders: LLaMA-Factory looks for them from there.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import orjson

from adaptive_site.lib.errors import NotFound
from interactions.models import DatasetItem
from interactions.services.export.containers import card, parquet
from interactions.services.export.containers.output import Output
from interactions.services.export.lines import Container
from interactions.services.export.making import LineMaker, Tally, picture
from interactions.services.images import store

FOLDER_COLUMN = "images_file_names"
METADATA, DATA = "metadata.jsonl", "data.jsonl"
IMAGE_COLUMNS = (FOLDER_COLUMN, "images")
CHUNK_BYTES = 256 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file in it, so that the same records make the same zip

FilledLines = Mapping[str, Callable[..., Iterator[bytes]]]


def pack(maker: LineMaker, tally: Tally, lines: FilledLines) -> Iterator[bytes]:
    """The zip; `lines` are by split, or under "" those of the one split chosen."""
    made = _Zip(maker, tally)
    there = {name or maker.choices.split: (name, some) for name, some in lines.items()}
    for split in DatasetItem.Split.values:
        if split in there:
            name, some = there[split]
            has_images = FOLDER_COLUMN in tally.shape.known.get(name, {})
            yield from made.add_split(split, some, has_images=has_images)
    yield from made.finish()


@dataclass
class _Zip:
    """A zip being written; `files` are those with the lines, by split."""

    maker: LineMaker
    tally: Tally
    files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._output = Output()
        self._zip = ZipFile(self._output, "w")

    def add_split(
        self, split: str, filled: Callable[..., Iterator[bytes]], *, has_images: bool
    ) -> Iterator[bytes]:
        """Add the lines of a split, and their images.

        A split without any, beside others that have some, is a file without a column for them:
        `imagefolder` does not take it.
        """
        if self.maker.choices.container is Container.PARQUET:
            yield from self._add_parquet(split, filled())
            return
        column = next((one for one in IMAGE_COLUMNS if one in self.tally.shape.members), None)
        is_folder = column == FOLDER_COLUMN and has_images
        lines = filled(by_line=column is not None)
        if column == FOLDER_COLUMN and not has_images:
            lines, column = map(_without_images, lines), None
        name = self.files[split] = f"{split}/{METADATA if is_folder else DATA}"
        images: dict[str, None] = {}
        with self._zip.open(_info(name, ZIP_DEFLATED), "w", force_zip64=True) as file:
            for line in lines:
                if column is not None:
                    images.update(dict.fromkeys(orjson.loads(line)[column]))
                file.write(line)
                yield from self._output.take(at_least=CHUNK_BYTES)
        for path in images:
            yield from self._add_image(path, f"{split}/{path}" if is_folder else path)

    def _add_parquet(self, split: str, lines: Iterator[bytes]) -> Iterator[bytes]:
        name = self.files[split] = f"{split}/data.parquet"
        inside = Output()
        project, shape = self.maker.source.project, self.tally.shape
        with self._zip.open(_info(name, ZIP_STORED), "w", force_zip64=True) as file:
            for part in parquet.pack(project, lines, shape, inside):
                file.write(part)
                yield from self._output.take()

    def _add_image(self, path: str, name: str) -> Iterator[bytes]:
        image = picture(self.maker.source.project, sha256_of(path))
        if image is None or name in self._zip.NameToInfo:  # as another split has it
            return
        try:
            self._add(name, store.read(image), ZIP_STORED)
        except NotFound:  # the storage has lost it: the loader says so by its name
            return
        yield from self._output.take()

    def _add(self, name: str, data: bytes, how: int = ZIP_DEFLATED) -> None:
        self._zip.writestr(_info(name, how), data)

    def finish(self) -> Iterator[bytes]:
        """Add what describes the files, and the directory of the zip."""
        made = card.DatasetCard(self.maker, self.tally, self.files)
        self._add("README.md", made.readme.encode())
        if info := made.dataset_info:
            self._add("dataset_info.json", json.dumps(info, indent=2).encode() + b"\n")
        self._zip.close()
        yield from self._output.take()


def sha256_of(path: str) -> str:
    """The hash in the name of an image's file.

    >>> sha256_of("images/ab12.png")
    'ab12'
    """
    return path.removeprefix("images/").partition(".")[0]


def _without_images(line: bytes) -> bytes:
    made = orjson.loads(line)
    made.pop(FOLDER_COLUMN, None)
    return orjson.dumps(made, option=orjson.OPT_APPEND_NEWLINE)


def _info(name: str, how: int) -> ZipInfo:
    info = ZipInfo(name, _EPOCH)
    info.compress_type = how
    info.external_attr = 0o644 << 16
    return info
