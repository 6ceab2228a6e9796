"""The tables: each side's milliseconds, and how many times the first one's the others take."""

from collections.abc import Sequence

from benchmarks.measuring import row, table
from benchmarks.peers.measure import Cost
from benchmarks.peers.questions import Question
from benchmarks.peers.sides import Side


def idle(sides: Sequence[Side]) -> None:
    """What each keeps while nobody asks, and how soon it answered."""
    print()
    table("nobody asks", *[side.name for side in sides])
    row("memory of all its processes, MB (PSS)", *[f"{side.server.pss():.0f}" for side in sides])
    row("processor, of one core", *[f"{side.idle.rate:.1%}" for side in sides])
    row("first page after the start, s", *[f"{side.started_after:.1f}" for side in sides])
    print()


def head(sides: Sequence[Side]) -> None:
    """Of a table of milliseconds."""
    first, *others = sides
    table(
        "median ms (processor ms of the server + of PostgreSQL)",
        *[side.name for side in sides],
        *[f"{side.name} / {first.name}: ms" for side in others],
        *[f"{side.name} / {first.name}: server's processor" for side in others],
    )


def line(name: str, costs: Sequence[Cost]) -> None:
    """A question."""
    _line(name, costs, [f"{cost.median:.1f}" for cost in costs], [c.median for c in costs])


def rates(name: str, costs: Sequence[Cost]) -> None:
    """Many at once: answers a second; their ratio is of seconds an answer."""
    said = [f"{cost.rate:.1f}/s" for cost in costs]
    _line(name, costs, said, [1 / cost.rate for cost in costs])


def _line(name: str, costs: Sequence[Cost], said: Sequence[str], took: Sequence[float]) -> None:
    cells = [
        f"{text} ({cost.server:.1f} + {cost.database:.1f})"
        for text, cost in zip(said, costs, strict=True)
    ]
    row(
        name,
        *cells,
        *[f"{other / took[0]:.2f}" for other in took[1:]],
        *[f"{other.server / max(costs[0].server, 0.01):.2f}" for other in costs[1:]],
    )


def explain(asked: Sequence[Question]) -> None:
    """What the questions were."""
    print("\nAsked for:\n")
    for question in asked:
        said = [
            f"`{wanted.parameters() or 'no filter'}` ({number:,})"
            for wanted, number in zip(question.filters, question.matching, strict=True)
        ]
        print(f"- {question.name}: {', '.join(said)}")
