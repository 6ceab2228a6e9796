"""All that is said is found, by the index and without it, however it is written down."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from adaptive_site.lib.database.sql import Bounds
from interactions.filters.conditions import Contains
from interactions.filters.sql import planner, queries
from interactions.models import InteractionBody
from interactions.services.browsing.text_hits import hits
from interactions.textindex import upkeep
from interactions.textindex.candidates import look_up
from interactions.textindex.message_texts import strings_in
from interactions.textindex.places import Place
from projects.models import Project
from tests.make import make_interaction

pytestmark = pytest.mark.django_db

HIDDEN = json.dumps({"city": "Zürichville", "Straße": 'one\ntwo "three"'})
DEEPER = json.dumps({"payload": HIDDEN})
FACTS = json.dumps([{"a": 1.5, "b": None}, "Zürichville"])


def call(**named: Any) -> dict[str, Any]:
    return {"tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", **named}}]}


def part(**known: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": "see"}, known]}


def found(project: Project, text: str, place: Place = Place.ANYWHERE) -> list[UUID]:
    """Those that hold it, read from the bodies; the index knows them all, and so do snippets."""
    wanted = Contains(text, place)
    ids = list(queries.page(project, wanted, limit=9).ids)
    candidates = look_up(project.id, [(text, place)])
    if candidates is not None:
        assert set(ids) <= {
            UUID(bytes=id) for batch in candidates.batches(Bounds()) for id, _ in batch
        }
    if ids:
        assert all(None not in cut for cut in hits(project, ids, [wanted]).values())
    return ids


def stored(project: Project, **known: Any) -> UUID:
    """One as it is kept, indexed, beside one that says nothing of it."""
    make_interaction(project, "Hello", "Bye")
    one = make_interaction(project, "Hello", known.pop("completion", "Bye"))
    body = InteractionBody.objects.filter(project=project, interaction_id=one.id)
    if message := known.pop("message", None):
        known["messages"] = [{"role": "user", "content": "Hello"}, message]
    if known:
        body.update(**known)
    while upkeep.index_some(project):
        pass
    return one.id


@pytest.fixture(params=["as_is_best", "by_texts_first"])
def any_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "by_texts_first":
        monkeypatch.setattr(planner, "MOST_TEXTS_UNINDEXED", -1)
        monkeypatch.setattr(planner, "LIST_TEST_US", 0)


@pytest.mark.usefixtures("any_way")
@pytest.mark.parametrize(
    "known",
    [
        {"message": {"role": "assistant", "content": None, **call(arguments=HIDDEN)}},
        {"message": {"role": "assistant", "content": None, **call(input=HIDDEN)}},
        {"message": {"role": "assistant", "content": None, **call(arguments=json.loads(HIDDEN))}},
        {"message": {"role": "assistant", "function_call": {"name": "f", "arguments": HIDDEN}}},
        {"message": {"role": "tool", "tool_call_id": "c", "content": HIDDEN}},
        {"message": {"role": "tool", "content": f" \n{DEEPER}"}},
        {"message": {"role": "function", "name": "f", "content": HIDDEN}},
        {"message": {"role": "tool", **part(type="text", text=HIDDEN)}},
        {"message": {"role": "user", **part(type="tool_result", content=HIDDEN)}},
        {"message": {"role": "user", "content": HIDDEN}},
        {"completion": HIDDEN},
        {"completion_parts": call(arguments=HIDDEN)},
        {"system": {"response": {"choices": [{"message": call(arguments=HIDDEN)}]}}},
    ],
)
def test_words_in_escaped_json_are_found(project: Project, known: dict[str, Any]) -> None:
    id = stored(project, **known)
    for text in ("Zürichville", "ZÜRICH", 'one two "three"', "STRASSE"):
        assert found(project, text) == [id], text
    assert found(project, "city") == [id]
    assert found(project, "city Zürichville") == []


@pytest.mark.usefixtures("any_way")
@pytest.mark.parametrize(
    ("known", "said"),
    [
        (part(type="tool_use", id="hide", name="ZTU28", input={"q": ["ZTI29", {"x": "deep"}]}),
         ["ZTU28", "ZTI29", "deep"]),
        (part(type="tool_result", tool_use_id="hide",
              content=[{"type": "text", "text": "ZTR30"}, {"type": "image", "source": {
                  "type": "base64", "data": "hide"}}]), ["ZTR30"]),
        (part(type="tool_result", content="ZTR31"), ["ZTR31"]),
        (part(type="tool_result", content=["ZTR32", {"type": "text", "text": 4}]), ["ZTR32"]),
        (part(type="file", file={"filename": "ZFILE24.pdf", "file_data": "data:x;base64,hide"}),
         ["ZFILE24.pdf"]),
        (part(type="input_file", filename="ZF25.txt", file_id="hide"), ["ZF25.txt"]),
        (part(type="document", title="ZTIT38", context="ZC1", source={
            "type": "text", "media_type": "hide", "data": "ZDOC"}), ["ZTIT38", "ZC1", "ZDOC"]),
        (part(type="document", title="ZTIT38", source={"type": "base64", "data": "hide"}),
         ["ZTIT38"]),
        (part(type="document", source={"type": "content", "content": [
            {"type": "text", "text": "ZCT"}]}), ["ZCT"]),
        (part(type="web_search_tool_result", content=[
            {"type": "web_search_result", "title": "ZWT", "encrypted_content": "hide"}]), ["ZWT"]),
        (part(type="code_execution_tool_result", content={"stdout": "ZOUT", "type": "hide"}),
         ["ZOUT"]),
        (part(type="function_call_output", call_id="hide", output="ZO1"), ["ZO1"]),
        (part(type="thinking", thinking="ZTH", signature="hide"), ["ZTH"]),
    ],
)  # fmt: skip
def test_parts_that_are_no_text_are_found_by_what_they_say(
    project: Project, known: dict[str, Any], said: list[str]
) -> None:
    id = stored(project, message={"role": "user", **known})
    for text in said:
        assert found(project, text) == [id], text
    assert found(project, "hide") == []


@pytest.mark.usefixtures("any_way")
@pytest.mark.parametrize("by_sql", [False, True])
def test_other_answers_are_found(project: Project, by_sql: bool) -> None:
    others = [
        {"index": 0, "logprobs": {"content": [{"token": "hide"}]}},
        {"index": 1, "message": {"role": "assistant", "content": "A second answer"}},
        {"index": 2, "message": {"role": "assistant", "content": None, **call(arguments="third")}},
    ]
    others += ["odd", None] * by_sql  # type: ignore[list-item]
    id = stored(project, system={"response": {"choices": others}, "note": "hide"})
    for text in ("second answer", "third"):
        assert found(project, text) == [id]
        assert found(project, text, Place.COMPLETION) == [id]
        assert found(project, text, Place.PROMPT) == []
    assert found(project, "hide") == []


@pytest.mark.usefixtures("any_way")
@pytest.mark.parametrize(
    "said", ["first line of it\nsecond line", "first line of it\r\n\t second  line",
             "é. First line of it\u2028\u00a0second\vline",
             "first  line of it\n\n\n    second\nline"],
)  # fmt: skip
def test_a_phrase_goes_across_lines_and_blanks(project: Project, said: str) -> None:
    id = stored(project, completion=f"{'Before. ' * 60}{said} at last")
    for text in ("first line of it second line", "of it\nsecond", "it  second", "e of it second l"):
        assert found(project, text) == [id], text
    assert found(project, "itsecond") == []
    ((hit,),) = hits(project, [id], [Contains("of it second line")]).values()
    assert hit is not None and "irst line of it second line at last" in hit.text


ODD = [
    '{"a": "\\u0000"}', '{"a": "\\ud800"}', '{"a": "\\ud83d\\ude00"}', '{"a": "\\x"}', '["\\', "\\",
    '"\\n" and more', '{"a": NaN, "b": "\\n"}', '[1e999, "\\u00e9"]', f'[{"9" * 5000}, "\\u00e9"]',
    "[" * 2000 + '"\\u00e9"' + "]" * 2000, "[" * 90_000 + '"\\u00e9"' + "]" * 90_000,
    '\u00a0["\\u00e9"]', '\x0c["\\u00e9"]', "\\u00e9", '{"\\u00e9": {"a": "b", "a": "c"}}',
    '"\\"\\\\\\"deep\\\\\\"\\""', DEEPER, FACTS,
]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_python_reads_no_less_of_json_than_postgresql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT said FROM search_strings(%s) AS s(said)", [text])
        read = sorted(said for (said,) in cursor.fetchall())
    try:
        assert set(read) <= set(strings_in(text))
    except TypeError:
        assert "[" * 900 in text  # PostgreSQL reads it for the index, too


def test_what_cannot_be_decoded_stays_as_it_is(project: Project) -> None:
    for number, text in enumerate(ODD):
        if "\\u0000" not in text:
            make_interaction(project, completion=f"row{number} {text}")
            make_interaction(
                project,
                completion=text,
                messages=[{"role": "user", "content": "x"}, {"role": "tool", "content": text}],
            )
    while upkeep.index_some(project):
        pass
    assert len(found(project, "row3")) == 1
    assert len(found(project, '"\\x"')) == 2
    assert len(found(project, "😀")) == 1
