"""Checking one batch of lines, and what is decided afterwards in the order of all lines."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.files.hash_counts import HashCounts
from interactions.services.importing.ids import name_of
from interactions.services.importing.jsonl import LineBatch
from interactions.services.importing.lines import (
    Directory,
    ImportedPreference,
    ImportedRow,
    LineReader,
)
from interactions.services.recording.drafts import Draft
from projects.models import Llm, Metric, Project, User

# Asked once for the kinds of metrics that the project does not have.
Kinds: TypeAlias = Callable[[], Mapping[str, str]]


@dataclass(slots=True)
class CheckedBatch:
    """What checking found in a batch of lines, without its rows; sent between processes."""

    n: int
    file: str
    end: str
    lines: int  # that were read; when strict, up to the first bad one
    faults: list[tuple[int, DomainError]] = field(default_factory=list)  # by line
    kept: Counter[str] = field(default_factory=Counter)
    names: list[str | None] = field(default_factory=list)  # external ids of the rows
    digests: dict[int, int] = field(default_factory=dict)  # by row: of those named by them
    images: set[str] = field(default_factory=set)
    has_pairs: bool = False
    # Not saved when the lines were read: of the rows, and (with the kinds) of bad lines too.
    llms: list[str] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)
    guessed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rows of a batch need from all lines before: repetitions, and ids of new models."""

    repeats: Mapping[int, int]  # by row
    llms: Mapping[str, int | None]
    metrics: Mapping[str, int | None]


class Seen:
    """The lines of one file that were named by their digest, in order.

    So two equal lines are two rows, and the same file read again gives the same names.
    """

    def __init__(self) -> None:
        self._digests = HashCounts()

    def repeats(self, digests: Mapping[int, int]) -> dict[int, int]:
        """For each row that says what an earlier line said: how many have said it by now."""
        counted = {row: self._digests.add(digest) for row, digest in digests.items()}
        return {row: times for row, times in counted.items() if times > 1}


class BatchRows:
    """The rows of a batch, in the process that has read its lines."""

    def __init__(self, batch: LineBatch, checked: CheckedBatch) -> None:
        self.batch = batch
        self.checked = checked
        self.rows: list[ImportedRow] = []
        self._llms: dict[str, Llm] = {}
        self._metrics: dict[str, Metric] = {}

    def add(self, row: ImportedRow, digest: int | None) -> None:
        """Take a good line, and note what it needs."""
        checked = self.checked
        if digest is not None:
            checked.digests[len(self.rows)] = digest
        self.rows.append(row)
        checked.names.append(name_of(row) if isinstance(row, Draft) else row.external_id)
        if isinstance(row, Draft):
            drafts, used = [row], [given.metric for given in row.feedback]
            checked.images.update(image.facts.sha256 for image in row.images)
        else:
            drafts, used = [row.preferred, row.other], [row.metric]
            checked.has_pairs = True
            checked.images.update(image.facts.sha256 for image in row.preferred.images)
        for draft in drafts:
            if draft.llm and draft.llm.pk is None:
                self._llms[draft.llm.key] = draft.llm
        for metric in used:
            if metric.pk is None:
                self._metrics[metric.key] = metric

    def close(self) -> None:
        """Say what of theirs is new."""
        self.checked.llms, self.checked.metrics = list(self._llms), list(self._metrics)

    def complete(self, ruling: Ruling) -> None:
        """Fill in what was decided."""
        for row, number in ruling.repeats.items():
            self.rows[row].external_id = f"{self.rows[row].external_id}:{number}"
        for key, llm in self._llms.items():
            llm.pk = ruling.llms[key]
        for key, metric in self._metrics.items():
            metric.pk = ruling.metrics[key]

    @property
    def drafts(self) -> list[Draft]:
        """The interactions."""
        return [row for row in self.rows if isinstance(row, Draft)]

    @property
    def pairs(self) -> list[ImportedPreference]:
        """The preferences."""
        return [row for row in self.rows if isinstance(row, ImportedPreference)]


class Checker:
    """Makes rows of a batch of lines, whatever other batches hold.

    The kind of a new metric is guessed by its first value here; the whole import may know
    better, and has the lines read again then.
    """

    def __init__(
        self, project: Project, *, by: User | None, strict: bool, kinds: Kinds = dict
    ) -> None:
        self._by = by
        self._strict = strict
        self._directory = Directory(project, kinds)

    def check(self, batch: LineBatch, kinds: Mapping[str, str] | None = None) -> BatchRows:
        """Read the lines, with the true kinds of some new metrics where they are known."""
        directory = self._directory
        directory.learn(kinds or {})
        directory.guessed.clear()
        checked = CheckedBatch(batch.n, batch.file, batch.end, 0)
        reader = LineReader(directory, by=self._by, kept=checked.kept)
        made = BatchRows(batch, checked)
        for number, raw in batch.lines:
            checked.lines += 1
            try:
                made.add(reader.read(raw), reader.digest)
            except DomainError as fault:
                checked.faults.append((number, fault))
                if self._strict:
                    break
        made.close()
        checked.guessed = {key: metric.kind for key, metric in directory.guessed.items()}
        return made


class Here:
    """Checks batches in this process, one at a time; `rows` are the last batch's."""

    def __init__(
        self, project: Project, *, by: User | None, strict: bool, kinds: Kinds = dict
    ) -> None:
        self._checker = Checker(project, by=by, strict=strict, kinds=kinds)
        self.rows: BatchRows

    def check(self, batches: Iterable[LineBatch]) -> Iterator[CheckedBatch]:
        """What each of `batches` is, in order."""
        for batch in batches:
            self.rows = self._checker.check(batch)
            yield self.rows.checked

    def check_again(self, kinds: Mapping[str, str]) -> CheckedBatch:
        """The last one once more, now that the kinds of its metrics are known."""
        self.rows = self._checker.check(self.rows.batch, kinds)
        return self.rows.checked
