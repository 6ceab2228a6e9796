"""What is found when records are read: lengths, and warnings that only their texts can tell."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from interactions.models import Image
from interactions.models.content_parts import image_address, parts_of, texts_of
from interactions.services.building.texts.personal_data import kinds_in
from interactions.services.building.warnings import MOST_IDS, BuildWarning
from interactions.services.images.store import STORED_IMAGE_SCHEME
from interactions.services.training import tokens
from interactions.services.training.record import TrainingRecord
from projects.models import Project

LONG_TOKENS = 8_192
QUOTED_CHARACTERS = 40  # of an answer that stands in its prompt; shorter ones are choices given
RARE_SHARE = 0.1  # of yes or no: with fewer, a trainer learns from one side alone
_THOUGHTS = ("<think>", "</think>", "<thinking>", "[THINK]", "<|channel|>analysis")

# By the name of the warning: what the records do, of one and of several.
_SENTENCES = {
    "thoughts": ("has a model's thoughts in the answer", "have a model's thoughts in the answer"),
    "image missing": ("lacks an image", "lack an image"),
    "image elsewhere": (
        "has an image that is only linked to", "have an image that is only linked to"
    ),
    "quoted": ("answers with a text of its prompt", "answer with a text of their prompt"),
    "roles": ("has roles that do not alternate", "have roles that do not alternate"),
    "long": (
        f"has more than {LONG_TOKENS:,} tokens", f"have more than {LONG_TOKENS:,} tokens"
    ),
}  # fmt: skip


@dataclass(slots=True)
class Findings:
    """Adds up what is found in records, of which only the first ids are kept.

    `lengths` has the tokens of each record in order.
    """

    project: Project
    looked_at: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    ids: dict[str, list[UUID]] = field(default_factory=dict)
    lengths: list[int] = field(default_factory=list)
    yes_no: dict[str, list[int]] = field(default_factory=dict)

    def look(self, records: Iterable[TrainingRecord]) -> None:
        """Look at some more records."""
        records = list(records)
        wanted = {sha256 for one in records for sha256 in one.images}
        mine = Image.objects.in_project(self.project).filter(sha256__in=wanted)
        images = set(mine.values_list("sha256", flat=True)) if wanted else set()
        for one in records:
            self.looked_at += 1
            self.lengths.append(tokens.of_record(one))
            for name in set(_faults(one, images, self.lengths[-1])):
                self.counts[name] = self.counts.get(name, 0) + 1
                ids = self.ids.setdefault(name, [])
                if one.interaction_id is not None and len(ids) < MOST_IDS:
                    ids.append(one.interaction_id)
            for key, value in one.feedback.items():
                if isinstance(value, bool):
                    self.yes_no.setdefault(key, [0, 0])[value] += 1

    def warnings(self) -> list[BuildWarning]:
        """What was found, the most first."""
        made = [
            BuildWarning(name, _sentence(name, n), n, self.looked_at, tuple(self.ids.get(name, ())))
            for name, n in self.counts.items()
        ]
        made += _one_sided(self.yes_no)
        return sorted(made, key=lambda one: (-one.count, one.name))

    def as_json(self) -> dict[str, object]:
        """The counts, as a job keeps them from piece to piece."""
        return {
            "looked_at": self.looked_at,
            "counts": self.counts,
            "ids": {name: [str(id) for id in ids] for name, ids in self.ids.items()},
            "yes_no": self.yes_no,
        }

    @classmethod
    def of_json(cls, project: Project, said: Mapping[str, dict[str, list[str]]]) -> "Findings":
        """What `as_json` has written; lengths are not kept."""
        known: Mapping[str, object] = said
        made = cls(project)
        if known:
            made.looked_at = int(str(known["looked_at"]))
            made.counts = {name: int(str(n)) for name, n in said["counts"].items()}
            made.ids = {name: [UUID(id) for id in ids] for name, ids in said["ids"].items()}
            made.yes_no = {key: [int(n) for n in two] for key, two in said["yes_no"].items()}
        return made


def _faults(record: TrainingRecord, images: set[str], length: int) -> Iterator[str]:
    answers = [answer.text for answer in record.answers]
    if any(mark in text for text in answers for mark in _THOUGHTS):
        yield "thoughts"
    if not images.issuperset(record.images):
        yield "image missing"
    if any(_is_linked(part) for message in record.messages for part in parts_of(message)):
        yield "image elsewhere"
    said = [text for message in record.messages for text in texts_of(message)]
    for answer in answers:
        if len(answer.strip()) >= QUOTED_CHARACTERS and any(answer.strip() in one for one in said):
            yield "quoted"
    if not does_alternate([str(message.get("role")) for message in record.messages]):
        yield "roles"
    if length > LONG_TOKENS:
        yield "long"
    for text in (*said, *answers):
        yield from kinds_in(text)


def _is_linked(part: object) -> bool:
    address = image_address(part)
    return address is not None and not address.startswith((STORED_IMAGE_SCHEME, "data:"))


def does_alternate(roles: list[str]) -> bool:
    """Whether instructions are followed by a user and an assistant in turn, the user being last.

    What tools say belongs to the assistant's turn that called them.
    """
    turns: list[str] = []
    for at, role in enumerate(roles):
        if role in ("system", "developer"):
            if turns:
                return False
        elif role in ("tool", "function"):
            if not turns or turns[-1] != "assistant":
                return False
            if at + 1 < len(roles) and roles[at + 1] == "assistant":
                turns.pop()  # the same turn goes on
        else:
            turns.append(role)
    wanted = ["user", "assistant"] * (len(turns) // 2 + 1)
    is_last = roles[-1:] in (["user"], ["tool"], ["function"])
    return turns == wanted[: len(turns)] and is_last


def _sentence(name: str, n: int) -> str:
    one, several = _SENTENCES.get(
        name, (f"has what looks like {name}", f"have what looks like {name}")
    )
    return f"1 record {one}" if n == 1 else f"{n:,} records {several}"


def _one_sided(yes_no: Mapping[str, list[int]]) -> Iterator[BuildWarning]:
    for key, (no, yes) in sorted(yes_no.items()):
        rare, n = min(no, yes), no + yes
        if rare < n * RARE_SHARE:
            word = "no" if no < yes else "yes"
            said = f"only {rare:,} of {n:,} records say {word} under {key}"
            yield BuildWarning("one-sided", said, rare, n)
