"""The month as it went: conversations with their labels, timing and feedback."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from adaptive_site.lib.ids import to_millisecond
from interactions.demo.content import phrasebook, pick, tables
from interactions.demo.conversations import DemoTurn, Question, ask, tokens
from interactions.demo.feedback import Answer, Audience
from interactions.demo.traffic import TrafficMonth
from interactions.services.recording.drafts import draft
from projects.models import Llm, User

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """Tells the month, the same for the same seed."""

    rng: Random
    month: TrafficMonth
    audience: Audience
    llms: Mapping[str, Llm]
    users: Mapping[str, User]

    def conversations(self) -> Iterator[list[Answer]]:
        """The answers of each conversation, or of three models to one prompt."""
        for scene in tables("shop")["scenes"]:
            is_bad = scene.get("is_bad_afternoon", False)
            for at in self.month.moments(scene["conversations"], is_bad=is_bad):
                yield list(self._conversation(scene, at))

    def _conversation(self, scene: Table, at: datetime) -> Iterator[Answer]:
        rng, shop = self.rng, tables("shop")
        is_staging = rng.random() < scene["staging"]  # where versions come four days earlier
        version = self.month.version(at + timedelta(days=4 * is_staging))
        scene = shop["versions"][version] | scene
        book = phrasebook(pick(rng, scene["books"]))
        topic = pick(rng, {key: n for key, n in scene["topics"].items() if key in book.topics})
        question = ask(rng, book, topic, scene["prompt"], at)
        customers, channel = question.book.customers, pick(rng, scene["channels"])
        names = {
            "env": "staging" if is_staging else "prod",
            "version": version,
            "channel": channel,
            "customer": rng.choices(customers, [1 / n for n, _ in enumerate(customers, 1)])[0],
            "team": "operations",
            "language": question.book.language,
            "task": topic,
        }
        known = {
            "labels": {key: names[key] for key in scene["labels"]},
            "created_by": self.users[scene["user"]],
            "source": shop["sources"][channel],
        }
        models = [pick(rng, scene["models"])]
        if scene.get("is_trial"):
            models = rng.sample(list(shop["models"]), 3)
        for n, model in enumerate(models):
            yield from self._answers(scene, question, model, at + timedelta(seconds=4 * n), known)

    def _answers(
        self, scene: Table, question: Question, key: str, at: datetime, known: Table
    ) -> Iterator[Answer]:
        """What one model answers; turns that would come after the month are left out."""
        rng, model, labels = self.rng, tables("shop")["models"][key], known["labels"]
        usual = model["bad"] * scene.get("bad_times", 1)
        bad = scene["bad"].get(f"{labels['language']} {labels['task']}", usual)
        turns = question.turns(rng, bad=bad, most=rng.choices((1, 2, 3, 4), scene["turns"])[0])
        is_bad, session_id = any(turn.complaint for turn in turns), None
        if not scene.get("is_trial") and (len(turns) > 1 or rng.random() < 0.4):
            session_id = UUID(int=rng.getrandbits(128), version=4)
        slowness = scene["slowness"] * (2.3 if self.month.is_bad(at) else 1)
        for n, turn in enumerate(turns, 1):
            if at > self.month.now:
                return
            if len(turn.answer) > 260 and rng.random() < 0.02:
                turn = turn.cut_short(rng.uniform(0.4, 0.7))
            feedback = [*self.audience.on_answer(at, turn.complaint, question.book.praise)]
            if n == len(turns):
                feedback += self.audience.on_conversation(at, is_bad=is_bad)
            made = draft(
                messages=turn.messages,
                completion=turn.answer,
                llm=self.llms[key],
                session_id=session_id,
                created_at=to_millisecond(at),
                feedback=[] if scene.get("is_trial") else feedback,
                parameters={"temperature": scene["temperature"]} | turn.parameters,
                **self._timing(turn, model, slowness),
                **known,
            )
            yield made, turn.complaint is None
            at += timedelta(seconds=30 + rng.lognormvariate(4.4, 0.8))

    def _timing(self, turn: DemoTurn, model: Table, slowness: float) -> dict[str, Any]:
        """How many tokens were read and written, and how long that took."""
        read = sum(4 + tokens(message["content"] or "") for message in turn.messages)
        wrote = tokens(turn.answer)
        usage = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
        first = model["first_token_ms"] * self.rng.lognormvariate(0, 0.28) * slowness + read / 40
        speed = model["tokens_per_second"] / max(1.0, slowness * 0.8)
        whole = first + 1000 * wrote / speed * self.rng.lognormvariate(0, 0.15)
        return {"usage": usage, "ttft_ms": round(first), "latency_ms": round(whole)}
