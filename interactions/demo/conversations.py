"""Conversations: what is asked, what is answered, and what there is to complain of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from interactions.demo.content import Case, Phrasebook, compose, phrasebook, tables
from interactions.demo.images import image_uri

Message = dict[str, Any]
Complaint = tuple[str, str] | None  # a reason and details


@dataclass(frozen=True, slots=True)
class DemoTurn:
    """One interaction of a conversation; who gets a bad answer has a complaint."""

    messages: list[Message]
    answer: str
    complaint: Complaint = None
    parameters: dict[str, Any] = field(default_factory=dict)

    def cut_short(self, share: float) -> "DemoTurn":
        """The turn with a share of its answer, as a limit of tokens leaves it."""
        answer = self.answer[: int(share * len(self.answer))].rstrip()
        complaint = self.complaint or ("cut_short", "It stops in the middle of a sentence.")
        return DemoTurn(self.messages, answer, complaint, {"max_tokens": tokens(answer)})


@dataclass(frozen=True, slots=True)
class Question:
    """What begins a conversation; `slots` are the particulars its texts name."""

    case: Case
    book: Phrasebook
    slots: Mapping[str, str]
    messages: list[Message]

    def turns(self, rng: Random, *, bad: float, most: int) -> list[DemoTurn]:
        """The conversation; its first answer is bad with that chance, and then often its last."""
        turns = [self._first(rng, bad)]
        then = [] if turns[0].complaint and rng.random() < 0.8 else self.case.then
        for question, answer in rng.sample(then, min(len(then), most - 1)):
            said = {"role": "assistant", "content": turns[-1].answer}
            asked = {"role": "user", "content": compose(rng, question, self.slots)}
            messages = [*turns[-1].messages, said, asked]
            turns.append(DemoTurn(messages, compose(rng, answer, self.slots)))
        return turns

    def _first(self, rng: Random, bad: float) -> DemoTurn:
        if rng.random() >= bad:
            answer = compose(rng, rng.choice(self.case.answers), self.slots)
            return DemoTurn(self.messages, answer[:1].upper() + answer[1:])
        if self.case.wrong and rng.random() < 0.85:
            answer, reason, details = rng.choice(self.case.wrong)
            details = compose(rng, details, self.slots)
            return DemoTurn(self.messages, compose(rng, answer, self.slots), (reason, details))
        evasive = compose(rng, self.book.evasive, self.slots)
        return DemoTurn(self.messages, evasive, rng.choice(self.book.complaints))


def ask(rng: Random, book: Phrasebook, topic: str, prompt: str, at: datetime) -> Question:
    """A question on a topic to a model with this prompt, with the order looked up at times."""
    cases = book.topics[topic]
    case = rng.choices(cases, [len(case.asks) for case in cases])[0]
    slots = _slots(rng, book, at)
    pattern = rng.choice(case.asks)
    text = compose(rng, pattern, slots)
    if "{" in pattern or rng.random() < 0.4:  # what names no order is often sent just so
        text = _as_letter(rng, book, slots, text)
    text = text[:1].upper() + text[1:]
    parts = [{"type": "image_url", "image_url": {"url": image_uri(name)}} for name in case.images]
    messages: list[Message] = [
        {"role": "system", "content": prompt},
        {"role": "user", "content": [{"type": "text", "text": text}, *parts] if parts else text},
    ]
    if "{order}" in pattern and topic in ("shipping", "refund") and rng.random() < 0.3:
        messages += json.loads(compose(rng, tables("shop")["lookup"], slots))
    return Question(case, phrasebook(case.language or book.language), slots, messages)


def _as_letter(rng: Random, book: Phrasebook, slots: Mapping[str, str], text: str) -> str:
    """The text between a greeting and a close; after a comma it goes on in small letters."""
    opening, closing = compose(rng, book.opening, slots), compose(rng, book.closing, slots)
    if opening.endswith(",") and not text.startswith(("I ", "I'", slots["item"], slots["carrier"])):
        text = text[:1].lower() + text[1:]
    return ("" if book.language == "ja" else " ").join(filter(None, (opening, text, closing)))


def _slots(rng: Random, book: Phrasebook, at: datetime) -> dict[str, str]:
    """The particulars of one customer's order, by the names that texts know them by."""
    shop = tables("shop")
    slots = {name: compose(rng, pattern, {}) for name, pattern in book.slots.items()}
    quantity, price = rng.randint(2, 4), rng.choice(shop["prices"])
    goods, shipping = quantity * price, rng.choice(shop["shipping"])
    received = at - timedelta(days=rng.randint(2, 9))
    return slots | {
        "order": f"FF-{rng.randint(31000, 58999)}",
        "invoice": f"2-{rng.randint(100000, 999999)}",
        "inquiry": str(rng.randint(2000, 9999)),
        "tracking": f"NP{rng.randint(10**9, 10**10 - 1)}",
        "call": f"{rng.getrandbits(64):016x}",
        "updated": (at - timedelta(hours=rng.randint(2, 70))).strftime("%Y-%m-%dT%H:%MZ"),
        "quantity": str(quantity),
        "price": book.euros(price),
        "shipping": book.euros(shipping),
        "goods": book.euros(goods),
        "total": book.euros(goods + shipping),
        "wrong_total": book.euros(goods - price + rng.choice((0, 90, 1000))),
        "date": book.day(received),
        "refund_by": book.day(received + timedelta(days=14)),
        "deadline": book.day(received + timedelta(days=30)),
    }


def tokens(content: str | list[Message]) -> int:
    """About as many as a message's content has: a kana or kanji each, else four characters."""
    if not isinstance(content, str):
        texts = [part["text"] for part in content if part["type"] == "text"]
        return sum(map(tokens, texts)) + 765 * (len(content) - len(texts))  # 765 an image
    wide = sum(character > "\u3000" for character in content)
    return 1 + round(wide * 0.9 + (len(content) - wide) / 4)
