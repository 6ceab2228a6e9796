"""Lines of uploaded datasets: the four kinds, their spellings, and what is wrong with others."""

import json
from base64 import b64decode
from io import BytesIO
from typing import Any

import pytest

from adaptive_site.lib.errors import Invalid, TooLarge
from interactions.models import Dataset
from interactions.services.datasets.uploaded import lines as uploaded_lines
from interactions.services.datasets.uploaded.lines import (
    UploadedMetrics,
    UploadedReader,
    UploadedRecord,
    lines_of,
)
from projects.models import Project
from tests import make

ASKED = [{"role": "user", "content": "Hello"}]
Kind = Dataset.Kind


def read(project: Project, *lines: Any) -> list[UploadedRecord]:
    """The records of some lines."""
    reader = UploadedReader(UploadedMetrics(project))
    raws = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return [reader.read(number, raw) for number, raw in enumerate(raws, 1)]


LINES: dict[Dataset.Kind, dict[str, Any]] = {
    Kind.PROMPT: {"messages": ASKED},
    Kind.COMPLETION: {"messages": ASKED, "completion": "Hi"},
    Kind.FEEDBACK: {"messages": ASKED, "completion": "Hi", "feedbacks": {"quality": 0.8}},
    Kind.PREFERENCE: {
        "messages": ASKED,
        "preferred_completion": "Good",
        "other_completion": "Bad",
        "feedback_key": "quality",
    },
}


@pytest.mark.parametrize("kind", LINES)
def test_the_kind_is_that_of_the_first_line(project: Project, kind: Dataset.Kind) -> None:
    reader = UploadedReader(UploadedMetrics(project))
    reader.read(1, json.dumps(LINES[kind]).encode())
    assert reader.kind == kind
    for other, line in LINES.items():
        if other != kind:
            with pytest.raises(Invalid, match=r"^line 2: expected .*, as in the lines before"):
                reader.read(2, json.dumps(line).encode())


def test_what_a_line_of_completions_holds(project: Project) -> None:
    line = LINES[Kind.FEEDBACK] | {
        "feedbacks": {"quality": 0.8, "helpful": True},
        "labels": {"env": "prod"},
        "metadata": {"order": "A7", "n": [1, {"deep": None}]},
        "model": "gpt-4o",
        "somebody": "else",
    }
    (one,) = read(project, line)
    record = one.record
    assert record.messages == ASKED
    assert record.answer is not None
    assert (record.answer.text, record.answer.model) == ("Hi", "gpt-4o")
    assert record.feedback == {"quality": 0.8, "helpful": True}
    assert record.labels == {"env": "prod"}
    assert record.metadata == {"somebody": "else", "order": "A7", "n": [1, {"deep": None}]}


def test_a_preference(project: Project) -> None:
    (one,) = read(project, LINES[Kind.PREFERENCE])
    assert [answer.text for answer in one.record.answers] == ["Good", "Bad"]
    assert one.record.metric == "quality"


def test_scores_is_another_name_of_feedbacks(project: Project) -> None:
    (one,) = read(project, {"messages": ASKED, "completion": "", "scores": {"stars": 4}})
    assert one.record.feedback == {"stars": 4.0}


def test_labels_as_a_list(project: Project) -> None:
    labels = [{"key": "env", "value": "prod"}, {"key": "lang", "value": "de"}]
    (one,) = read(project, {"messages": ASKED, "labels": labels})
    assert one.record.labels == {"env": "prod", "lang": "de"}


@pytest.mark.parametrize("spelling", ["image", "image_url", "flat"])
def test_images_in_either_spelling(project: Project, spelling: str) -> None:
    url = make.data_uri(make.make_image())
    spellings: dict[str, dict[str, Any]] = {
        "image": {"type": "image", "url": url},
        "image_url": {"type": "image_url", "image_url": {"url": url}},
        "flat": {"type": "image_url", "image_url": url},
    }
    content = [{"type": "text", "text": "Describe"}, spellings[spelling]]
    (one,) = read(project, {"messages": [{"role": "user", "content": content}]})
    assert one.images[0].data == b64decode(url.partition(",")[2])
    assert one.record.images == [one.images[0].facts.sha256]


def test_new_metrics_are_of_the_kind_of_their_first_value(project: Project) -> None:
    make.make_metric(project, "known", kind="BOOL")
    metrics = UploadedMetrics(project)
    reader = UploadedReader(metrics)

    def take(number: int, **values: Any) -> UploadedRecord:
        line = {"messages": ASKED, "completion": "Hi", "feedbacks": values}
        return reader.read(number, json.dumps(line).encode())

    assert take(1, known=1, fresh=True, stars=3).record.feedback == {
        "known": True, "fresh": True, "stars": 3.0,
    }  # fmt: skip
    assert metrics.kinds == {"fresh": "BOOL", "stars": "SCALAR"}
    with pytest.raises(Invalid, match=r"line 2: feedbacks\.fresh: expected true"):
        take(2, fresh=0.5)
    with pytest.raises(Invalid, match=r"line 3: feedbacks\.stars: expected a number"):
        take(3, stars=False)


FAULTS: list[tuple[Any, str]] = [
    (b"{", "line 1: not valid JSON"),
    (b'{"messages": NaN}', "line 1: not valid JSON"),
    (b"\xff", "line 1: not valid JSON"),
    ([], "line 1: expected a JSON object"),
    ({}, "line 1: messages: expected a list"),
    ({"messages": []}, "line 1: messages: expected a list"),
    ({"messages": [{"content": "x"}]}, r"line 1: messages\.0\.role"),
    ({"messages": ASKED, "completion": 7}, "line 1: completion: expected a string"),
    ({"messages": ASKED, "completion": ["x"]}, "line 1: completion: expected a string"),
    ({"messages": ASKED, "labels": {"a": 1}}, r"line 1: labels\.a: expected a string"),
    ({"messages": ASKED, "labels": ["a"]}, r"line 1: labels\.0: expected an object"),
    ({"messages": ASKED, "metadata": "x"}, "line 1: metadata: expected an object"),
    ({"messages": ASKED, "tools": {}}, "line 1: tools: expected a list"),
    ({"messages": ASKED, "session_id": "x"}, "line 1: session_id: expected a UUID"),
    (LINES[Kind.FEEDBACK] | {"feedbacks": [1]}, "line 1: feedbacks: expected an object"),
    (LINES[Kind.FEEDBACK] | {"feedbacks": {"q": "x"}}, r"line 1: feedbacks\.q: expected true"),
    (LINES[Kind.FEEDBACK] | {"feedbacks": {"": 1}}, r"line 1: feedbacks\.: expected a key"),
    (LINES[Kind.FEEDBACK] | {"completion": None}, "line 1: completion: expected a string, which"),
    (
        {"messages": ASKED, "labels": [{"key": "a", "value": "b"}] * 2},
        r"line 1: labels\.1: expected each key once",
    ),
    (LINES[Kind.PREFERENCE] | {"feedback_key": None}, "line 1: feedback_key: expected a key"),
    (LINES[Kind.PREFERENCE] | {"other_completion": None}, "line 1: other_completion: expected"),
    (LINES[Kind.PREFERENCE] | {"tied": "yes"}, "line 1: tied: expected"),
]


@pytest.mark.parametrize(("line", "says"), FAULTS, ids=[says for _, says in FAULTS])
def test_what_is_wrong_is_named(project: Project, line: Any, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read(project, line)


@pytest.mark.parametrize("url", ["https://example.org/a.png", "/etc/passwd", "file:///a"])
def test_images_elsewhere_are_refused(project: Project, url: str) -> None:
    content = [{"type": "image", "url": url}]
    with pytest.raises(Invalid, match=r"line 1: messages\.0\.content\.0: expected the image"):
        read(project, {"messages": [{"role": "user", "content": content}]})


def test_a_file_names_so_many_new_metrics(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploaded_lines, "MAX_NEW_METRICS", 2)
    with pytest.raises(Invalid, match="at most 2 new metrics"):
        read(project, LINES[Kind.FEEDBACK] | {"feedbacks": {"a": 1, "b": 1, "c": 1}})


def test_lines_have_their_numbers_in_the_file() -> None:
    data = '\ufeff{}\n\n  \r\n{"a": "\u2028"}\r\n{}'.encode()
    found = list(lines_of(BytesIO(data)))
    assert [(number, raw.strip()) for number, _, raw in found] == [
        (1, b"{}"), (4, '{"a": "\u2028"}'.encode()), (5, b"{}"),
    ]  # fmt: skip
    file = BytesIO(data)
    file.seek(found[1][1])
    assert list(lines_of(file, number=4)) == [found[2]]


def test_a_line_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploaded_lines, "MAX_LINE", 10)
    with pytest.raises(TooLarge, match="line 2"):
        list(lines_of(BytesIO(b"{}\n12345678901\n")))
