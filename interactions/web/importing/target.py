"""Where the records of a file go: into the project's log, a new dataset, or one that is there."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from django.http import QueryDict

from interactions.models import Dataset
from interactions.services.datasets import create
from interactions.services.importing.plan import ImportTarget
from projects.models import Project
from projects.services.access import EDIT_DATASETS, Caller

NEW = "new"
DATASETS_OFFERED = 200


@dataclass
class TargetChoice:
    """What the parameters `into`, `kind` and `name` choose; `into` is empty for the log."""

    caller: Caller
    project: Project
    data: QueryDict
    file_name: str = ""
    likely_kind: str = Dataset.Kind.COMPLETION

    new = NEW
    kinds = Dataset.Kind.choices

    @property
    def into(self) -> str:
        """`new`, the key of a dataset, or nothing."""
        return self.data.get("into", "")

    @property
    def is_offered(self) -> bool:
        """Whether the caller may have anything but the log."""
        return self.caller.may(EDIT_DATASETS, self.project)

    @cached_property
    def dataset(self) -> Dataset | None:
        """The dataset that is there. Raises NotFound for one that is not."""
        return create.known(self.project, self.into) if self.into not in ("", NEW) else None

    @cached_property
    def datasets(self) -> list[Dataset]:
        """Those that records can be added to, the newest first."""
        if not self.is_offered:
            return []
        ready = create.present(self.project).filter(state=Dataset.State.READY)
        found = list(ready.newest_first()[:DATASETS_OFFERED])
        if self.dataset is not None and self.dataset not in found:
            found.append(self.dataset)
        return found

    @property
    def kind(self) -> str:
        """The kind of the dataset: of a new one as chosen, or as is likely."""
        if self.dataset is not None:
            return self.dataset.kind
        chosen = self.data.get("kind", "")
        return chosen if chosen in Dataset.Kind.values else self.likely_kind

    @property
    def name(self) -> str:
        """The name of a new dataset: as typed, else the file's without its endings."""
        name = PurePosixPath(self.file_name).name
        stem = name.removesuffix(".gz").removesuffix(".zip")
        return self.data.get("name", "").strip() or PurePosixPath(stem).stem or "Imported"

    @property
    def target(self) -> ImportTarget | None:
        """What an import is told."""
        if not self.into:
            return None
        if self.dataset is None:
            return ImportTarget(self.kind, self.name)
        return ImportTarget(self.kind, self.dataset.name, str(self.dataset.id), is_new=False)

    @property
    def query(self) -> str:
        """What an address of another page of the import carries on."""
        return f"?into={self.into}" if self.into else ""

    @property
    def button(self) -> str:
        """The words of the button that begins it."""
        if self.dataset is not None:
            return "Add to the dataset"
        return "Make the dataset" if self.into == NEW else "Import"

    @property
    def title(self) -> str:
        """What is done, as a heading."""
        if self.dataset is not None:
            return f"Add to {self.dataset.name} from a file"
        return "New dataset from a file" if self.into == NEW else "Import"
