"""The month as it went: every conversation becomes drafts with labels, timing and feedback."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from adaptive_site.lib.ids import to_millisecond
from interactions.models import Source
from interactions.services.recording.drafts import Draft, draft
from projects.models import Llm, User

from .cast import ASKED, CHANNELS, CUSTOMERS, ENGINES, SERVED, SPOKEN, TONGUES
from .judging import Judge
from .pace import Pace
from .talk import Talk, Turn, customer_writes, staff_writes

TALKS, HOT_TALKS, STAFF_TALKS = 1540, 110, 300


def pick(rng: Random, weights: Mapping[str, int]) -> str:
    """One of the keys, as often as its weight says."""
    return rng.choices(list(weights), list(weights.values()))[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is the same for all turns of a conversation."""

    at: datetime
    model: str
    labels: Mapping[str, str]
    source: str
    user: User
    slowness: float = 1.0
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Tells the month that ends at `pace.now`, the same for the same seed."""

    rng: Random
    pace: Pace
    judge: Judge
    llms: Mapping[str, Llm]
    bot: User
    staff: User

    def drafts(self) -> Iterator[Draft]:
        """All conversations of customers and staff."""
        for at in self.pace.moments(self.rng, TALKS):
            yield from self._support(at)
        for at in self.pace.hot_moments(self.rng, HOT_TALKS):
            yield from self._support(at, is_hot=True)
        for at in self.pace.moments(self.rng, STAFF_TALKS):
            yield from self._staff(at)

    def _support(self, at: datetime, *, is_hot: bool = False) -> Iterator[Draft]:
        rng = self.rng
        env = "staging" if rng.random() < 0.05 and not is_hot else "prod"
        version = self.pace.version(rng, at, staging=env == "staging")
        french_refund = is_hot and rng.random() < 0.8
        language = "fr" if french_refund else pick(rng, SPOKEN)
        task = "refund" if french_refund else pick(rng, ASKED)
        channel = pick(rng, CHANNELS)
        model = pick(rng, SERVED[version])
        bad = ENGINES[model].bad + (0.03 if version == "v5" else 0)
        if (language, task) == ("fr", "refund"):
            bad = 0.8 if version == "v7" else bad / 3
        opening = customer_writes(rng, version=version, language=language, task=task, at=at)
        talk = opening.talk(rng, bad=bad, turns=rng.choices((1, 2, 3, 4), (46, 30, 18, 6))[0])
        setting = Setting(
            at=at,
            model=model,
            labels={
                "env": env, "version": version, "channel": channel,
                "customer": self._customer(language),
            },
            source=Source.OFFLINE if channel == "email" else Source.LIVE,
            user=self.bot,
            slowness=(1.6 if version == "v7" else 1.0) * (2.3 if self.pace.is_hot(at) else 1.0),
            session_id=self.session(talk),
        )  # fmt: skip
        yield from self.told(talk, setting)

    def _staff(self, at: datetime) -> Iterator[Draft]:
        rng = self.rng
        model = pick(rng, {"gpt-4o": 35, "claude-3-5-sonnet": 40, "mistral-large-2": 25})
        opening = staff_writes(rng, at=at)
        talk = opening.talk(rng, bad=ENGINES[model].bad, turns=rng.choice((1, 1, 2)))
        setting = Setting(
            at=at,
            model=model,
            labels={
                "env": "staging" if rng.random() < 0.1 else "prod",
                "channel": pick(rng, {"slack": 70, "notebook": 30}), "team": "operations",
            },
            source=Source.AUTOMATION if talk.task == "data" else Source.OFFLINE,
            user=self.staff,
            session_id=self.session(talk),
        )  # fmt: skip
        yield from self.told(talk, setting)

    def _customer(self, language: str) -> str:
        names = CUSTOMERS[language]
        return self.rng.choices(names, [1 / rank for rank in range(1, len(names) + 1)])[0]

    def session(self, talk: Talk) -> UUID | None:
        """A session for all of several turns, and for some single ones."""
        if len(talk.turns) == 1 and self.rng.random() < 0.6:
            return None
        return UUID(int=self.rng.getrandbits(128), version=4)

    def told(self, talk: Talk, setting: Setting, *, is_judged: bool = True) -> Iterator[Draft]:
        """The drafts of a conversation; turns that would lie after `now` are left out."""
        rng, at = self.rng, setting.at
        for turn in talk.turns:
            if at > self.pace.now:
                return
            made, complaint = self._draft(talk, turn, setting, at)
            if is_judged:
                praise = TONGUES[talk.language].praise
                made.feedback = self.judge.feedback(rng, at, complaint=complaint, praise=praise)
                if turn is talk.turns[-1]:
                    bad, is_hot = talk.is_bad, self.pace.is_hot(at)
                    made.feedback += self.judge.verdict(rng, at, bad=bad, is_hot=is_hot)
            yield made
            at += timedelta(seconds=30 + rng.lognormvariate(4.4, 0.8))

    def _draft(
        self, talk: Talk, turn: Turn, setting: Setting, at: datetime
    ) -> tuple[Draft, tuple[str, str] | None]:
        """One turn, cut short at times, and what there is to complain of in it."""
        rng = self.rng
        answer, complaint = turn.answer, turn.complaint
        engine = ENGINES[setting.model]
        written = tokens(answer)
        parameters: dict[str, object] = {"temperature": 0.2 if talk.task in ASKED else 0.0}
        if len(answer) > 260 and rng.random() < 0.02:
            written = round(written * rng.uniform(0.4, 0.7))
            answer = answer[: written * len(answer) // tokens(answer)].rstrip()
            parameters["max_tokens"] = written
            complaint = complaint or ("cut_short", "It stops in the middle of a sentence.")
        read = sum(_read(message) for message in turn.messages)
        first = engine.first_token * rng.lognormvariate(0, 0.28) * setting.slowness + read / 40
        whole = first + 1000 * written / engine.speed * rng.lognormvariate(0, 0.15) * max(
            1.0, setting.slowness * 0.8
        )
        made = draft(
            messages=turn.messages,
            completion=answer,
            labels={**setting.labels, "language": talk.language, "task": talk.task},
            llm=self.llms[setting.model],
            session_id=setting.session_id,
            created_at=to_millisecond(at),
            created_by=setting.user,
            source=setting.source,
            parameters=parameters,
            usage={
                "prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written
            },
            latency_ms=round(whole),
            ttft_ms=round(first),
        )  # fmt: skip
        return made, complaint


def tokens(text: str) -> int:
    """About as many tokens as `text` has: a kana or kanji each, else four characters."""
    wide = sum(character > "\u3000" for character in text)
    return 1 + round(wide * 0.9 + (len(text) - wide) / 4)


def _read(message: Mapping[str, object]) -> int:
    content = message["content"]
    parts: Sequence[Mapping[str, object]] = content if isinstance(content, list) else ()
    text = content if isinstance(content, str) else ""
    seen = sum(765 if part["type"] == "image_url" else tokens(str(part["text"])) for part in parts)
    return 4 + seen + (tokens(text) if text else 0)
