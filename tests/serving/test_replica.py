"""Pages read from a standby, and never anything older than what was acknowledged before."""

import time
from collections.abc import Iterator

import pytest
from django.urls import reverse

from tests.serving.replicated_site import Replicated, reading_from_standby

TRIES = 25
NAMES = (
    *("interactions", "groups", "datasets", "sessions", "pairs", "review", "images", "views"),
    *("jobs", "connect", "feedback", "models", "interactions-facets", "interactions-count"),
)


@pytest.fixture(scope="module")
def replicated() -> Iterator[Replicated]:
    with reading_from_standby() as made:
        yield made


def test_pages_come_from_the_standby(replicated: Replicated) -> None:
    replicated.log("An answer")
    before = replicated.read_there()
    paths = [reverse(name, kwargs={"key": "kept"}) for name in NAMES]
    assert {path: replicated.page(path)[0] for path in paths} == dict.fromkeys(paths, 200)
    deadline = time.monotonic() + 20
    while replicated.read_there() < before + len(paths):  # statistics come a moment later
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert not replicated.server.said("asked again")


def test_doctor_says_how_far_it_is_behind(replicated: Replicated) -> None:
    said = replicated.run("doctor").stdout
    assert "replica: 0.0 MB behind" in said, said


def test_what_was_acknowledged_is_seen_though_the_standby_is_behind(replicated: Replicated) -> None:
    with replicated.behind("300ms"):
        for number in range(TRIES):
            id = replicated.log(f"Answer {number}")
            status, said = replicated.page(f"/projects/kept/interactions/{id}/")
            assert status == 200 and f"Answer {number}" in said


def test_no_page_fails_when_the_standby_is_killed(replicated: Replicated) -> None:
    path = reverse("interactions", kwargs={"key": "kept"})
    statuses = []
    for number in range(30):
        if number == 10:
            replicated.both.standby.kill()
        statuses.append(replicated.page(path)[0])
    assert statuses == [200] * 30
    assert replicated.server.said("the replica is left out")
    assert "does not answer" in replicated.run("doctor").stdout
