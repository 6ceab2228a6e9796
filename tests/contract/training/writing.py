"""Every kind of training file, made of the corpus through the product's own services."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.db import transaction
from django.test import override_settings

from interactions.models import Dataset
from interactions.services.export.choices import available
from interactions.services.export.training_formats import FORMATS, TrainingFormat
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.log import log_interactions
from interactions.services.training.from_interactions import Chosen, records
from projects.models import Metric
from tests import make
from tests.contract.training.corpus import GROUPS, PAIRS, Pair, Told
from tests.interactions.services.export.records import made

Kind = Dataset.Kind
SPLITS = ("train", "validation", "test")
# Which groups of the corpus go into a file; "late" is another, of more than ten megabytes.
SETS: dict[str, tuple[str, ...]] = {
    "all": tuple(GROUPS),
    "plain": ("plain",),
    "seen": ("plain", "pictured"),
    "text": ("plain", "tools", "uneven"),
}


@dataclass(frozen=True)
class Written:
    """A file, or the directory that a zip was unpacked into, and what is said of it."""

    path: Path
    kind: str
    lines: dict[str, int]
    left_out: dict[str, int]
    rows: Sequence[Told] | Sequence[Pair] = field(repr=False, default=())

    @property
    def total(self) -> int:
        """How many lines it has."""
        return sum(self.lines.values())


def name_of(group: str, kind: str, format: str, container: str) -> str:
    """What a file is called among the files."""
    return "-".join((group, kind.lower(), format, container))


class Writer:
    """Makes files of the corpus in a directory, from a project of its own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.project = make.make_project("corpus", owner=make.make_user("corpus"))
        self.metrics: dict[str, Metric] = {
            "helpful": make.make_metric(self.project, "helpful"),
            "stars": make.make_metric(self.project, "stars", "SCALAR"),
        }
        self._chosen: dict[tuple[str, bool], list[Chosen]] = {}

    def everything(self) -> Iterator[tuple[str, Written]]:
        """Each format in each container, of all there is; and of less, for stricter readers."""
        for format in FORMATS.values():
            for kind in _kinds_of(format):
                for one in available(format):
                    yield self.file("all", kind, format.key, one)
        for group, key, container in (
            ("plain", "chat", "jsonl"), ("seen", "chat", "jsonl"), ("text", "trl-sft", "jsonl"),
            ("text", "trl-messages", "jsonl"), ("plain", "trl-sft", "jsonl"),
            ("plain", "trl-messages", "zip"), ("late", "trl-sft", "jsonl"),
            ("late", "trl-sft", "zip"), ("late", "trl-messages", "jsonl"),
            ("late", "sharegpt", "jsonl"),
        ):  # fmt: skip
            yield self.file(group, Kind.COMPLETION, key, container)
        yield self.file("plain", Kind.PREFERENCE, "chat-dpo", "jsonl")
        yield self.file("plain", Kind.FEEDBACK, "trl-kto", "jsonl")

    def file(self, group: str, kind: str, format: str, container: str) -> tuple[str, Written]:
        """One file."""
        is_pair = kind == Kind.PREFERENCE
        rows: Sequence[Any] = pairs_of(group) if is_pair else told_of(group)
        chosen = self._chosen.get((group, is_pair))
        if chosen is None:
            chosen = self._compared(rows) if is_pair else self._logged(rows)
            self._chosen[group, is_pair] = chosen
        found = list(records(self.project, chosen, kind=kind))
        file = made(self.project, kind, found, format=format, container=container, metric="helpful")
        name = name_of(group, kind, format, container)
        path = self.place / f"{name}.{'zip' if container == 'zip' else container}"
        with file.file as data:
            raw = data.read()
        assert len(raw) == file.size
        if raw[:2] == b"PK":
            path = path.with_suffix(".zip")
        path.write_bytes(raw)
        if path.suffix == ".zip":
            directory = self.place / name
            with ZipFile(path) as zip:
                assert zip.testzip() is None
                zip.extractall(directory)
            path = directory
        tally = file.tally
        return name, Written(path, kind, dict(tally.written), dict(tally.left_out), rows)

    def _logged(self, rows: Sequence[Told]) -> list[Chosen]:
        drafts = [
            make.make_draft(
                completion=one.completion,
                completion_parts=one.parts,
                messages=one.messages,
                parameters={"tools": one.tools} if one.tools else None,
                feedback={self.metrics[key]: value for key, value in one.feedback.items()},
                labels={"group": "corpus"},
                user_metadata=one.metadata or None,
            )
            for one in rows
        ]
        ids = [one.id for one in log_interactions(self.project, drafts)]
        return [Chosen(id, split=split) for id, split in zip(ids, cycle(SPLITS), strict=False)]

    def _compared(self, rows: Sequence[Pair]) -> list[Chosen]:
        helpful = self.metrics["helpful"]
        chosen = []
        for one, split in zip(rows, cycle(SPLITS), strict=False):
            drafts = [
                make.make_draft(completion=text, messages=one.prompt)
                for text in (one.preferred, one.other)
            ]
            good, bad = (one.id for one in log_interactions(self.project, drafts))
            given = NewComparison(
                metric=helpful,
                preferred_id=good,
                other_id=bad,
                tied=one.tied,
                created_at=make.NOON,
            )
            compare(self.project, [given], by=None)
            chosen.append(Chosen(good, bad, metric="helpful", tied=one.tied, split=split))
        return chosen


def _kinds_of(format: TrainingFormat) -> list[Kind]:
    """Its kinds; feedback only where a file says it, else it is the one without."""
    says_feedback = format.needs_metric or format.key in ("adaptive", "own", "csv")
    return [one for one in format.kinds if one is not Kind.FEEDBACK or says_feedback]


def told_of(group: str) -> list[Told]:
    """The conversations of a set."""
    if group == "late":
        # The loader takes its columns from the first ten megabytes; tools come up after them.
        long = [Told([make_user(f"{n} " + "w" * 1_500_000)], "Yes.") for n in range(9)]
        return [*long, *GROUPS["tools"], *GROUPS["uneven"]]
    return [one for name in SETS[group] for one in GROUPS[name]]


def make_user(text: str) -> dict[str, Any]:
    """What a user says."""
    return {"role": "user", "content": text}


def pairs_of(group: str) -> list[Pair]:
    """The preferences of a set."""
    return [one for one in PAIRS if group == "all" or one.group in SETS[group]]


def write(place: Path) -> dict[str, Written]:
    """All files, by name; nothing of what they were made of is left in the database."""
    storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(place / "storage")},
    }
    files: Iterable[tuple[str, Written]]
    stored = override_settings(STORAGES={"default": storage, "staticfiles": storage})
    with stored, transaction.atomic():
        files = list(Writer(place).everything())
        transaction.set_rollback(True)
    return dict(files)
