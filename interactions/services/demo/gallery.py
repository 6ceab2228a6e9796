"""Conversations about pictures, and the same prompts sent to several models side by side."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import combinations

from adaptive_site.lib.ids import to_millisecond
from interactions.models import Comparison, Source
from interactions.services.judging.comparisons import NewComparison
from interactions.services.recording.drafts import Draft
from interactions.services.recording.log import Logged
from projects.models import Metric

from .cast import CHANNELS, CUSTOMERS, ENGINES, VISION_PROMPT
from .picture_talk import CHARTS, PAPERS, Ask
from .pictures import drawings
from .story import Setting, Story, pick
from .talk import Message, Talk, Turn, customer_writes

PICTURE_TALKS, TRIALS, COMPARISONS = 125, 62, 150
Sibling = tuple[Draft, bool]  # and whether its answer is a good one


def data_uris() -> dict[str, str]:
    """Every picture as the data URI its sender would make."""
    uris = {}
    for name, (canvas, file_format) in drawings().items():
        media_type, data = canvas.encoded(file_format)
        uris[name] = f"data:{media_type};base64,{b64encode(data).decode()}"
    return uris


def picture_drafts(story: Story) -> Iterator[Draft]:
    """About half on charts, half on receipts, labels and screenshots."""
    rng, uris = story.rng, data_uris()
    seeing = [key for key, engine in ENGINES.items() if engine.sees]
    for n, at in enumerate(story.pace.moments(rng, PICTURE_TALKS)):
        asks = (CHARTS, PAPERS)[n % 2]
        ask = asks[n // 2 % len(asks)]
        model = rng.choice(seeing)
        labels = {
            "env": "prod" if rng.random() < 0.9 else "staging",
            "version": story.pace.version(rng, at),
        }
        if ask.task == "chart":
            labels |= {"channel": "slack", "team": "operations"}
        else:
            customer = rng.choice(CUSTOMERS[ask.language][:4])
            labels |= {"channel": pick(rng, CHANNELS), "customer": customer}
        talk = Talk(task=ask.task, language=ask.language)
        talk.turns.append(_turn(story, ask, uris, is_bad=rng.random() < 0.27))
        user = story.staff if ask.task == "chart" else story.bot
        setting = Setting(at=at, model=model, labels=labels, source=Source.LIVE, user=user)
        yield from story.told(talk, setting)


def _turn(story: Story, ask: Ask, uris: Mapping[str, str], *, is_bad: bool) -> Turn:
    parts: list[Message] = [{"type": "text", "text": ask.question}]
    parts += [{"type": "image_url", "image_url": {"url": uris[name]}} for name in ask.pictures]
    messages: list[Message] = [
        {"role": "system", "content": VISION_PROMPT},
        {"role": "user", "content": parts},
    ]
    if is_bad and ask.wrong is not None:
        answer, reason, details = ask.wrong
        return Turn(messages=messages, answer=answer, complaint=(reason, details))
    return Turn(messages=messages, answer=story.rng.choice(ask.right))


def trials(story: Story) -> list[list[Sibling]]:
    """Prompts tried on three models each, in staging; the three share one prompt."""
    rng = story.rng
    tried = []
    for at in story.pace.moments(rng, TRIALS):
        version = story.pace.version(rng, at, staging=True)
        language = rng.choice(("en", "en", "fr", "fr", "de"))
        task = "refund" if language == "fr" else rng.choice(("refund", "return", "shipping"))
        opening = customer_writes(rng, version=version, language=language, task=task, at=at)
        siblings: list[Sibling] = []
        for n, model in enumerate(rng.sample(list(ENGINES), 3)):
            hard = version == "v7" and (language, task) == ("fr", "refund")
            talk = opening.talk(rng, bad=0.7 if hard else 2.5 * ENGINES[model].bad, turns=1)
            setting = Setting(
                at=at + timedelta(seconds=4 * n),
                model=model,
                labels={"env": "staging", "version": version, "channel": "evaluation"},
                source=Source.EVALUATION,
                user=story.staff,
            )
            good = talk.turns[0].complaint is None
            siblings += [(draft, good) for draft in story.told(talk, setting, is_judged=False)]
        tried.append(siblings)
    return tried


def comparisons(
    story: Story, metric: Metric, tried: list[list[Sibling]], logged: Mapping[int, Logged]
) -> list[NewComparison]:
    """Judgements of pairs of siblings; `logged` by the identity of the draft."""
    rng = story.rng
    all_pairs = [pair for siblings in tried for pair in combinations(siblings, 2)]
    given = []
    for one, other in rng.sample(all_pairs, min(COMPARISONS, len(all_pairs))):
        tied: str | None = None
        if one[1] == other[1]:
            tied = _tie(one, other, likely=rng.random() < 0.45)
        if (other[1], rng.random()) > (one[1], 0.5):
            one, other = other, one
        later = max(one[0].created_at, other[0].created_at) + timedelta(minutes=rng.uniform(1, 90))
        given.append(
            NewComparison(
                metric=metric,
                preferred_id=logged[id(one[0])].id,
                other_id=logged[id(other[0])].id,
                tied=tied,
                created_at=to_millisecond(min(later, story.pace.now)),
            )
        )
    return given


def _tie(one: Sibling, other: Sibling, *, likely: bool) -> str | None:
    """Equal words always tie; two good answers often, two bad ones always."""
    if not one[1]:
        return Comparison.Tied.BAD
    same = one[0].completion == other[0].completion
    return Comparison.Tied.GOOD if same or likely else None
