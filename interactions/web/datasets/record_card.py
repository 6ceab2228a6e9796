"""One record of a dataset, whole: its conversation, answers, and what people made of it."""

from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.urls import reverse

from adaptive_site.lib import word_diff
from adaptive_site.lib.word_diff import Run, WordDiff
from interactions.models import DatasetItem, Image, Interaction, InteractionBody
from interactions.services.browsing.rows import Whole
from interactions.services.datasets import item_pages
from interactions.services.training.record import ModelAnswer, TrainingRecord
from interactions.web.datasets.frame import DatasetFrame
from interactions.web.datasets.item_address import ItemAddress
from interactions.web.datasets.record_rows import REVIEW_MARKS, images_of
from interactions.web.rendering.json_blocks import Reading
from interactions.web.rendering.turns import Turn, TurnGroup, turn_groups, turns_of
from projects.models import Llm, Project


@dataclass(frozen=True, slots=True)
class SourceLink:
    """An interaction that a record was made of; without a link when it was deleted since."""

    words: str
    id: UUID
    link: str


@dataclass(frozen=True, slots=True)
class AnswerSide:
    """An answer of a preference: its turn, and its words beside the other's."""

    name: str
    title: str
    model: str
    turn: Turn
    runs: list[Run] | None
    link: SourceLink | None


@dataclass
class RecordCard:
    """A record as its page and the review queue show it; `plain` is where it stands as JSON."""

    frame: DatasetFrame
    project: Project
    item: DatasetItem
    at: ItemAddress
    plain: str
    interaction: Interaction  # never stored: what the templates of a conversation ask for
    record: TrainingRecord
    images: list[Image]
    present: set[UUID]
    wanted: list[object] = field(default_factory=list)
    system: str = ""

    @cached_property
    def turns(self) -> list[Turn]:
        """The messages, and the answer if there is one."""
        return self._turns_of(self.record.answer)

    @property
    def prompt(self) -> list[TurnGroup]:
        """What the model saw."""
        return turn_groups(self.turns[:-1])

    @property
    def turn_groups(self) -> list[TurnGroup]:
        """The whole conversation; of a preference and of a prompt alone, what the model saw."""
        return turn_groups(self.turns) if self.has_one_answer else self.prompt

    @property
    def has_one_answer(self) -> bool:
        """Whether there is an answer to be edited in its place."""
        return self.record.answer is not None and self.record.other is None

    @property
    def sides(self) -> list[AnswerSide]:
        """A preference's two answers, the preferred one first."""
        if self.record.answer is None or self.record.other is None:
            return []
        other = self._turns_of(self.record.other)[-1]
        tied = self.record.tied
        titles = (f"Both {tied}", f"Both {tied}") if tied else ("Preferred", "Rejected")
        diff = self.difference
        return [
            AnswerSide("left", titles[0], self.record.answer.model or "", self.turns[-1],
                       diff.left if diff else None, self._source(self.item.interaction_id)),
            AnswerSide("right", titles[1], self.record.other.model or "", other,
                       diff.right if diff else None, self._source(self.item.other_id)),
        ]  # fmt: skip

    @cached_property
    def difference(self) -> WordDiff | None:
        """A preference's two answers word by word; None when that would take too long."""
        assert self.record.answer is not None and self.record.other is not None
        return word_diff.compare(self.text, self.record.other.text)

    @property
    def original(self) -> str:
        """The answer as it came in."""
        return self.record.answer.text if self.record.answer else ""

    @property
    def text(self) -> str:
        """The answer as it is in files."""
        return self.original if self.item.correction is None else self.item.correction

    @cached_property
    def correction(self) -> WordDiff | None:
        """From the original to the corrected answer, word by word."""
        if self.item.correction is None:
            return None
        return word_diff.compare(self.original, self.item.correction)

    @property
    def sources(self) -> list[SourceLink]:
        """The interactions it was made of."""
        found = [self._source(self.item.interaction_id), self._source(self.item.other_id)]
        return [one for one in found if one is not None]

    @property
    def page(self) -> str:
        """Its own page."""
        return self.frame.link("dataset-item", item=self.item.item) + self.at.filtering()

    def step_to(self, item: UUID) -> str:
        """The link to another record: beside the rows if this one is, else its own page."""
        if self.at.open:
            return self.at.changing(open=str(item))
        return self.frame.link("dataset-item", item=item) + self.at.filtering()

    @property
    def may_change(self) -> bool:
        """Whether the caller may change it here."""
        return self.frame.may_write and not self.at.version

    @property
    def is_removed(self) -> bool:
        """Whether the draft has it no more."""
        return self.item.until is not None and not self.at.version

    @property
    def labels(self) -> list[tuple[str, str]]:
        """Its labels, as they were when it came in."""
        return list(self.record.labels.items())

    @property
    def feedback(self) -> list[tuple[str, str]]:
        """Its feedback, in words."""
        said = []
        for key, value in self.record.feedback.items():
            words = ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}"
            said.append((key, words))
        return said

    @cached_property
    def history(self) -> list[DatasetItem]:
        """What it was, the latest first."""
        return item_pages.history(self.frame.dataset, self.item.item)

    @cached_property
    def neighbours(self) -> tuple[UUID | None, UUID | None]:
        """The records before and after it in the filter."""
        at = self.at
        return item_pages.neighbours(self.item, at.number, where=at.filter, order=at.order)

    @property
    def mark(self) -> str:
        """What people decided of it, as a sign."""
        return REVIEW_MARKS[DatasetItem.Review(self.item.review)][0]

    @property
    def tone(self) -> str:
        """`good`, `bad` or `none`."""
        return REVIEW_MARKS[DatasetItem.Review(self.item.review)][1]

    def _source(self, id: UUID | None) -> SourceLink | None:
        if id is None:
            return None
        is_preference = self.item.other_id is not None
        words = "interaction" if not is_preference else "its interaction"
        where = {"key": self.project.key, "id": id}
        link = reverse("interaction", kwargs=where) if id in self.present else ""
        return SourceLink(words, id, link)

    def _turns_of(self, answer: ModelAnswer | None) -> list[Turn]:
        it = self.interaction
        corrected = self.item.correction if answer is self.record.answer else None
        text = "" if answer is None else answer.text
        it.body = InteractionBody(
            messages=self.record.messages,
            completion=text if corrected is None else corrected,
            completion_parts=answer.parts if answer else None,
        )
        model = answer.model if answer else None
        it.llm = Llm(name=model, key=model) if model else None
        whole = Whole(it, images=self.images)
        skip = 0 if answer is self.record.answer else len(self.record.messages)
        reading = Reading(is_raw=False)
        return turns_of(
            self.project, whole, is_raw=False, skip=skip, reading=reading, plain=self.plain
        )


def card_of(frame: DatasetFrame, item: DatasetItem, at: ItemAddress) -> RecordCard:
    """The card of a record, with its images and those of its interactions that are left."""
    project = frame.project
    record = TrainingRecord.of(item.content, split=item.split)
    images = list(images_of(project, record.images).values())
    plain = frame.link("dataset-item-json", item=item.item)
    if at.version:
        plain += f"?version={at.version}"
    return RecordCard(
        frame,
        project,
        item,
        at,
        plain,
        Interaction(id=item.item, project=project),
        record,
        images,
        item_pages.still_there(project, [item]),
    )
