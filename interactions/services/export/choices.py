"""What was chosen for a file of training records: by a form, an address or a job's arguments."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from math import isfinite
from typing import Any, Self

from adaptive_site.lib.errors import Invalid
from interactions.models import DatasetItem
from interactions.services.export.lines import WITH_IMAGES, Container
from interactions.services.export.training_formats import FORMATS, TrainingFormat, of_kind

INLINE, ADDRESSES = "inline", "addresses"
MEDIA_TYPES = {
    "jsonl": "application/x-ndjson",
    "zip": "application/zip",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
}
HAS_PARQUET = find_spec("pyarrow") is not None  # of the extra [parquet]


@dataclass(frozen=True, slots=True)
class FileChoices:
    """A format and its container, and what else it asks for; `split` "" is all of them."""

    format: str
    container: Container = Container.JSONL
    split: str = ""
    images: str = INLINE
    metric: str = ""
    threshold: float = 0.5
    with_extras: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any], *, kind: str) -> Self:
        """The choices in fields of a form. Raises Invalid, naming the field."""
        names = [one.key for one in of_kind(kind)]
        key = given.get("format") or names[0]
        format = FORMATS[_one_of(key, names, "format")]
        packed = available(format)
        container = Container(_one_of(given.get("container") or packed[0], packed, "container"))
        return cls(
            format=format.key,
            container=container,
            split=_one_of(given.get("split") or "", ["", *DatasetItem.Split.values], "split"),
            images=_one_of(given.get("images") or INLINE, [INLINE, ADDRESSES], "images"),
            metric=str(given.get("metric") or "") if format.needs_metric else "",
            threshold=_number(given.get("threshold"), "threshold"),
            with_extras=bool(given.get("with_extras")) and format.has_extras,
        )

    def check(self) -> None:
        """Raise Invalid where something is not chosen that the file cannot be made without."""
        if self.training_format.needs_metric and not self.metric:
            raise Invalid("expected the key of the metric that says what is good", field="metric")

    @property
    def training_format(self) -> TrainingFormat:
        """The format that the key is of."""
        return FORMATS[self.format]

    @property
    def has_files_by_split(self) -> bool:
        """Whether the file is a zip of one for each split."""
        return not self.split and self.container in WITH_IMAGES

    @property
    def is_zip(self) -> bool:
        """Whether the file is a zip: Parquet of one split stands alone."""
        return self.container is Container.ZIP or self.has_files_by_split

    @property
    def extension(self) -> str:
        """What the name of the file ends with."""
        return "zip" if self.is_zip else self.container.value

    def file_name(self, source: str, lines: int) -> str:
        """The name of a file of so many lines: `helpful-answers-v3-train-4252.jsonl`."""
        named = [source, self.split, str(lines)]
        return f"{'-'.join(part for part in named if part)}.{self.extension}"

    @property
    def media_type(self) -> str:
        """What the file is, in HTTP."""
        return MEDIA_TYPES[self.extension]

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that `of` reads; those that say nothing are left out."""
        return {name: value for name, value in asdict(self).items() if value not in ("", False)}


def available(format: TrainingFormat) -> list[Container]:
    """The containers of a format that can be made on this machine."""
    return [one for one in format.containers if HAS_PARQUET or one is not Container.PARQUET]


def _one_of(given: object, known: "list[str] | list[Container]", field: str) -> str:
    if given not in known:
        expected = ", ".join(one or '""' for one in known)
        raise Invalid(f"expected one of {expected}", field=field)
    return str(given)


def _number(given: object, field: str) -> float:
    try:
        number = float(str(given if given not in (None, "") else 0.5))
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise Invalid("expected a number", field=field)
    return number
