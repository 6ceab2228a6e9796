"""What a page of ours has beside its list, and MLflow's has no like of."""

from collections.abc import Callable, Sequence

from benchmarks.peers.measure import Asked
from benchmarks.peers.ours import LIST, Site
from benchmarks.peers.questions import Filter, Question

EACH = 4  # requests a round
COUNTED = 10_000  # the greatest number of a text's matches that a page says


def parts(asked: Sequence[Question]) -> dict[str, Callable[[Site], list[Asked]]]:
    """The requests for each part, by its name in the table."""
    filters = {question.name: list(question.filters) for question in asked}
    pairs = [one.label for one in filters["common label"] if one.label]
    everywhere = [Filter()] * EACH
    keys = list(dict.fromkeys(key for key, _ in pairs))
    return {
        "whole page": lambda site: [(site.page(LIST), _came)] * EACH,
        "histogram, no filter": _fragment("histogram/", everywhere),
        "histogram, common label": _fragment("histogram/", filters["common label"]),
        "histogram, label of old rows": _fragment("histogram/", filters["label of old rows only"]),
        "panel of facets": _fragment("facets/", everywhere),
        "one facet": _fragment("facet/", everywhere, *(f"of=label:{key}" for key in keys)),
        "one facet, common label": _fragment(
            "facet/", filters["common label"], *(f"of=label:{key}" for key in keys)
        ),
        "count, no filter": _fragment("count/", everywhere),
        "count of a common word": _counts(
            next(question for question in asked if question.name == "common word")
        ),
    }


def _fragment(part: str, filters: Sequence[Filter], *more: str) -> Callable[[Site], list[Asked]]:
    """A part of the page for each filter, with more parameters in turn."""

    def ways(site: Site) -> list[Asked]:
        found: list[Asked] = []
        for n, wanted in enumerate(filters):
            said = [wanted.parameters(), *more[n % max(len(more), 1) :][:1]]
            path = f"{LIST}{part}?{'&'.join(filter(None, said))}"
            found.append((site.part(path, part.strip("/")), _came))
        return found

    return ways


def _counts(question: Question) -> Callable[[Site], list[Asked]]:
    """Counts of words, checked where a page says them exactly."""

    def ways(site: Site) -> list[Asked]:
        return [
            (site.part(f"{LIST}count/?{wanted.parameters()}", "count"), _says(number))
            for wanted, number in zip(question.filters, question.matching, strict=True)
        ]

    return ways


def _says(number: int) -> Callable[[bytes], bool]:
    return lambda body: number >= COUNTED or f"{number:,}".encode() in body


def _came(body: bytes) -> bool:
    return bool(body)
