"""The lines of a file, made of the records of a source, and what was left out, counted."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import NotFound
from interactions.models import Image
from interactions.services.export.choices import INLINE, FileChoices
from interactions.services.export.lines import LeftOut, LineOptions
from interactions.services.export.record_source import RecordSource
from interactions.services.export.shape import Shape
from interactions.services.images import store
from interactions.services.training.record import EVERYTHING, TrainingRecord
from projects.models import Project

GONE = "an interaction has been deleted"
_PICTURES_KNOWN = 1_000

BYTES_AT_ONCE = 256 * 1024  # of lines, which may hold images

# Which file some lines belong in, where a file has one for each split, else ""; and the lines.
SplitLines = tuple[str, bytearray]


@dataclass(slots=True)
class Tally:
    """What came of the places of a source: lines by file, records left out by reason.

    `sizes` are the bytes of the lines, and `good` is how many have a true label. `elsewhere` are
    the records of splits that were not asked for.
    """

    places: int = 0
    elsewhere: int = 0
    written: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    good: int = 0
    shape: Shape = field(default_factory=Shape)

    @property
    def bad(self) -> int:
        """How many lines have a label that is not true; of formats with labels."""
        return self.lines - self.good

    @property
    def weights(self) -> str:
        """The weight that KTO's trainer needs where good and bad are far apart; "" where not.

        Its own advice is a ratio of the weighted numbers between 1 and 4/3.
        """
        if not self.good or not self.bad or self.bad <= self.good <= self.bad * 4 / 3:
            return ""
        is_more = self.good > self.bad
        name = "undesirable_weight" if is_more else "desirable_weight"
        weight = self.good / self.bad if is_more else self.bad / self.good
        return f"{name}={weight:.2f}"

    @property
    def lines(self) -> int:
        """How many lines were made."""
        return self.written.total()

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why records were left out, the most frequent reason first."""
        return self.left_out.most_common()

    @property
    def said(self) -> dict[str, Any]:
        """The tally as JSON, for `of`."""
        return {
            "places": self.places,
            "elsewhere": self.elsewhere,
            "written": dict(self.written),
            "sizes": dict(self.sizes),
            "left_out": dict(self.left_out),
            "good": self.good,
            "shape": self.shape.said,
        }

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        """The tally that `said` tells of."""
        return cls(
            said["places"],
            said["elsewhere"],
            Counter(said["written"]),
            Counter(said["sizes"]),
            Counter(said["left_out"]),
            said["good"],
            Shape.of(said["shape"]),
        )


class LineMaker:
    """Makes the lines of one file, as was chosen; `address` says where an image of ours is.

    For a look at what they will be, `is_look`, no image is read. `image_bytes` is what the images
    add to the lines; `first` has the records of the first `keeps` lines.
    """

    def __init__(
        self,
        source: RecordSource,
        choices: FileChoices,
        address: Callable[[Image], str],
        *,
        is_look: bool = False,
        keeps: int = 0,
    ) -> None:
        self.source, self.choices, self.image_bytes = source, choices, 0
        self.first: list[TrainingRecord] = []
        self._keeps = keeps
        self._pictures: dict[str, Image] = {}
        self._format = choices.training_format
        self._has_files_by_split = choices.has_files_by_split
        self._beside = EVERYTHING if choices.with_extras else self._format.beside
        inline = _shortened if is_look else _inline
        are_inline = choices.images == INLINE and self._format.has_inline_images
        self._options = LineOptions(
            kind=source.kind,
            container=choices.container,
            picture=self._picture,
            image_url=inline if are_inline else address,
            metric=choices.metric,
            threshold=choices.threshold,
            with_extras=choices.with_extras,
        )

    def lines(
        self, tally: Tally, *, start: int = 0, stop: int | None = None
    ) -> Iterator[SplitLines]:
        """The lines of the records in these places, some at a time, with the file they belong in.

        They are not all alike yet: `tally.shape` says what they have to be filled up to. `tally`
        knows of what has been given out.
        """
        end = self.source.count() if stop is None else stop
        # Joined at once: as it is made, a short line holds 8 KB.
        read, waiting, size = 0, dict[str, bytearray](), 0
        for record in self.source.records(start=start, stop=end, beside=self._beside):
            read += 1
            if self.choices.split and record.split != self.choices.split:
                tally.elsewhere += 1
                continue
            name = record.split if self._has_files_by_split else ""
            raw = self._line(record, tally, name)
            if raw is None:
                continue
            if len(self.first) < self._keeps:
                self.first.append(record)
            waiting.setdefault(name, bytearray()).extend(raw)
            size += len(raw)
            if size >= BYTES_AT_ONCE:
                yield from waiting.items()
                waiting, size = {}, 0
        yield from waiting.items()
        tally.places += end - start
        if end - start > read:
            tally.left_out[GONE] += end - start - read

    def _line(self, record: TrainingRecord, tally: Tally, name: str) -> bytes | None:
        """The line of a record for the file of this name; None, and counted, if it is left out."""
        try:
            line = self._format.line(record, self._options)
            raw = exact_json.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        except LeftOut as why:
            tally.left_out[str(why)] += 1
            return None
        if self._format.is_uniform:
            number, offset = tally.written[name], tally.sizes[name]
            tally.shape.see(line, file=name, number=number, offset=offset)
        tally.written[name] += 1
        tally.sizes[name] += len(raw)
        tally.good += line.get("label") is True
        return raw

    def is_filled(self, shape: Shape) -> bool:
        """Whether the lines have all members of their file as they were made."""
        return not self._format.is_uniform or (shape.is_even and not shape.is_mixed)

    def filled(self, raw: bytes, shape: Shape) -> bytes:
        """A line with all members of its file."""
        if self.is_filled(shape):
            return raw
        return orjson.dumps(shape.filled(orjson.loads(raw)), option=orjson.OPT_APPEND_NEWLINE)

    def _picture(self, sha256: str) -> Image:
        known = self._pictures.get(sha256)
        if known is None:
            known = picture(self.source.project, sha256)
            if known is None:
                raise LeftOut("an image is missing")
            if len(self._pictures) >= _PICTURES_KNOWN:
                self._pictures.clear()
            self._pictures[sha256] = known
        self.image_bytes += known.size
        return known


def _shortened(image: Image) -> str:
    return f"data:{image.media_type};base64,…"


def _inline(image: Image) -> str:
    """Its bytes, or LeftOut where the storage has lost them."""
    try:
        return store.as_data_uri(image)
    except NotFound as error:
        raise LeftOut("an image is missing") from error


def picture(project: Project, sha256: str) -> Image | None:
    """An image of the project by the hash of its bytes."""
    return Image.objects.in_project(project).filter(sha256=sha256).first()
