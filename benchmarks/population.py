"""What the benchmark's interactions are like: drafts by number, the same for the same seed.

Number 0 is the oldest. Of all interactions 90 % have the label `env: prod`, customers are as
unequal as they are (100,000 by Zipf's law), 0.01 % have `flag: review`, two labels of 5 % each
never meet, versions follow each other, so that the first exist in old interactions alone. 30 %
have feedback, half belong to sessions, 2 % show images. Each of 40 rare words is in 0.001 %.
"""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from itertools import accumulate
from math import exp
from random import Random
from statistics import NormalDist
from typing import Any
from uuid import UUID

from PIL import Image as Pillow

from adaptive_site.lib.ids import time_of
from benchmarks.wording import Wording
from interactions.services.images.decoding import examine
from interactions.services.images.store import Lifted
from interactions.services.recording.drafts import Draft, FeedbackDraft
from projects.models import Llm, Metric, Project, User
from projects.services import llms, metrics

CUSTOMERS = 100_000
TEAMS = 20
REGIONS = ("eu-west", "us-east", "us-west", "eu-north", "asia-south", "asia-east", "sa-east", "af")
MODELS = (
    "atlas-large", "atlas-small", "birch-2", "cedar-1.5", "dune-mini", "elm-70b", "fir-8b", "gale",
)  # fmt: skip
SOURCES = ("OFFLINE", "LIVE", "AUTOMATION", "DATASET", "EVALUATION")
PICTURES = 300
PROMPTS = 40
ANSWER_LATER = timedelta(minutes=7)
# Interactions with these numbers and later have the version; so "0.1" is the oldest 2 % of
# 100,000, "0.2" of a million, "0.3" of ten million.
VERSIONS = [(0, "0.1"), (2_000, "0.2"), (20_000, "0.3"), (200_000, "1.0")]
VERSIONS += [(n * 500_000, f"1.{n}") for n in range(1, 200)]


@dataclass(frozen=True)
class Population:
    """A project, and all that its interactions refer to."""

    project: Project
    owner: User
    llms: Sequence[Llm]
    helpful: Metric
    csat: Metric
    pictures: Sequence[Lifted]
    wording: Wording

    @classmethod
    def of(cls, project: Project, owner: User, *, seed: int, wording: Wording) -> "Population":
        """Models and metrics are made where they are new."""
        models = llms.attach_all(project, MODELS)
        return cls(
            project,
            owner,
            [models[name] for name in MODELS],
            metrics.ensure(project, "helpful", kind="BOOL"),
            metrics.ensure(project, "csat", kind="SCALAR"),
            _pictures(seed),
            wording,
        )

    @classmethod
    def unsaved(cls, seed: int, wording: Wording) -> "Population":
        """One that no database has, for interactions that are only written to a file."""
        helpful, csat = Metric(key="helpful", kind="BOOL"), Metric(key="csat", kind="SCALAR")
        models = [Llm(key=name) for name in MODELS]
        return cls(Project(), User(), models, helpful, csat, _pictures(seed), wording)


class Writer:
    """Makes drafts; each batch has chances of its own, so batches can be made in any order."""

    def __init__(self, population: Population, seed: int) -> None:
        self._all = population
        self._seed = seed
        chance = Random(seed)
        self._customers = _zipf(CUSTOMERS)
        self._models = _zipf(len(MODELS))
        self._teams = _zipf(TEAMS)
        self._regions = _zipf(len(REGIONS))
        self._sources = (0.6, 0.95, 0.99, 0.999, 1.0)  # of SOURCES, cumulative
        say = population.wording.say
        self._prompts = [say(chance, chance.randint(200, 900))[0] for _ in range(PROMPTS)]
        self._questions = [say(chance, 300)[0] for _ in range(1000)]

    def drafts(self, ids: Sequence[UUID], first: int) -> list[Draft]:
        """The interactions numbered from `first` on, under these ids."""
        chance = Random(f"{self._seed} {first}")
        sessions: dict[UUID, str] = {}
        version = next(name for start, name in reversed(VERSIONS) if start <= first)
        return [self._draft(chance, id, first + n, version, sessions) for n, id in enumerate(ids)]

    def _draft(
        self, chance: Random, id: UUID, n: int, version: str, sessions: dict[UUID, str]
    ) -> Draft:
        at = time_of(id)
        luck = chance.random
        customer = f"c{_pick(chance, self._customers)}"
        session = None
        if n % 2:  # with its neighbours: four turns of one customer
            session = UUID(int=self._seed << 64 | 4 << 76 | 2 << 62 | n // 8)
            customer = sessions.setdefault(session, customer)
        labels = {
            "env": "prod" if luck() < 0.9 else ("staging", "dev")[luck() < 0.3],
            "customer": customer,
            "version": version,
            "region": REGIONS[_pick(chance, self._regions)],
        }
        if luck() < 0.4:
            labels["team"] = f"team-{_pick(chance, self._teams)}"
        if n % 20 in (3, 12):
            labels["trial" if n % 20 == 3 else "partner"] = "yes"
        if luck() < 0.0001:
            labels["flag"] = "review"
        messages, completion = self._conversation(chance)
        images = []
        if luck() < 0.02:
            images = chance.choices(self._all.pictures, k=chance.choice((1, 1, 1, 2, 3)))
            messages[-1]["content"] = _with_images(messages[-1]["content"], images)
        sent = sum(len(str(message["content"])) for message in messages) // 4
        said = len(completion) // 4
        latency = int(1500 * LATENCIES[int(luck() * 1000)])
        llm = None if luck() < 0.02 else self._all.llms[_pick(chance, self._models)]
        source = SOURCES[_pick(chance, self._sources)]
        return Draft(
            id=id,
            messages=messages,
            completion=completion,
            images=images,
            llm=llm,
            session_id=session,
            created_at=at,
            created_by=self._all.owner if source == "LIVE" else None,
            source=source,
            labels=labels,
            feedback=self._feedback(chance, at),
            usage={
                "prompt_tokens": sent, "completion_tokens": said, "total_tokens": sent + said
            },
            parameters={"temperature": 0.7, "max_tokens": 1024} if source == "LIVE" else None,
            latency_ms=latency,
            ttft_ms=latency // 6 if source == "LIVE" else None,
        )  # fmt: skip

    def _conversation(self, chance: Random) -> tuple[list[dict[str, Any]], str]:
        say = self._all.wording.say
        messages: list[dict[str, Any]] = []
        if chance.random() < 0.5:
            messages.append({"role": "system", "content": chance.choice(self._prompts)})
        lengths = [_length(chance, 550), _length(chance, 1100)]
        kind = chance.random()
        if kind < 0.25:  # some turns went before
            lengths = [_length(chance, 180), _length(chance, 450), *lengths]
        said = say(chance, *lengths)
        if kind > 0.97:
            said[-2] = chance.choice(self._questions)
        elif kind > 0.96:
            said = [self._all.wording.say_in_han(chance, length // 3) for length in lengths]
        elif kind > 0.86:
            said[-1] += f" {chance.randint(1, 999_999)} {chance.randint(1, 99)},90."
        if chance.random() < 0.00001 * len(self._all.wording.rare):
            said[-1 if kind < 0.6 else -2] += f" {chance.choice(self._all.wording.rare)} ."
        for turn, text in enumerate(said[:-1]):
            messages.append({"role": ("user", "assistant")[turn % 2], "content": text})
        return messages, said[-1]

    def _feedback(self, chance: Random, at: datetime) -> list[FeedbackDraft]:
        luck = chance.random()
        given = []
        if luck < 0.2:
            value = float(chance.random() >= 0.03)
            reason = "" if value else self._all.wording.say(chance, 40)[0]
            later = at + ANSWER_LATER
            given.append(FeedbackDraft(metric=self._all.helpful, value=value, reason=reason,
                                       created_at=later))  # fmt: skip
        if 0.17 < luck < 0.3:
            value = chance.choices((1.0, 2.0, 3.0, 4.0, 5.0), cum_weights=(4, 10, 25, 60, 100))[0]
            given.append(FeedbackDraft(metric=self._all.csat, value=value))
        return given


def _zipf(number: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, number + 1)))


def _pick(chance: Random, weights: Sequence[float]) -> int:
    """The number of one of these cumulative weights; a third of what `choices` costs for one."""
    return bisect(weights, chance.random() * weights[-1])


def _spread(sigma: float) -> list[float]:
    """A thousand factors as log-normal chance has them: a few texts are many times longer."""
    usual = NormalDist()
    return [exp(sigma * usual.inv_cdf((n + 0.5) / 1000)) for n in range(1000)]


def _length(chance: Random, usual: int) -> int:
    return int(usual * LENGTHS[int(chance.random() * 1000)])


LENGTHS = _spread(0.5)
LATENCIES = _spread(0.7)


def _with_images(text: str, images: Sequence[Lifted]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [{"type": "text", "text": text}]
    for image in images:
        url = f"image:{image.facts.sha256}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return parts


def _pictures(seed: int) -> list[Lifted]:
    return [_picture(Random(f"{seed} picture {n}")) for n in range(PICTURES)]


def _picture(chance: Random) -> Lifted:
    file = BytesIO()
    size = (chance.randint(16, 64), chance.randint(16, 64))
    Pillow.new("RGB", size, tuple(chance.choices(range(256), k=3))).save(file, "PNG")
    data = file.getvalue()
    return Lifted(examine(data, field="picture", room=10_000), data)
