"""Questions asked of a large project: what each costs, beside its floor, its aim and its growth.

A question is asked in many ways (another customer, another place in the list), so that no answer
comes out of the last one's. Four times are taken: that of the database, which is the wall clock of
all statements as this process waits for them; that of the application, which includes it; the
processor time of the database's process, which says the same on a busy machine as on a quiet
one; and, of the first time each way is asked, what the database took, which is what waits for a
disk when the tables are larger than memory. The other three are of the second time.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks.measuring import row

WARM = 3  # times something is done before it counts
_TABLE = """
CREATE TABLE IF NOT EXISTS benchmark_answer (
    rows bigint, part text, question text, database float8, database_95 float8, first float8,
    processor float8, application float8, application_95 float8, queries int,
    PRIMARY KEY (rows, part, question))
"""


@dataclass(frozen=True)
class Aim:
    """Milliseconds at ten million rows: medians and 95th percentiles; None where there is none."""

    database: float | None = None
    database_95: float | None = None
    application: float | None = None

    def is_met(self, answer: "Answer") -> bool:
        """Whether the answer came as quickly as it should."""
        return all(
            aim is None or took <= aim
            for aim, took in (
                (self.database, answer.database),
                (self.database_95, answer.database_95),
                (self.application, answer.application),
            )
        )

    def __str__(self) -> str:
        aims = []
        if self.database is not None:
            p95 = "" if self.database_95 is None else f" / {self.database_95:g}"
            aims.append(f"{self.database:g}{p95} db")
        if self.application is not None:
            aims.append(f"{self.application:g} app")
        return ", ".join(aims)


LIST = Aim(database=15, database_95=50)


@dataclass(frozen=True)
class Question:
    """What is asked, in as many ways as it is asked times.

    `first` does each of them the first time, where the application would remember it: it reads
    the same of the database.
    """

    name: str
    acts: Sequence[Callable[[], object]]
    aim: Aim = LIST
    first: Sequence[Callable[[], object]] = ()


@dataclass(frozen=True)
class Answer:
    """What it took, in milliseconds: medians and 95th percentiles; and the most queries."""

    question: str
    database: float
    database_95: float
    first: float
    processor: float
    application: float
    application_95: float
    queries: int


class Stopwatch:
    """Counts statements and the seconds spent in them."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.queries = 0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Run one statement, as `connection.execute_wrapper` asks for."""
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - began
            self.queries += 1


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Measure the statements of a block."""
    watch = Stopwatch()
    with connection.execute_wrapper(watch):
        yield watch


def ask(question: Question) -> Answer:
    """Ask it in all its ways, each of them twice."""
    for act in (question.first or question.acts)[:WARM]:
        act()
    first, database, processor, application, queries = [], [], [], [], 0
    for cold, act in zip(question.first or question.acts, question.acts, strict=True):
        with stopwatch() as watch:
            cold()
        first.append(watch.seconds * 1000)
        busy = backend_seconds()
        with stopwatch() as watch:
            began = time.perf_counter()
            act()
            application.append((time.perf_counter() - began) * 1000)
        database.append(watch.seconds * 1000)
        processor.append((backend_seconds() - busy) * 1000)
        queries = max(queries, watch.queries)
    return Answer(
        question.name,
        *(middle(database), late(database), middle(first), middle(processor)),
        *(middle(application), late(application), queries),
    )


def backend_seconds() -> float:
    """Processor time so far of the database's process that serves us; 0 where it is elsewhere."""
    assert connection.connection is not None
    file = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(file.read_text().split()[0]) / 1e9 if file.exists() else 0.0


def middle(times: Sequence[float]) -> float:
    """The median."""
    return sorted(times)[len(times) // 2]


def late(times: Sequence[float]) -> float:
    """What 95 % stay below."""
    return sorted(times)[min(int(len(times) * 0.95), len(times) - 1)]


class Report:
    """The table of one part, printed row by row and remembered for the next size."""

    def __init__(self, part: str, rows: int, floor: float) -> None:
        self._part = part
        self._rows = rows
        self._floor = floor
        with connection.cursor() as cursor:
            cursor.execute(_TABLE)
            cursor.execute(
                "SELECT question, rows, processor, database FROM benchmark_answer"
                " WHERE part = %s AND rows < %s ORDER BY rows",
                [part, rows],
            )
            self._before: dict[str, list[tuple[int, float, float]]] = {}
            for name, size, *times in cursor.fetchall():
                self._before.setdefault(name, []).append((size, *times))
        row(
            "question", "database ms", "p95", "first time", "its processor", "application ms",
            "p95", "queries", "× floor", "growth", "aim (ms)", "met",
        )  # fmt: skip
        row("---", *["---:"] * 8, "---", "---", "---")

    def add(self, question: Question) -> None:
        """Ask, print and remember."""
        answer = ask(question)
        times = (
            *(answer.database, answer.database_95, answer.first, answer.processor),
            *(answer.application, answer.application_95),
        )
        is_met = "yes" if question.aim.is_met(answer) else "**no**"
        row(
            question.name,
            *[f"{ms:.1f}" for ms in times],
            str(answer.queries),
            f"{answer.database / self._floor:.1f}",
            self._growth(answer),
            str(question.aim),
            is_met if str(question.aim) else "",
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM benchmark_answer WHERE (rows, part, question) = (%s, %s, %s)",
                [self._rows, self._part, answer.question],
            )
            cursor.execute(
                "INSERT INTO benchmark_answer VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [self._rows, self._part, answer.question, *times, answer.queries],
            )

    def _growth(self, answer: Answer) -> str:
        """From each smaller size to this one: processor time, or wall clock where it is unknown."""
        grown = []
        for size, processor, database in self._before.get(answer.question, []):
            is_known = processor > 0 < answer.processor
            times = answer.processor / processor if is_known else answer.database / database
            grown.append(f"{times:.1f} × since {short(size)}")
        return ", ".join(grown)


def short(rows: int) -> str:
    """A number of rows: 100 k, 10 M."""
    return f"{rows // 1_000_000} M" if rows % 1_000_000 == 0 else f"{rows // 1000} k"
