"""One person has so many unfinished requests to models, and every ending gives its place back."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack

import pytest

from adaptive_site.lib.concurrency.shares import Shares
from adaptive_site.lib.errors import TooOften
from interactions.api import request_body
from interactions.api.openai.chat import _Events
from projects.models import Project
from tests.interactions.asking import ask, make_external
from tests.upstream import TOLD, Upstream, completion, says, streams


def test_each_person_has_a_share_of_their_own() -> None:
    shares = Shares(2, "things")
    with shares.one(1), shares.one(1), shares.one(2):
        with pytest.raises(TooOften, match="you have 2 things"), shares.one(1):
            raise AssertionError("there were three")
        assert (shares.taken(1), shares.taken(2)) == (2, 1)
    assert (shares.taken(1), shares.taken(2)) == (0, 0)


@pytest.mark.parametrize("taken", [0, 1, 3], ids=["before the first", "midway", "to its end"])
def test_whoever_leaves_gives_the_place_back(taken: int) -> None:
    shares, ended = Shares(1, "things"), []

    async def rest() -> AsyncGenerator[bytes, None]:
        try:
            yield b"first"
            yield b"second"
            yield b"third"
        finally:
            ended.append(True)

    async def run() -> None:
        share = ExitStack()
        share.enter_context(shares.one(1))
        events = rest()
        body = _Events(await anext(events), events, share)
        assert shares.taken(1) == 1
        pieces = [await anext(body) for _ in range(taken)]
        assert pieces == [b"first", b"second", b"third"][:taken]
        await body.aclose()

    asyncio.run(run())
    assert ended == [True]
    assert shares.taken(1) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stream", [False, True])
def test_more_than_a_share_is_refused_before_anybody_is_asked(
    monkeypatch: pytest.MonkeyPatch,
    project: Project,
    alice_key: str,
    provider: Upstream,
    stream: bool,
) -> None:
    make_external(project, provider)
    monkeypatch.setattr(request_body, "UNFINISHED", Shares(0, "unfinished requests to models"))
    answer = ask(alice_key, stream=stream)
    assert answer.status_code == 429
    assert "unfinished requests to models" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    monkeypatch.setattr(request_body, "UNFINISHED", Shares(1, "unfinished requests to models"))
    assert provider.seen == []
    provider.answer = streams(*TOLD) if stream else says(completion({"content": "A tree."}))
    for _ in range(3):  # one after the other is no more than one
        answer = ask(alice_key, stream=stream)
        assert answer.status_code == 200
        answer.getvalue()
