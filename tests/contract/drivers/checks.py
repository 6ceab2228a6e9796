"""The checks of a client: registered by the method that each is about, run chapter by chapter."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tests.contract.drivers.calling import World

Check = Callable[[World], None]


@dataclass(frozen=True)
class Registered:
    """A check, and the method (in the newest spelling) that it is about."""

    method: str
    run: Check


REGISTERED: list[Registered] = []


def check(method: str) -> Callable[[Check], Check]:
    """Register a function as a check of a method; without that method it is not run."""

    def register(run: Check) -> Check:
        REGISTERED.append(Registered(method, run))
        return run

    return register


def run_all(world: World, chapters: Sequence[ModuleType]) -> list[dict[str, Any]]:
    """Run every check of what this client has, in the order of the modules they are in.

    Each outcome is {"method": as this client spells it, "check": name, "fault": traceback or ""}.
    """
    outcomes = []
    order = [chapter.__name__ for chapter in chapters]
    for one in sorted(REGISTERED, key=lambda one: order.index(one.run.__module__)):
        if not world.client.has(one.method):
            continue
        fault = ""
        try:
            one.run(world)
        except Exception:  # whatever it is, the tests show it and the other checks go on
            fault = traceback.format_exc()
        name = one.run.__name__
        spelt = world.client.spelling(one.method)
        outcomes.append({"method": spelt, "check": name, "fault": fault})
    return outcomes


def refusal(world: World, method: str, /, **keywords: Any) -> str:
    """Call a method that must fail and return what it raises, as "Type: text"."""
    try:
        answer = world.call(method, **keywords)
    except Exception as error:  # the SDK raises plain Exceptions
        return f"{type(error).__name__}: {error}"
    raise AssertionError(f"{method} answered {answer!r}")
