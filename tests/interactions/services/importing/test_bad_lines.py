"""Lines that `manage.py ingest` cannot take: told, counted, and left out."""

from functools import partial

import pytest

from interactions.models import Interaction
from projects.models import Llm, Metric, Project
from tests.interactions.ingesting import Ran, Write, line, preference, write_lines
from tests.make import make_project

# The import writes on threads of its own, which see only what is committed.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_storage"),
]


@pytest.fixture
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Write lines into a new file."""
    return partial(write_lines, tmp_path_factory)


@pytest.fixture
def maple() -> Project:
    return make_project("maple")


BAD: list[tuple[object, str]] = [
    (b"{", "line: it is cut: a bracket or a quote is not closed, after “{”"),
    (b"[]", "line: expected an object"),
    (b'{"messages": NaN}', 'line: expected a value after “{"messages":”'),
    (b'"\xff"', "line: it is not UTF-8"),
    (b"[" * 600 + b"]" * 600, "line: "),
    ({"completion": "x"}, "messages: expected a list"),
    (line(messages=[{"content": "x"}]), "messages.0.role: expected"),
    (line(messages=[{"role": "user", "content": 1}]), "messages.0.content: expected"),
    (line(completion=None), "completion: expected a string"),
    (line(model=3), "model: expected a string of 1 to 200"),
    (line(model="m" * 201), "model: expected a string of 1 to 200"),
    (line(labels=["a"]), "labels: expected an object"),
    (line(labels={"a": ["b"]}), "labels.a: expected a string, got a list"),
    (line(session_id="abc"), "session_id: expected a UUID"),
    (line(created_at="yesterday"), "created_at: expected an ISO-8601 time"),
    (line(external_id=5), "external_id: expected a string"),
    (line(latency_ms=-1), "latency_ms: expected a whole number"),
    (line(usage={"prompt_tokens": 1 << 40}), "usage.prompt_tokens: expected a whole number"),
    (line(parameters=[]), "parameters: expected an object"),
    (line(feedbacks={}), "feedbacks: expected a list"),
    (line(feedbacks=["x"]), "feedbacks.0: expected an object"),
    (line(feedbacks=[{"value": 1}]), "feedbacks.0.feedback_key: expected a string"),
    (line(feedbacks=[{"metric": "k", "value": "1"}]), "feedbacks.0.value: expected true"),
    (line(feedbacks=[{"metric": "k", "value": None}]), "feedbacks.0.value: expected true"),
    (preference("a", "a"), "other: expected another completion"),
    (preference("a", "b", tied="both"), "tied: expected null"),
    (preference("a", "b") | {"other": "b"}, "other: expected an object with model and text"),
    (preference("a", "b", feedback_key=None), "feedback_key: expected a string"),
    (preference("a", "b", completion="c"), "completion: a preference has no such member"),
]


def test_each_bad_line_is_named_with_its_reason_and_the_others_are_stored(
    maple: Project, write: Write
) -> None:
    for n in range(0, len(BAD), 16):  # fewer than are shown one by one
        bad = BAD[n : n + 16]
        file = write(line(f"before {n}"), *[given for given, _ in bad], line(f"after {n}"))
        ran = Ran(file)
        assert ran.failure == ""
        assert f"Bad lines     {len(bad)}" in ran.said
        assert len(ran.faults) == len(bad)
        for number, (fault, (_, reason)) in enumerate(zip(ran.faults, bad, strict=True), start=2):
            assert fault.startswith(f"{file}:{number}: {reason}")
    assert Interaction.objects.in_project(maple).count() == 2 * -(-len(BAD) // 16)
    llms = Llm.objects.filter(attachments__project=maple)
    assert list(llms.exclude(key="echo").values_list("key", flat=True)) == ["gpt-4o"]
    assert not Metric.objects.in_project(maple).exists()


def test_only_the_first_bad_lines_are_told_one_by_one(maple: Project, write: Write) -> None:
    ran = Ran(write(*[b"{"] * 25))
    assert len(ran.faults) == 21
    assert ran.faults[-1] == "… and 5 more bad lines"
