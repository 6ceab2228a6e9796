"""The words of records, as far as they tell one from another."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.any_of import among
from interactions.models import DatasetItem, InteractionBody
from interactions.models.content_parts import image_address, parts_of, texts_of
from interactions.services.browsing import body_sizes
from interactions.services.building.candidates.narrow import CandidateColumns
from interactions.services.training.record import TrainingRecord
from projects.models import Project

WORDS_READ = 50_000  # of one text; a book's first third
_INSTRUCTIONS = ("system", "developer")
# Where a language writes no blanks, each letter stands for a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff]+")


def of_records(
    project: Project, candidates: CandidateColumns, places: Sequence[int], *, has_answer: bool
) -> dict[int, list[str]]:
    """The words of the records at these places, of the prompt and then of each answer.

    Instructions to the model are left out: they are the same for thousands, and long. An image is
    a word. Records that are gone are left out.
    """
    ids = [id for at in places for id in candidates.ids_of(at)]
    prompts, answers = _read(project, list(dict.fromkeys(ids)), has_answer=has_answer)
    found = {}
    for at in places:
        mine = list(candidates.ids_of(at))
        if all(id in prompts for id in mine):
            said = answers if has_answer else {}
            found[at] = prompts[mine[0]] + [word for id in mine for word in said.get(id, ())]
    return found


def of_rows(project: Project, ids: Sequence[int]) -> dict[int, list[str]]:
    """The words of a dataset's records, by the ids of their rows."""
    found = {}
    rows = DatasetItem.objects.in_project(project).filter(id__in=list(ids))
    for id, content in rows.values_list("id", "content"):
        record = TrainingRecord.of(content)
        said = words_of(_said(record.messages))
        found[id] = said + [word for one in record.answers for word in _answer(one.text, one.parts)]
    return found


def _answer(text: str, parts: dict[str, Any] | None) -> list[str]:
    return words_of([text, exact_json.dumps(parts).decode()] if parts else [text])


def _read(
    project: Project, ids: Sequence[UUID], *, has_answer: bool
) -> tuple[dict[UUID, list[str]], dict[UUID, list[str]]]:
    """The words of each interaction's prompt and of its answer, few bytes read at a time."""
    prompts: dict[UUID, list[str]] = {}
    answers: dict[UUID, list[str]] = {}
    for some in body_sizes.pieces(project, ids, most=body_sizes.STREAM_PIECE_BYTES):
        rows = InteractionBody.objects.in_project(project).filter(among("interaction_id", some))
        columns = ("interaction_id", "messages", "completion", "completion_parts")
        for id, messages, completion, parts in rows.values_list(*columns):
            prompts[id] = words_of(_said(messages))
            if has_answer:
                answers[id] = _answer(completion, parts)
    return prompts, answers


def _said(messages: Iterable[dict[str, Any]]) -> Iterator[str]:
    for message in messages:
        if message.get("role") not in _INSTRUCTIONS:
            yield from texts_of(message)
            yield from filter(None, map(image_address, parts_of(message)))


def words_of(texts: Iterable[str]) -> list[str]:
    """The words of some texts in lower case: `words_of(["Is it? 是的"])` is is, it, 是, 的."""
    words = (match[0].lower() for text in texts for match in _WORD.finditer(text))
    return list(islice(words, WORDS_READ))
