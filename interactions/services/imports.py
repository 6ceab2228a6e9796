"""Bringing files of interactions and preferences into a project."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from adaptive_site.lib.errors import DomainError, Invalid
from interactions.models import Image
from interactions.services import rollups, survey
from interactions.services.import_rows import Directory, LineReader, Row
from interactions.services.import_stores import Batch, Done, Rehearsal, Store, Writer
from interactions.services.incoming import Draft
from interactions.services.jsonl import JsonLines
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
class Tally:
    """What an import has read and made so far; in a rehearsal, what it would make."""

    lines: int = 0
    bad_lines: int = 0
    images: int = 0
    llms: set[str] = field(default_factory=set)
    metrics: set[str] = field(default_factory=set)
    done: Done = field(default_factory=Done)
    # Members of lines that mean nothing to us and were kept in `user_metadata`, with the lines.
    kept: Counter[str] = field(default_factory=Counter)


class Import:
    """One run over some files ("-" is standard input), in the order given.

    Every line stands for itself: a bad one is told to `watcher` and left out. With `strict` it
    ends the run instead: the batches before are stored, its own and those after are not. With
    `dry_run` everything is checked and nothing written.
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
    ) -> None:
        self.tally = Tally()
        self._project = project
        self._files = files
        self._watcher = watcher
        self._by = by
        self._dry_run = dry_run
        self._strict = strict
        self._batch_size = batch_size
        self._images: set[str] = set()
        self._directory = Directory(project, lambda: survey.kinds(files, watcher.surveying))

    def run(self) -> Tally:
        """Read and store all files.

        Raises Invalid for a file that cannot be read, and for the first bad line when strict;
        `tally` then says what was stored before.
        """
        store: Store = (
            Rehearsal(self._project) if self._dry_run else Writer(self._project, by=self._by)
        )
        self.tally.done = store.done
        with store:
            for name in self._files:
                with JsonLines(name) as file:
                    for batch in self._batches(file):
                        self._register(batch.rows)
                        self._count_images(batch.rows)
                        store.put(batch)
        if not self._dry_run:
            rollups.merge(self._project)  # each batch left its own deltas
        return self.tally

    def _batches(self, file: JsonLines) -> Iterator[Batch]:
        """The checked rows of a file; a batch is also full when its lines are many bytes."""
        reader = LineReader(self._directory, by=self._by, kept=self.tally.kept)
        rows: list[Row] = []
        size = number = 0
        lines = iter(file)
        while True:
            try:
                number, raw = next(lines)
            except StopIteration:
                break
            except Invalid:  # damaged from here on; what came before is good
                yield Batch(rows, f"{file.name}:{number}")
                raise
            self.tally.lines += 1
            self._watcher.reading(file)
            try:
                rows.append(reader.read(raw))
            except DomainError as fault:
                self._refuse(f"{file.name}:{number}", fault)
            size += len(raw)
            if len(rows) >= self._batch_size or size >= MAX_BATCH_BYTES:
                yield Batch(rows, f"{file.name}:{number}")
                rows, size = [], 0
        yield Batch(rows, f"{file.name}:{number}")

    def _refuse(self, place: str, fault: DomainError) -> None:
        self.tally.bad_lines += 1
        self._watcher.bad_line(place, fault)
        if self._strict:
            raise Invalid("stopped at the first bad line, as asked", field=place) from fault

    def _register(self, rows: Iterable[Row]) -> None:
        """Save the models and metrics that `rows` are the first to use."""
        new_llms: dict[str, Llm] = {}
        new_metrics: dict[str, Metric] = {}
        for row in rows:
            if isinstance(row, Draft):
                drafts, used = [row], [given.metric for given in row.feedback]
            else:
                drafts, used = [row.preferred, row.other], [row.metric]
            new_llms |= {
                draft.llm.key: draft.llm for draft in drafts if draft.llm and not draft.llm.pk
            }
            new_metrics |= {metric.key: metric for metric in used if not metric.pk}
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

    def _count_images(self, rows: Iterable[Row]) -> None:
        drafts = [row if isinstance(row, Draft) else row.preferred for row in rows]
        new = {image.facts.sha256 for draft in drafts for image in draft.images} - self._images
        if new:
            there = Image.objects.in_project(self._project).filter(sha256__in=new)
            self.tally.images += len(new) - there.count()
            self._images |= new
