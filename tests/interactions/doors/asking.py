"""Standing before a door as somebody, with everything undone afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.test import Client

from adaptive_site.lib import exact_json
from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from tests.interactions.doors.addresses import Route
from tests.interactions.doors.door import IN, LOGIN, Door
from tests.interactions.doors.people import Actor
from tests.interactions.doors.world import World

OPEN = "OPEN"


@dataclass
class Answer:
    """What was heard: the status, where it leads on, and all that was said."""

    status: int
    where: str
    text: str
    # Of the project that was not meant, before what was done is undone.
    seen: Any = None

    @property
    def heard(self) -> int:
        """The status, of those that are told apart."""
        if self.status in (301, 302, 303) and self.where.startswith("/login/"):
            return LOGIN
        return IN if self.status < 400 or self.status in (400, 409, 422) else self.status


@dataclass
class Round:
    """All who were sent to all doors, and what was otherwise than it should be."""

    world: World
    asked: int = 0
    faults: list[str] = field(default_factory=list)

    def ask(self, client: Client, route: Route, door: Door, actor: Actor) -> Answer:
        """Ask, note what is wrong, and undo it."""
        ids = self.world.ids
        address = address_of(route, door, ids)
        answer = sent(client, door, address, actor, ids)
        expected = door.expected(actor, self.world.owner)
        self.asked += 1
        may_read = actor.may is not None and "interaction:read" in actor.may
        if answer.heard != expected:
            said = f"{answer.status} {answer.where} {answer.text[:150]!r}"
            self.faults.append(
                f"{door.method} {address} as {actor.name}: expected {expected}, heard {said}"
            )
        elif not may_read and self.world.secret in answer.text:
            self.faults.append(f"{OPEN}: {door.method} {address} told {actor.name} of the project")
        return answer


def address_of(route: Route, door: Door, ids: dict[str, str]) -> str:
    """Where the door is, of what `ids` name."""
    query = f"?{door.query.format(**ids)}" if door.query else ""
    return route.at(ids, **door.places) + query


def sent(
    client: Client,
    door: Door,
    address: str,
    actor: Actor,
    ids: dict[str, str],
    look: Callable[[], Any] = lambda: None,
) -> Answer:
    """The answer to the request of a door, whose doing is undone once it was looked at."""
    htmx = {"HX-Request": "true"} if door.is_htmx else {}
    given: dict[str, Any] = {"headers": actor.headers | htmx}
    if door.method != "GET":
        data = filled(door.data, ids)
        if door.by == "session":
            given["data"] = data
        else:
            given |= {"data": exact_json.dumps(data), "content_type": "application/json"}
    cookies = {name: one.value for name, one in client.cookies.items()}
    with transaction.atomic():
        answer = getattr(client, door.method.lower())(address, **given)
        text = _text(answer)
        seen = look()
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return Answer(answer.status_code, answer.headers.get("Location", ""), text, seen)


def filled(data: Any, ids: dict[str, str]) -> Any:
    if isinstance(data, str):
        return data.format(**ids)
    if isinstance(data, list):
        return [filled(one, ids) for one in data]
    if isinstance(data, dict):
        return {name: filled(one, ids) for name, one in data.items()}
    return data


def _text(answer: Any) -> str:
    """All that is said, also of a stream."""
    if not answer.streaming:
        return bytes(answer.content).decode(errors="replace")
    with in_the_requests_thread():
        return b"".join(answer).decode(errors="replace")
