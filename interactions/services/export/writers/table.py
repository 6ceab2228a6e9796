"""A record as a row of a table, for spreadsheets."""

from interactions.models.content_parts import texts_of
from interactions.services.export.lines import Line, LineOptions
from interactions.services.export.writers import own
from interactions.services.export.writers.messages import json_of
from interactions.services.training.record import ModelAnswer, TrainingRecord


def of_record(record: TrainingRecord, options: LineOptions) -> Line:
    """Its texts in columns of their own; beside them, in `messages`, all there is as JSON."""
    system = [one for one in record.messages if one.get("role") in ("system", "developer")]
    turns = [one for one in record.messages if one not in system]
    row: Line = {
        "interaction": str(record.interaction_id) if record.interaction_id else None,
        "created_at": record.created_at,
        "session": record.session_id,
        "split": record.split,
        "system": "\n".join(text for one in system for text in texts_of(one)),
        "prompt": _turns(turns),
    }
    if record.other is not None and record.answer is not None:
        row |= _answer(record.answer, "chosen") | _answer(record.other, "rejected")
        row |= {"metric": record.metric, "tied": record.tied}
    elif record.answer is not None:
        row |= _answer(record.answer, "completion")
    row |= {f"feedback.{key}": value for key, value in record.feedback.items()}
    row |= {f"label.{key}": value for key, value in record.labels.items()}
    said = [own.message_of(message, options) for message in record.messages]
    row["messages"] = json_of(said)
    row["tools"] = json_of(record.tools) if record.tools else None
    row["metadata"] = json_of(record.metadata) if record.metadata else None
    return row


def _turns(turns: list[Line]) -> str:
    """The text of one turn; of several, each after who said it."""
    texts = ["\n".join(texts_of(one)) for one in turns]
    if len(turns) == 1:
        return texts[0]
    said = zip(turns, texts, strict=True)
    return "\n\n".join(f"{str(one.get('role')).capitalize()}: {text}" for one, text in said)


def _answer(answer: ModelAnswer, name: str) -> Line:
    beside = {f"{name}_parts": json_of(answer.parts)} if answer.parts else {}
    return {name: answer.text, f"{name}_model": answer.model, **beside}
