"""Records of no format that we know: what each column is, guessed by its name, or told."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adaptive_site.lib.errors import Invalid
from interactions.services.importing.formats import values
from interactions.services.importing.formats.messages import answer, message, messages, split

# What a column may be, in the order of a menu. Those in `OF_MANY_COLUMNS` may be several columns.
ROLES = {
    "prompt": "prompt",
    "completion": "completion",
    "messages": "messages (JSON)",
    "system": "system prompt",
    "model": "model",
    "created_at": "time",
    "session_id": "session",
    "external_id": "its own id",
    "label": "label",
    "feedback": "feedback",
    "metadata": "metadata",
    "": "leave out",
}
OF_MANY_COLUMNS = ("label", "feedback", "metadata", "")
_GUESSES = {
    "messages": "messages conversation conversations chat chat_history input_messages",
    "prompt": "prompt question query input instruction user user_message request ask text_in"
    " user_prompt user_input",
    "completion": "completion answer response output reply assistant generation result"
    " assistant_message model_output model_response text_out bot",
    "system": "system system_prompt system_message",
    "model": "model model_name llm engine deployment",
    "created_at": "created_at created timestamp time date datetime created_time at logged_at"
    " start_time",
    "session_id": "session session_id conversation_id thread thread_id chat_id",
    "external_id": "id external_id uuid request_id row_id interaction_id",
    "feedback": "feedback score rating thumbs thumbs_up liked helpful correct accepted label_good"
    " quality grade is_correct passed upvoted",
    "label": "label tag tags env environment language lang country source topic category intent"
    " version split channel product",
}
_BY_NAME = {name: role for role, names in _GUESSES.items() for name in names.split()}
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_WORD = re.compile(r"[^a-z0-9]+")


def guessed(columns: Sequence[str], records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The likely role of each column, by its name and by what the first records hold there."""
    found: dict[str, str] = {}
    for column in columns:
        name = _WORD.sub("_", column.strip().lower()).strip("_")
        role = _BY_NAME.get(name) or (_by_last_word(name, columns) or "metadata")
        held = [record[column] for record in records if record.get(column) not in (None, "")]
        if role == "prompt" and held and all(_is_conversation(value) for value in held):
            role = "messages"
        if role == "feedback" and not all(values.judgement(one) is not None for one in held):
            role = "label" if all(len(str(one)) <= 40 for one in held) else "metadata"
        if role == "label" and any(len(str(one)) > 200 for one in held):
            role = "metadata"
        if role not in OF_MANY_COLUMNS and role in found.values():
            role = "metadata"
        found[column] = role
    _guess_time(found, records)
    if "messages" in found.values():
        return {name: "metadata" if role == "prompt" else role for name, role in found.items()}
    return found


def _by_last_word(name: str, columns: Sequence[str]) -> str | None:
    """The role of `customer_question`: that of its last word, if no column is called just that."""
    role = _BY_NAME.get(name.rpartition("_")[2])
    exact = {_BY_NAME.get(_WORD.sub("_", one.strip().lower()).strip("_")) for one in columns}
    return role if role in ("prompt", "completion") and role not in exact else None


def _guess_time(found: dict[str, str], records: Sequence[Mapping[str, Any]]) -> None:
    """Of columns that nothing is known of, the first that holds times is the time."""
    if "created_at" in found.values():
        return
    for column in [name for name, role in found.items() if role == "metadata"]:
        held = [record[column] for record in records if record.get(column) not in (None, "")]
        if held and all(isinstance(one, str) and _TIME.match(one) for one in held):
            found[column] = "created_at"
            return


def check(mapping: Mapping[str, str], *, has_answers: bool = True) -> None:
    """Raise Invalid where a mapping makes no interactions of records, or not even prompts."""
    roles = list(mapping.values())
    for column, role in mapping.items():
        if role not in ROLES:
            raise Invalid("expected one of the listed roles", field=column)
        if role not in OF_MANY_COLUMNS and roles.count(role) > 1:
            said = f"two columns are “{ROLES[role]}”: expected one"
            raise Invalid(said, field=column)
    if "messages" not in roles and "prompt" not in roles:
        raise Invalid("no column is the prompt, or the messages: choose one", field="columns")
    if has_answers and "messages" not in roles and "completion" not in roles:
        raise Invalid("no column is the completion: choose one", field="columns")


def line(
    record: Mapping[str, Any], mapping: Mapping[str, str], *, has_answers: bool = True
) -> dict[str, Any]:
    """One record as a line. Raises Invalid naming the column at fault.

    Without answers, messages may end with the user's, and the completion may be empty.
    """
    by_role = {role: column for column, role in mapping.items()}

    def held(role: str) -> Any:
        column = by_role.get(role)
        return None if column is None else record.get(column)

    made = _conversation(held, by_role, has_answers=has_answers)
    made |= {
        "model": _text(held("model")),
        "created_at": values.time(held("created_at")),
        "session_id": values.session(held("session_id")),
        "external_id": _text(held("external_id")),
        "labels": _labels(record, mapping),
        "feedbacks": _feedback(record, mapping),
        # What no role is given keeps its place there too: a later record may have other members.
        "user_metadata": {
            column: value
            for column, value in record.items()
            if mapping.get(column, "metadata") == "metadata" and value not in (None, "")
        },
    }
    return values.without_none(made) | {"completion": made["completion"]}


def _conversation(held: Any, by_role: Mapping[str, str], *, has_answers: bool) -> dict[str, Any]:
    answered = values.from_json(held("completion"))
    if "messages" in by_role:
        turns = messages(values.from_json(held("messages")), field=by_role["messages"])
    else:
        asked = held("prompt")
        if asked in (None, ""):
            raise Invalid("is empty: expected a prompt", field=by_role["prompt"])
        turns = [{"role": "user", "content": asked if isinstance(asked, str) else _text(asked)}]
    if held("system") and turns[0]["role"] != "system":
        turns.insert(0, {"role": "system", "content": str(held("system"))})
    is_prompt = "messages" not in by_role or turns[-1]["role"] != "assistant"
    if "completion" not in by_role and not has_answers and is_prompt:
        return {"messages": turns, "completion": ""}
    if "completion" not in by_role:
        return split(turns, field=by_role["messages"])
    if isinstance(answered, dict) and answered.keys() & {"role", "content"}:
        return {"messages": turns, **answer(message({"role": "assistant"} | answered))}
    if isinstance(answered, list) and answered and isinstance(answered[-1], dict):
        return {"messages": turns, **answer(message({"role": "assistant"} | answered[-1]))}
    return {"messages": turns, "completion": _text(held("completion")) or ""}


def _labels(record: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, role in mapping.items():
        if role == "label" and record.get(column) not in (None, ""):
            given = values.from_json(record[column])
            if isinstance(given, dict):
                found |= values.labels(given)
            elif isinstance(given, list):
                found |= values.tags(given)
            else:
                found[column[:128]] = str(given)
    return found


def _feedback(record: Mapping[str, Any], mapping: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    for column, role in mapping.items():
        if role != "feedback" or record.get(column) in (None, ""):
            continue
        given = values.from_json(record[column])
        pairs = given.items() if isinstance(given, dict) else [(column, given)]
        for key, one in pairs:
            judged = values.judgement(one)
            if judged is None:
                said = f"expected a number, yes or no, got {str(one)[:40]!r}"
                raise Invalid(said, field=column)
            found.append({"feedback_key": str(key)[:200], "value": judged})
    return found


def _is_conversation(value: Any) -> bool:
    given = values.from_json(value)
    return isinstance(given, list) and bool(given) and isinstance(given[0], dict)


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else values.to_json(value)
