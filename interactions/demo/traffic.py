"""When things happen in the demo: day and night, weekdays, growth, roll-outs, a bad afternoon."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from interactions.demo.content import tables

DAYS = 30


@dataclass(frozen=True, slots=True)
class TrafficMonth:
    """The 30 days that end at `now`."""

    rng: Random
    now: datetime

    @property
    def bad_afternoon(self) -> datetime:
        """Noon of the working day, four to six days ago, on which the refunds went wrong."""
        day = self.now - timedelta(days=4)
        day -= timedelta(days=max(0, day.weekday() - 4))
        return day.replace(hour=12, minute=0, second=0, microsecond=0)

    def is_bad(self, at: datetime) -> bool:
        """Whether a moment lies in the bad afternoon."""
        return timedelta(0) <= at - self.bad_afternoon < timedelta(hours=5)

    def version(self, at: datetime) -> str:
        """The version of the assistant that served then; each took two days to reach everyone."""
        known = tables("shop")["versions"]
        *newer, oldest = map(str, known)
        for version in newer:
            since = self.now - timedelta(hours=known[version]["hours_ago"])
            if self.rng.random() < (at - since) / timedelta(days=2):
                return version
        return oldest

    def moments(self, n: int, *, is_bad: bool) -> list[datetime]:
        """So many moments as traffic is spread, or of the bad afternoon and most early in it."""
        if is_bad:
            hours = (min(4.9, self.rng.gammavariate(2.2, 0.8)) for _ in range(n))
            return [self.bad_afternoon + timedelta(hours=hour) for hour in hours]
        by_hour, by_weekday = tables("shop")["hours"], tables("shop")["weekdays"]
        start = self.now - timedelta(days=DAYS)
        steps = [start + timedelta(hours=hour) for hour in range(DAYS * 24)]
        weights = accumulate(
            by_hour[at.hour] * by_weekday[at.weekday()] * (1 + 0.4 * (at - start).days / DAYS)
            for at in steps
        )
        chosen = self.rng.choices(steps, cum_weights=list(weights), k=n)
        return [at + timedelta(hours=self.rng.random()) for at in chosen]
