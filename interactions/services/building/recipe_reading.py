"""Recipes read from the parameters of an address, each fault at its parameter."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from django.http import QueryDict

from adaptive_site.lib.errors import Invalid
from interactions.filters.conditions import HasFeedback
from interactions.filters.notation import parse_feedback, parse_label, parse_number
from interactions.services.building.recipe import (
    Answers,
    Balance,
    Dedupe,
    Empty,
    PairsFrom,
    PerPrompt,
    Recipe,
    RecordKind,
    SampleKind,
    Ties,
)
from interactions.services.datasets.placing.split_rule import SplitShares

MOST_RECORDS = 10_000_000
LARGEST_SEED = 2**63 - 1
LONGEST_NAME = 200
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class RecipeForm:
    """What an address says: what could be read by name, and what is wrong with the others.

    `recipe` is None unless all of it can be read.
    """

    given: QueryDict
    recipe: Recipe | None
    faults: dict[str, str]


def read(query: QueryDict) -> Recipe:
    """The recipe of an address. Raises Invalid naming the first parameter at fault."""
    form = read_form(query)
    if form.recipe is None:
        name, message = next(iter(form.faults.items()))
        raise Invalid(message, field=name)
    return form.recipe


def read_form(query: QueryDict, *, beside: Collection[str] = ()) -> RecipeForm:
    """The recipe of an address, or everything that is wrong with it.

    `beside` are parameters of the page that are no part of the recipe. Of an empty parameter the
    default is taken, and so is of one that does not belong to the kind or the sample.
    """
    said: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, parse in _PARAMETERS.items():
        given = [text.strip() for text in query.getlist(name) if text.strip()]
        if not given:
            continue
        try:
            if any("\0" in text for text in given):
                raise ValueError("Null characters are not allowed.")
            said[name] = parse(given)
        except ValueError as error:
            faults[name] = str(error)
    for name in query:
        if name not in _PARAMETERS and name not in beside:
            faults[name] = f"unknown; expected one of {', '.join(_PARAMETERS)}"
    if "of" not in said:
        faults.setdefault("of", "expected the UUID of a selection")
    said = dict(_belonging(said))
    if not faults:
        faults |= _missing(said)
    return RecipeForm(query, None if faults else Recipe(**said), faults)


def _belonging(said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Without what has no meaning beside the rest, so that one recipe has one address."""
    kind = said.get("kind", RecordKind.COMPLETION)
    pairs = said.get("pairs", PairsFrom.COMPARISONS)
    sample = said.get("sample", SampleKind.ALL)
    senseless: set[str] = set()
    if kind != RecordKind.PREFERENCE:
        senseless |= {"pairs", "metric", "gap", "answers", "ties", "per_prompt"}
    else:
        senseless |= {"require_feedback"}
    if kind == RecordKind.PROMPT:
        senseless |= {"empty"}
    if pairs == PairsFrom.COMPARISONS:
        senseless |= {"gap", "answers", "per_prompt"}
    if pairs == PairsFrom.MINED:
        senseless |= {"ties"}
    if sample == SampleKind.ALL:
        senseless |= {"n"}
    if sample != SampleKind.BALANCED:
        senseless |= {"by"}
    if (
        sample in (SampleKind.ALL, SampleKind.NEWEST)
        and not said.get("split", SplitShares()).is_split
    ):
        senseless |= {"seed"}
    return ((name, value) for name, value in said.items() if name not in senseless)


def _missing(said: dict[str, Any]) -> dict[str, str]:
    missing = {}
    if said.get("pairs", PairsFrom.COMPARISONS) != PairsFrom.COMPARISONS and "metric" not in said:
        missing["metric"] = "expected the metric by which pairs are mined"
    if said.get("sample", SampleKind.ALL) != SampleKind.ALL and "n" not in said:
        missing["n"] = "expected how many records to take"
    return missing


def _choice(kind: type[_Choice]) -> Callable[[list[str]], _Choice]:
    def parse(given: list[str]) -> _Choice:
        try:
            return kind(given[-1])
        except ValueError as error:
            raise ValueError(f"expected one of {', '.join(kind)}") from error

    return parse


def _selection(given: list[str]) -> UUID:
    try:
        return UUID(given[-1])
    except ValueError as error:
        raise ValueError("expected the UUID of a selection") from error


def _text(given: list[str]) -> str:
    if len(given[-1]) > LONGEST_NAME:
        raise ValueError(f"expected at most {LONGEST_NAME} characters")
    return given[-1]


def _gap(given: list[str]) -> float:
    number = parse_number(given[-1])
    if number <= 0:
        raise ValueError("expected a number above 0")
    return number


def _similarity(given: list[str]) -> float:
    number = parse_number(given[-1])
    if not 0.5 <= number <= 1:
        raise ValueError("expected a similarity from 0.5 to 1")
    return number


def _scores(given: list[str]) -> tuple[HasFeedback, ...]:
    return tuple(dict.fromkeys(map(parse_feedback, given)))


def _yes(given: list[str]) -> bool:
    if given[-1] not in ("1", "0"):
        raise ValueError("expected 1 or 0")
    return given[-1] == "1"


def _whole(least: int, most: int) -> Callable[[list[str]], int]:
    def parse(given: list[str]) -> int:
        text = given[-1].replace(",", "").replace("_", "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if not least <= number <= most:
            raise ValueError(f"expected a whole number from {least:,} to {most:,}")
        return number

    return parse


def _balance(given: list[str]) -> Balance:
    if given[-1] == "model":
        return Balance()
    prefix, colon, term = given[-1].partition(":")
    if prefix != "label" or not colon:
        raise ValueError("expected model, or label: and the key of a label")
    key, value = parse_label(term)
    if value is not None:
        raise ValueError("expected the key of a label, without a value")
    return Balance(key)


def _shares(given: list[str]) -> SplitShares:
    """`80/10/10` or three parameters; what is left out at the end is 0."""
    parts = [part.strip() for text in given for part in text.split("/")]
    if len(parts) > 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError("expected shares of train, validation and test, such as 80/10/10")
    shares = SplitShares(*(int(part[:9]) for part in [*parts, "0", "0"][:3]))
    if shares.train + shares.validation + shares.test != 100:
        raise ValueError("expected shares that make 100 together, such as 80/10/10")
    if not shares.train:
        raise ValueError("expected a share for training above 0")
    return shares


_PARAMETERS: dict[str, Callable[[list[str]], Any]] = {
    "of": _selection,
    "kind": _choice(RecordKind),
    "pairs": _choice(PairsFrom),
    "metric": _text,
    "gap": _gap,
    "answers": _choice(Answers),
    "ties": _choice(Ties),
    "per_prompt": _choice(PerPrompt),
    "score": _scores,
    "require_feedback": _yes,
    "empty": _choice(Empty),
    "dedupe": _choice(Dedupe),
    "near": _similarity,
    "sample": _choice(SampleKind),
    "n": _whole(1, MOST_RECORDS),
    "seed": _whole(0, LARGEST_SEED),
    "by": _balance,
    "split": _shares,
    "name": _text,
}
