"""The page of an export: what to choose, what the file will have, and what was made before."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset, DatasetItem, Job
from interactions.services.export import downloads
from interactions.services.export.addresses import image_addresses
from interactions.services.export.choices import FileChoices, available
from interactions.services.export.downloads import Download, Exported
from interactions.services.export.files import Survey, survey
from interactions.services.export.lines import Container
from interactions.services.export.record_source import RecordSource, SelectionSource
from interactions.services.export.training_formats import TrainingFormat, of_kind
from interactions.services.jobs import exports
from interactions.web.exporting.asked import AS_LOGGED, OF_RECORDS, changed
from projects.models import Metric
from projects.services.access import Caller

LOOK_LIMIT_MS = 4_000
DIRECT_MOST = 5_000  # records of a file that is made while somebody waits
DIRECT_BYTES = 200 * 1024 * 1024
FIRST_LINE_SHOWN = 4_000  # characters

_CONTAINERS = {
    Container.JSONL: "JSON lines",
    Container.ZIP: "Zip with images and dataset card",
    Container.PARQUET: "Parquet",
    Container.CSV: "CSV",
}
_KINDS = {
    AS_LOGGED: "Interactions as logged",
    Dataset.Kind.PROMPT: "Prompts",
    Dataset.Kind.COMPLETION: "Prompts and completions",
    Dataset.Kind.FEEDBACK: "Prompts, completions and feedback",
    Dataset.Kind.PREFERENCE: "Preferences",
}


class ExportLink(NamedTuple):
    """One of the choices: its address, and whether it is the present one."""

    words: str
    link: str
    is_on: bool


@dataclass
class ExportPage:
    """What is exported, and how; `data` are the parameters of the page's address.

    `source` is None for interactions as they were logged. `known` is how many there are, where
    that has been counted already.
    """

    caller: Caller
    what: Exported
    title: str
    kind: str
    data: Mapping[str, str]
    source: RecordSource | None
    image_address: str
    kinds: tuple[str, ...] = ()
    known: int | None = None

    def __post_init__(self) -> None:
        self.fault: Invalid | None = None
        self.choices = FileChoices("")
        if self.source is not None:
            try:
                self.choices = FileChoices.of(self.data, kind=self.kind)
            except Invalid as fault:
                self.fault = fault
                self.choices = FileChoices.of({}, kind=self.kind)

    @property
    def format(self) -> TrainingFormat:
        """The format chosen."""
        return self.choices.training_format

    @property
    def kind_links(self) -> list[ExportLink]:
        """The kinds of records to choose from; none of a dataset, which is of one kind."""
        kept = {name: self.data[name] for name in ("as_of",) if name in self.data}
        return [
            ExportLink(_KINDS[kind], changed(kept, kind=kind), kind == self.kind)
            for kind in self.kinds
        ]

    @property
    def format_links(self) -> list[tuple[TrainingFormat, ExportLink]]:
        """The formats of the kind, each with what it is."""
        return [
            (one, ExportLink(one.title, changed(self._records, format=one.key), one == self.format))
            for one in of_kind(self.kind)
        ]

    @property
    def container_links(self) -> list[ExportLink]:
        """What the lines may be packed in."""
        chosen = {**self.data, "format": self.format.key}
        return [
            ExportLink(_CONTAINERS[one], changed(chosen, container=one), one is self._container)
            for one in available(self.format)
        ]

    @property
    def _container(self) -> Container:
        return self.choices.container

    @property
    def _records(self) -> dict[str, str]:
        return {name: self.data[name] for name in OF_RECORDS if name in self.data}

    @property
    def asked(self) -> dict[str, str]:
        """The parameters of the download: all that differs from what is taken for granted."""
        return {**self._records, **{k: str(v) for k, v in self.choices.fields.items()}}

    @property
    def metrics(self) -> list[str]:
        """The keys of the metrics that a label can be made of."""
        return [metric.key for metric in Metric.objects.in_project(self.what.project).linked()]

    @property
    def splits(self) -> list[str]:
        """The parts that a dataset's records are in; a selection has none."""
        return [] if isinstance(self.source, SelectionSource) else list(DatasetItem.Split.values)

    @cached_property
    def survey(self) -> Survey | None:
        """The first records as they would be written; None where that takes too long."""
        if self.source is None or (self.format.needs_metric and not self.choices.metric):
            return None
        address = image_addresses(self.image_address)
        try:
            with time_limit(LOOK_LIMIT_MS):
                some = self.source
                if isinstance(some, SelectionSource):
                    some = some.beginning()
                return survey(some, self.choices, address)
        except TookTooLong:
            return None

    @property
    def is_few(self) -> bool:
        """Whether there are fewer records than those want who take the format."""
        return (
            self.is_whole
            and self.survey is not None
            and (self.survey.tally.lines < self.format.least)
        )

    @property
    def first_line(self) -> str:
        """The first line, cut where it is long."""
        line = self.survey.first if self.survey else ""
        return f"{line[:FIRST_LINE_SHOWN]}…" if len(line) > FIRST_LINE_SHOWN else line

    @cached_property
    def count(self) -> int | None:
        """How many records there are before any is left out; None where that is not known yet."""
        if self.known is not None and self.kind != Dataset.Kind.PREFERENCE:
            return self.known
        if isinstance(self.source, SelectionSource) and not self._is_of_pairs:
            return None
        try:
            with time_limit(LOOK_LIMIT_MS):
                return self.source.count() if self.source else None
        except TookTooLong:
            return None

    @property
    def _is_of_pairs(self) -> bool:
        return self.kind == Dataset.Kind.PREFERENCE

    @property
    def is_direct(self) -> bool:
        """Whether the file is made at once, and not by a job."""
        looked = self.survey
        if looked is None or self.count is None or self.count > DIRECT_MOST:
            return False
        return self.is_whole and looked.size <= DIRECT_BYTES

    @property
    def is_whole(self) -> bool:
        """Whether all records were looked at, so that what the file will have is known."""
        looked = self.survey
        return looked is not None and self.count is not None and looked.tally.places >= self.count

    @cached_property
    def jobs(self) -> list[Job]:
        """The latest files made by jobs, or being made."""
        return exports.latest(self.what, caller=self.caller)

    @cached_property
    def downloads(self) -> list[Download]:
        """The latest files, each with whether it was whole."""
        return downloads.latest(self.what)
