"""The job that makes a file of many records, in steps, and leaves it with its size and hash.

First the lines are written, in parts, so that a step that fails loses only its own; then they are
packed, since what all lines have is known only after the last. Files are removed only when what
makes them needless is committed: until then the step may be done again.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.template.defaultfilters import filesizeformat

from adaptive_site.lib.files.streamed_file import StreamedFile
from interactions.models import Job
from interactions.services.export import downloads, job_files
from interactions.services.export.addresses import image_addresses
from interactions.services.export.choices import FileChoices
from interactions.services.export.containers.packing import RawFiles, pack
from interactions.services.export.files import IN_MEMORY
from interactions.services.export.job_files import DAYS_KEPT
from interactions.services.export.making import LineMaker, Tally
from interactions.services.export.record_source import LastingSource
from interactions.services.export.training_formats import FORMATS
from interactions.services.job_watch import JobWatch, StepCancelledError, StepWatch
from projects.models import Project
from projects.services.access import EXPORT

STEP_SECONDS = 2.0  # of writing lines, between two commits: what a page sees of the progress
PLACES_AT_ONCE = 2_000  # between two looks at the clock
FINDING, WRITING, PACKING = "Finding the records", "Writing the records", "Packing the file"

OpenSource = Callable[[Project, Mapping[str, Any]], LastingSource]


class ExportJob:
    """Makes the file that the arguments ask for: `source`, `choices` and `image_address`.

    `open_source` makes the source of what stands under `source`; datasets are known only above.
    """

    PERMISSION = EXPORT

    def __init__(self, open_source: OpenSource) -> None:
        self._open_source = open_source

    def step(self, job: Job) -> bool:
        """Do the next step."""
        if not job.stage:
            job.stage, job.total = FINDING, None
        elif job.stage == FINDING:
            self._find(job)
        elif job.stage == WRITING:
            self._write(job)
        else:
            return self._pack(job)
        return False

    def cancelled(self, job: Job) -> None:
        """Leave nothing."""
        transaction.on_commit(partial(job_files.remove, job))

    def failed(self, job: Job) -> None:
        """Leave nothing: tried again it begins anew."""
        job.stage, job.cursor, job.done = "", {}, 0
        transaction.on_commit(partial(job_files.remove, job))

    def sentence(self, job: Job) -> str:
        """What is made, in words."""
        format = FORMATS[job.arguments["choices"]["format"]]
        return f"Export as {format.title}: {job.arguments['title']}"

    def _find(self, job: Job) -> None:
        source = self._open_source(job.project, job.arguments["source"])
        if (places := source.places) is not None:
            job_files.save(job, job_files.PLACES, ContentFile(places))
        job.stage, job.total, job.done = WRITING, source.count(), 0
        job.cursor = {"part": 0, "tally": Tally().said}

    def _write(self, job: Job) -> None:
        maker = self._maker(job)
        tally = Tally.of(job.cursor["tally"])
        job_files.remove_parts(job, start=job.cursor["part"])  # of a try that died
        ends = time.monotonic() + STEP_SECONDS
        files: dict[str, IO[bytes]] = {}
        while job.done < (job.total or 0) and time.monotonic() < ends:
            stop = min(job.done + PLACES_AT_ONCE, job.total or 0)
            for name, lines in maker.lines(tally, start=job.done, stop=stop):
                if name not in files:
                    files[name] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
                files[name].write(lines)
            job.done = stop
        for name, file in files.items():
            with file:
                file.seek(0)
                job_files.save(job, job_files.part(name, job.cursor["part"]), File(file))
        job.cursor = {"part": job.cursor["part"] + 1, "tally": tally.said}
        if job.done >= (job.total or 0):
            job.stage, job.total, job.done = PACKING, None, 0

    def _pack(self, job: Job) -> bool:
        """Returns whether it was done, and not cancelled meanwhile."""
        maker, tally = self._maker(job), Tally.of(job.cursor["tally"])
        parts = job_files.parts(job)
        watch = _Packed(JobWatch(job, total=tally.lines))
        raw: RawFiles = {
            name: partial(watch.counted, partial(job_files.opened, some))
            for name, some in parts.items()
        }
        file = StreamedFile(watch.watched(pack(maker, tally, raw or {"": lambda: iter(())})))
        name = maker.choices.file_name(maker.source.name, tally.lines)
        try:
            path = job_files.save(job, name, file)
        except StepCancelledError:  # the queue's next step leaves nothing
            return False
        transaction.on_commit(partial(job_files.remove_workings, job))
        job.result = {
            **_words(job, tally, file),
            "file": {
                "name": name,
                "path": path,
                "size": file.length,
                "sha256": file.sha256,
                "media_type": maker.choices.media_type,
                "lines": tally.lines,
            },
        }
        job.cursor = {}
        format = maker.choices.format
        downloads.note_made(job, format=format, lines=tally.lines, sha256=file.sha256)
        return True

    def _maker(self, job: Job) -> LineMaker:
        said = dict(job.arguments["source"])
        if job_files.has(job, job_files.PLACES):
            said["places"] = job_files.read(job, job_files.PLACES)
        source = self._open_source(job.project, said)
        choices = FileChoices.of(job.arguments["choices"], kind=source.kind)
        return LineMaker(source, choices, image_addresses(job.arguments["image_address"]))


class _Packed:
    """Lines and bytes as they go by: tells how many records are packed, and ends when cancelled."""

    def __init__(self, watch: StepWatch) -> None:
        self._watch = watch
        self._lines = 0

    def counted(self, files: Callable[[], Iterator[IO[bytes]]]) -> Iterator["_CountedFile"]:
        """The files, whose lines are counted as they are read."""
        return (_CountedFile(file, self._add) for file in files())

    def _add(self, lines: int) -> None:
        self._lines += lines

    def watched(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The bytes, while nobody has cancelled the job."""
        for chunk in chunks:
            self._watch(PACKING, self._lines)
            yield chunk


class _CountedFile:
    """A file of lines that tells how many of them went by."""

    def __init__(self, file: IO[bytes], went_by: Callable[[int], None]) -> None:
        self._file, self._went_by = file, went_by

    def __iter__(self) -> Iterator[bytes]:
        for line in self._file:
            self._went_by(1)
            yield line

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self._went_by(data.count(b"\n"))
        return data


def _words(job: Job, tally: Tally, file: StreamedFile) -> dict[str, Any]:
    """What the job's page says of the file."""
    here = f"exports/{job.uuid}/"
    left_out = [[f"left out: {reason}", n] for reason, n in tally.reasons]
    elsewhere = [["in other splits", tally.elsewhere]] if tally.elsewhere else []
    n = f"{tally.lines:,} record{'' if tally.lines == 1 else 's'}"
    return {
        "words": f"{n}, {filesizeformat(file.length)}. The file is kept for {DAYS_KEPT} days."
        f" SHA-256: {file.sha256}",
        "address": here,
        "open": "Download",
        "links": [{"address": f"{here}sha256/", "words": "Its SHA-256 as a file"}],
        "lines": [["written", tally.lines], *left_out, *elsewhere],
    }
