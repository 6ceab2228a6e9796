"""The conditions of a filter as tests in SQL of one record, a row of `dataset_item`.

A record knows what was copied into it, so some conditions of interactions cannot be asked of it.
Nothing of its JSON is indexed: of 200,000 records a label takes 0.7 s where none has it, a text 4.
"""

from adaptive_site.lib.database.sql import FALSE, TRUE, Sql, joined
from adaptive_site.lib.errors import Invalid
from interactions.filters.conditions import (
    Condition,
    Contains,
    CreatedBy,
    CreatedIn,
    CreatedWithin,
    HasFeedback,
    HasId,
    HasLabel,
    HasLlm,
    HasNumber,
    HasPrompt,
    HasSource,
    InSession,
    IsCompared,
    Number,
    Reads,
)
from interactions.filters.tree import And, Not, Or, Tree
from interactions.textindex.message_texts import has_text, holds, is_system_prompt
from interactions.textindex.places import Place

# The answers as they are in files.
ANSWER = "coalesce(correction, content #>> '{answer,text}')"
OTHER = "(content #>> '{other,text}')"
IMAGES = "jsonb_path_query_array(content, '$.messages[*].content[*].image_url')"
_IS_SYSTEM = is_system_prompt("m.message")
_VALUE = (
    "CASE jsonb_typeof(v.value) WHEN 'boolean' THEN (v.value = 'true')::int"
    " ELSE (v.value #>> '{}')::float END"
)
_UNKNOWN = {
    HasSource: "where it came from", CreatedBy: "who logged it",
    CreatedIn: "its time", CreatedWithin: "its time",
    Number.LATENCY: "its latency", Number.TTFT: "the time to its first token",
    Number.PROMPT_TOKENS: "the tokens of its prompt alone",
    Number.COMPLETION_TOKENS: "the tokens of its answer alone",
}  # fmt: skip


def record_test(tree: Tree) -> Sql:
    """Whether a record matches; never null. Raises Invalid for what no record knows."""
    match tree:
        case And(children):
            return joined([TRUE, *map(record_test, children)], " AND ")
        case Or(children):
            either = joined([FALSE, *map(record_test, children)], " OR ")
            return Sql(f"({either.text})", either.params)
        case Not(child):
            inner = record_test(child)
            return Sql(f"NOT ({inner.text})", inner.params)
        case _:
            test = _condition(tree)
            return Sql(f"coalesce({test.text}, FALSE)", test.params)


def _condition(one: Condition) -> Sql:
    match one:
        case HasLabel(key, None):
            return Sql("content -> 'labels' ? %s", (key,))
        case HasLabel(key, values):
            return Sql("content -> 'labels' ->> %s = ANY(%s)", (key, list(values or ())))
        case HasLlm(keys):
            names = [key or "" for key in keys]
            other = Sql("content #>> '{other,model}' = ANY(%s)", (names,))
            mine = Sql("model = ANY(%s)", (names,))
            return joined([Sql("("), mine, Sql("OR"), other, Sql(")")], " ")
        case HasFeedback():
            return _feedback(one)
        case IsCompared(None):
            return Sql("content ? 'other'")
        case IsCompared(metric):
            return Sql("content ->> 'metric' = %s", (metric,))
        case HasNumber(Number.TOKENS, comparator, value):
            return Sql(f"tokens {comparator.sql} %s", (value,))
        case HasNumber(Number.IMAGES, comparator, value):
            return Sql(f"jsonb_array_length({IMAGES}) {comparator.sql} %s", (value,))
        case InSession(session_id):
            return Sql("content ->> 'session_id' = %s", (str(session_id),))
        case HasPrompt(prompt_hash):
            return Sql("prompt_hash = %s", (prompt_hash,))
        case HasId(id):
            return Sql("(item = %s OR interaction_id = %s OR other_id = %s)", (id, id, id))
        case Contains(text, place):
            return _contains(text, place)
        case Reads(text, place):
            return _reads(text, place)
    unknown = _UNKNOWN[one.number if isinstance(one, HasNumber) else type(one)]
    raise Invalid(
        f"a record of a dataset does not keep {unknown}; expected another field", field="q"
    )


def in_messages(test: str) -> str:
    """Whether a test holds of a message of the record, `m.message`."""
    return (
        "EXISTS (SELECT FROM jsonb_array_elements(content -> 'messages') AS m(message)"
        f" WHERE {test})"
    )


def _feedback(one: HasFeedback) -> Sql:
    """Whether some value of the record compares as is asked; it has one for each metric."""
    if one.given_by is not None or one.reasons is not None or one.because is not None:
        said = "a record keeps the values of its feedback, not who gave it or why"
        raise Invalid(f"expected a value alone: {said}", field="q")
    tests = [Sql(f"{_VALUE} {sign.sql} %s", (value,)) for sign, value in one.comparisons]
    under = TRUE if one.metric is None else Sql("v.key = %s", (one.metric,))
    asked = joined([under, *tests], " AND ")
    return Sql(
        f"EXISTS (SELECT FROM jsonb_each(content -> 'feedback') v WHERE {asked.text})",
        asked.params,
    )


def _contains(text: str, place: Place) -> Sql:
    """Whether the text stands in the record, in any case."""
    test, like = "TEXT ILIKE %s", _like(text)
    tests = []
    if place.has_prompt:
        which = {(True, False): f"NOT {_IS_SYSTEM} AND ", (False, True): f"{_IS_SYSTEM} AND "}
        some = which.get((place.has_turns, place.has_system), "") + has_text("m.message", test)
        tests.append(in_messages(some))
    if place.has_completion:
        tests += [holds(ANSWER, test), holds(OTHER, test)]
        tests += [
            has_text(f"(content #> '{{{side},parts}}')", test) for side in ("answer", "other")
        ]
    either = " OR ".join(f"coalesce({one}, FALSE)" for one in tests)
    return Sql(f"({either})", (like,) * either.count("%s"))


def _reads(text: str, place: Place) -> Sql:
    tests = []
    if place.has_prompt:
        tests.append(Sql(in_messages("m.message ->> 'content' = %s"), (text,)))
    if place.has_completion:
        tests.append(Sql(f"{ANSWER} = %s OR {OTHER} = %s", (text, text)))
    either = joined(tests, " OR ")
    return Sql(f"({either.text})", either.params)


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
