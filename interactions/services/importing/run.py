"""Bringing files of interactions and preferences into a project."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from adaptive_site.lib.errors import DomainError, Invalid
from interactions.models import Image
from interactions.services.importing import feedback_kinds
from interactions.services.importing.checking import CheckedBatch, Ruling, Seen
from interactions.services.importing.jsonl import JsonLines, LineBatch
from interactions.services.importing.lines import Directory
from interactions.services.importing.parallel.switch import Growing
from interactions.services.importing.stores import ImportWriter, Rehearsal, Store, StoredCounts
from interactions.services.importing.upkeep import Upkeep
from projects.models import Llm, Metric, Project, User
from projects.services import llms, metrics

MAX_BATCH_BYTES = 16 * 1024 * 1024


class Watcher(Protocol):
    """Who is told how the import goes."""

    def reading(self, file: JsonLines) -> None:
        """A line has been read from `file`."""

    def surveying(self, name: str) -> None:
        """A file is read through for the kinds of its feedback keys."""

    def bad_line(self, place: str, fault: DomainError) -> None:
        """The line at `place` (FILE:LINE) was left out."""


@dataclass(slots=True)
class ImportCounts:
    """Counts of what an import has read and stored; of a dry run, what it would store."""

    lines: int = 0
    bad_lines: int = 0
    images: int = 0
    llms: set[str] = field(default_factory=set)
    metrics: set[str] = field(default_factory=set)
    done: StoredCounts = field(default_factory=StoredCounts)
    # Members of lines that mean nothing to us and were kept in `user_metadata`, with the lines.
    kept: Counter[str] = field(default_factory=Counter)


class Import:
    """One run over some files ("-" is standard input), in the order given.

    Every line stands for itself: a bad one is told to `watcher` and left out. With `strict` it
    ends the run instead: the batches before are stored, its own and those after are not. With
    `dry_run` everything is checked and nothing written.

    Lines are checked and stored by up to `processes` processes at once. What hangs on their
    order is decided here, batch by batch: the kinds of new metrics, which of two equal
    lines is the second, and what must wait for what.
    """

    def __init__(
        self,
        project: Project,
        files: Sequence[str],
        *,
        watcher: Watcher,
        by: User | None = None,
        dry_run: bool = False,
        strict: bool = False,
        batch_size: int = 1000,
        processes: int = 1,
    ) -> None:
        self.tally = ImportCounts()
        self._project = project
        self._files = files
        self._watcher = watcher
        self._by = by
        self._dry_run = dry_run
        self._strict = strict
        self._batch_size = batch_size
        self._processes = processes
        self._batches = 0
        self._images: set[str] = set()
        self._directory = Directory(project, lambda: feedback_kinds.kinds(files, watcher.surveying))

    def run(self) -> ImportCounts:
        """Read and store all files.

        Raises Invalid for a file that cannot be read, and for the first bad line when strict;
        `tally` then says what was stored before.
        """
        upkeep = Upkeep(self._project)
        with nullcontext() if self._dry_run else upkeep, self._store(upkeep) as store:
            self.tally.done = store.done
            for name in self._files:
                with JsonLines(name) as file:
                    seen = Seen()
                    for checked in store.check(self._read(file)):
                        self._admit(store, checked, seen)
        return self.tally

    def _store(self, upkeep: Upkeep) -> Store:
        if self._dry_run:
            return Rehearsal(self._project, by=self._by, strict=self._strict)
        if self._processes == 1:
            return ImportWriter(self._project, by=self._by, strict=self._strict, upkeep=upkeep)
        return Growing(
            self._project, by=self._by, strict=self._strict, upkeep=upkeep, number=self._processes
        )

    def _read(self, file: JsonLines) -> Iterator[LineBatch]:
        """The lines of a file, so many at once as are stored at once."""
        lines: list[tuple[int, bytes]] = []
        size = 0
        try:
            for line in file:
                self._watcher.reading(file)
                lines.append(line)
                size += len(line[1])
                if len(lines) >= self._batch_size or size >= MAX_BATCH_BYTES:
                    yield self._batch(file, lines)
                    lines, size = [], 0
        except Invalid:  # damaged from here on; what came before is good
            if lines:
                yield self._batch(file, lines)
            raise
        if lines:
            yield self._batch(file, lines)

    def _batch(self, file: JsonLines, lines: list[tuple[int, bytes]]) -> LineBatch:
        self._batches += 1
        return LineBatch(self._batches, file.name, lines)

    def _admit(self, store: Store, checked: CheckedBatch, seen: Seen) -> None:
        """Settle what the rows of a batch need from batches before, and have them stored."""
        while (kinds := self._kinds(checked)) != checked.guessed:
            checked = store.check_again(kinds)
        self.tally.lines += checked.lines
        self.tally.kept += checked.kept
        for number, fault in checked.faults:
            self._refuse(f"{checked.file}:{number}", fault)
        ruling = self._rule(checked, seen)
        self._count_images(checked.images)
        store.put(checked, ruling)

    def _kinds(self, checked: CheckedBatch) -> dict[str, str]:
        """The kinds of a batch's new metrics, which its first values only guess."""
        return {
            key: self._directory.metric(key, field=key, like=_like(kind)).kind
            for key, kind in checked.guessed.items()
        }

    def _refuse(self, place: str, fault: DomainError) -> None:
        self.tally.bad_lines += 1
        self._watcher.bad_line(place, fault)
        if self._strict:
            raise Invalid("stopped at the first bad line, as asked", field=place) from fault

    def _rule(self, checked: CheckedBatch, seen: Seen) -> Ruling:
        """Tell equal lines from each other; save the models and metrics that are new."""
        repeats = seen.repeats(checked.digests)
        for row, number in repeats.items():
            checked.names[row] = f"{checked.names[row]}:{number}"
        used_llms = {
            key: llm for key in checked.llms if (llm := self._directory.llm(key, field=key))
        }
        used_metrics = {
            key: self._directory.metric(key, field=key, like=None) for key in checked.metrics
        }
        self._register(
            {key: llm for key, llm in used_llms.items() if llm.pk is None},
            {key: metric for key, metric in used_metrics.items() if metric.pk is None},
        )
        return Ruling(
            repeats,
            {key: llm.pk for key, llm in used_llms.items()},
            {key: metric.pk for key, metric in used_metrics.items()},
        )

    def _register(self, new_llms: dict[str, Llm], new_metrics: dict[str, Metric]) -> None:
        self.tally.llms |= new_llms.keys()
        self.tally.metrics |= new_metrics.keys()
        if self._dry_run:
            return
        if new_llms:
            for key, llm in llms.attach_all(self._project, new_llms).items():
                new_llms[key].pk = llm.pk
        for key, metric in new_metrics.items():
            made = metrics.ensure(self._project, key, kind=metric.kind)
            if made.kind != metric.kind:
                raise Invalid(f"{key} was just made with another kind", field="feedback_key")
            metric.pk = made.pk

    def _count_images(self, found: set[str]) -> None:
        new = found - self._images
        if new:
            there = Image.objects.in_project(self._project).filter(sha256__in=new)
            self.tally.images += len(new) - there.count()
            self._images |= new


def _like(kind: str) -> bool | float:
    """A value of this kind."""
    return True if kind == Metric.Kind.BOOL else 0.0
