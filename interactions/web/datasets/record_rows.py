"""Records of a dataset as rows: with the same look as rows of the list of interactions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from interactions.models import DatasetItem, Image
from interactions.services.recording.previews import last_user_text, of_answer, preview
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Project

MOST_CHIPS = 6  # labels of a row; of more, how many there are
REVIEW_MARKS = {
    DatasetItem.Review.NONE: ("", ""),
    DatasetItem.Review.WAITING: ("…", "none"),
    DatasetItem.Review.APPROVED: ("✓", "good"),
    DatasetItem.Review.REJECTED: ("✗", "bad"),
}


@dataclass
class RecordRow:
    """A record as a row shows it."""

    item: DatasetItem
    record: TrainingRecord
    images: list[Image] = field(default_factory=list)

    @property
    def prompt(self) -> str:
        """The beginning of the last question."""
        return preview(last_user_text(self.record.messages))

    @property
    def answer(self) -> str:
        """The beginning of the answer, as corrected; of a preference, of the preferred one."""
        if self.item.correction is not None:
            return preview(self.item.correction)
        return beginning(self.record.answer)

    @property
    def other(self) -> str:
        """Of a preference, the beginning of the other answer."""
        return beginning(self.record.other)

    @property
    def labels(self) -> list[tuple[str, str]]:
        """The first labels."""
        return list(self.record.labels.items())[:MOST_CHIPS]

    @property
    def more_labels(self) -> list[tuple[str, str]]:
        """Those that a row has no room for."""
        return list(self.record.labels.items())[MOST_CHIPS:]

    @property
    def image_count(self) -> int:
        """How many images its messages hold."""
        return len(self.record.images)

    @property
    def models(self) -> list[str]:
        """The models whose answers it holds."""
        return list(dict.fromkeys(one.model for one in self.record.answers if one.model))

    @property
    def mark(self) -> str:
        """What people decided of it, as a sign."""
        return REVIEW_MARKS[DatasetItem.Review(self.item.review)][0]

    @property
    def tone(self) -> str:
        """`good`, `bad` or `none`."""
        return REVIEW_MARKS[DatasetItem.Review(self.item.review)][1]


def beginning(answer: ModelAnswer | None) -> str:
    """The line that a row shows of an answer."""
    return of_answer(answer.text, answer.parts) if answer else ""


def rows_of(project: Project, items: Sequence[DatasetItem]) -> list[RecordRow]:
    """Rows with their images, in two queries."""
    made = [RecordRow(item, TrainingRecord.of(item.content)) for item in items]
    images = images_of(project, (hash for row in made for hash in row.record.images))
    for row in made:
        row.images = [images[hash] for hash in row.record.images if hash in images]
    return made


def images_of(project: Project, hashes: Iterable[str]) -> dict[str, Image]:
    """The images of the project with these hashes."""
    wanted = list(dict.fromkeys(hashes))
    if not wanted:
        return {}
    found = Image.objects.in_project(project).filter(sha256__in=wanted)
    return {one.sha256: one for one in found}
