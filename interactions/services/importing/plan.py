"""How a file that was uploaded is to be imported: its format, its columns, a label for all."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import orjson

from adaptive_site.lib.errors import DomainError, Invalid
from adaptive_site.lib.json_faults import kind_of
from interactions.models import Dataset
from interactions.services.importing.formats import columns
from interactions.services.importing.formats.dataset_kinds import for_kind
from interactions.services.importing.formats.recognised import (
    COLUMNS,
    IMPORT_FORMATS,
    PROMPTS,
)
from interactions.services.importing.readers.records import FileRecord
from interactions.services.recording.drafts import check_labels

# What a shape nobody thought of makes a reader stumble over: told as the record's fault.
_STUMBLES = (
    LookupError, TypeError, AttributeError, ValueError, RecursionError, OverflowError,
    AssertionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """The dataset that the records become, of this kind; `dataset` is its id once there is one."""

    kind: str
    name: str
    dataset: str = ""
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What a job is told; `mapping` gives each column's role where the format is `columns`.

    Without a target the records become interactions of the project.
    """

    upload: UUID
    name: str
    format: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    label: tuple[str, str] | None = None
    is_dry_run: bool = False
    target: ImportTarget | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "ImportPlan":
        """The plan in a job's arguments."""
        label, target = arguments.get("label"), arguments.get("target")
        return cls(
            upload=UUID(arguments["upload"]),
            name=arguments["name"],
            format=arguments["format"],
            mapping=dict(arguments["mapping"]),
            label=(label[0], label[1]) if label else None,
            is_dry_run=bool(arguments["dry_run"]),
            target=ImportTarget(**target) if target else None,
        )

    @property
    def arguments(self) -> dict[str, Any]:
        """What a job keeps of it."""
        return {
            "upload": str(self.upload),
            "name": self.name,
            "format": self.format,
            "mapping": dict(self.mapping),
            "label": list(self.label) if self.label else None,
            "dry_run": self.is_dry_run,
            "target": asdict(self.target) if self.target else None,
        }

    @property
    def folder(self) -> str:
        """Where what was read by this plan is kept; a dry run and the import share it."""
        said = {name: one for name, one in self.arguments.items() if name != "dry_run"}
        said["target"] = self.target.kind if self.target else None
        digest = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
        return f"imports/{self.upload}/{digest.hexdigest()[:16]}"

    def check(self) -> None:
        """Raise Invalid where nothing can be imported so."""
        if self.format == COLUMNS:
            columns.check(self.mapping, has_answers=self.has_answers)
        elif self.format not in IMPORT_FORMATS:
            raise Invalid("expected one of the listed formats", field="format")
        elif self.format == PROMPTS and self.has_answers:
            said = "prompts without answers can come into a dataset of prompts alone"
            raise Invalid(said, field="format")
        if self.label:
            key, value = self.label
            if not key or not value:
                raise Invalid("expected a key and a value, or neither", field="label")
            check_labels({key: value}, field="label")

    @property
    def has_answers(self) -> bool:
        """Whether each record needs an answer: all but those of a dataset of prompts."""
        return self.target is None or self.target.kind != Dataset.Kind.PROMPT

    def line(self, record: FileRecord) -> dict[str, Any]:
        """What a record says, as a line of our own format.

        Raises a DomainError for a bad one, and PassedOver for one that is no interaction.
        """
        if record.fault is not None or record.value is None:
            raise record.fault or Invalid("expected an object, {…}")
        line = self.whole_line(record.value)
        return for_kind(line, self.target.kind) if self.target else line

    def whole_line(self, value: dict[str, Any]) -> dict[str, Any]:
        """The line with all that a record says, whatever the target takes of it."""
        if self.format == COLUMNS:
            return columns.line(value, self.mapping, has_answers=self.has_answers)
        format = IMPORT_FORMATS[self.format]
        if not format.recognises(value):
            got = ", ".join(f"{name} ({kind_of(one)})" for name, one in list(value.items())[:8])
            said = f"is not as “{format.title}” ({format.members}): got {got or 'nothing'}"
            raise Invalid(said[:300])
        try:
            return format.line(value)
        except DomainError:
            raise
        except _STUMBLES as error:
            said = f"is not built as {format.title} is (known by {format.members})"
            if isinstance(error, KeyError) and error.args:
                said += f": {error.args[0]} is missing"
            raise Invalid(said[:300]) from error
