"""When things happen: day and night, weekdays, growth, roll-outs and one bad afternoon."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

DAYS = 30
# Share of a day's traffic by hour in UTC: Europe's working day and evening.
_HOURS = (2, 1, 1, 1, 1, 3, 7, 14, 24, 31, 33, 30, 24, 27, 30, 29, 26, 25, 26, 28, 25, 17, 9, 4)
_WEEKDAYS = (1.15, 1.1, 1.0, 1.0, 0.95, 0.6, 0.55)
_STEP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pace:
    """The 30 days that end at `now`."""

    now: datetime

    @property
    def v6_since(self) -> datetime:
        """When version 6 began to replace version 5."""
        return self.now - timedelta(days=20, hours=6)

    @property
    def v7_since(self) -> datetime:
        """When version 7 began to replace version 6."""
        return self.now - timedelta(days=9, hours=5)

    @property
    def bad_afternoon(self) -> datetime:
        """Noon of the working day, four to six days ago, on which the refunds went wrong."""
        day = self.now - timedelta(days=4)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        return day.replace(hour=12, minute=0, second=0, microsecond=0)

    def version(self, rng: Random, at: datetime, *, staging: bool = False) -> str:
        """The version that served at `at`; each took two days to reach everyone."""
        if staging:
            at += timedelta(days=4)
        for version, since in (("v7", self.v7_since), ("v6", self.v6_since)):
            if rng.random() < (at - since) / timedelta(days=2):
                return version
        return "v5"

    def is_hot(self, at: datetime) -> bool:
        """Whether `at` is in the bad afternoon."""
        return timedelta(0) <= at - self.bad_afternoon < timedelta(hours=5)

    def moments(self, rng: Random, n: int) -> list[datetime]:
        """`n` moments spread as traffic is, oldest first."""
        start = self.now - timedelta(days=DAYS)
        steps = [start + _STEP * step for step in range(int(timedelta(days=DAYS) / _STEP))]
        weights = [
            _HOURS[at.hour] * _WEEKDAYS[at.weekday()] * (1 + 0.4 * (at - start).days / DAYS)
            for at in steps
        ]
        chosen = rng.choices(steps, cum_weights=list(accumulate(weights)), k=n)
        return sorted(at + _STEP * rng.random() for at in chosen)

    def hot_moments(self, rng: Random, n: int) -> list[datetime]:
        """`n` moments of the bad afternoon, most of them early in it."""
        return sorted(
            self.bad_afternoon + timedelta(hours=min(4.9, rng.gammavariate(2.2, 0.8)))
            for _ in range(n)
        )
