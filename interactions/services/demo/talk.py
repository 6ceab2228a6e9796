"""Conversations: what was asked, what was answered, and whether that was right."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from .cast import STAFF_PROMPT, SYSTEM_PROMPTS, TONGUES
from .compose import Case, Tongue, compose
from .english import ENGLISH
from .snippets import KINDS, PLAYBOOK

_CARRIERS = ("NordPost", "SwiftVan", "Parcelo", "BlueDrop")
_PRICES = (2490, 3450, 4990, 5900, 7990, 9900, 12900, 18900)
Message = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Turn:
    """One interaction of a conversation; `complaint` is (reason, details) when it is bad."""

    messages: list[Message]
    answer: str
    complaint: tuple[str, str] | None = None


@dataclass(slots=True, kw_only=True)
class Talk:
    """A conversation, each turn of which repeats the ones before."""

    task: str
    language: str
    turns: list[Turn] = field(default_factory=list)

    @property
    def is_bad(self) -> bool:
        """Whether any of its answers is bad."""
        return any(turn.complaint is not None for turn in self.turns)


def facts(rng: Random, tongue: Tongue, at: datetime) -> dict[str, str]:
    """The particulars of one customer's order, as the pieces of text name them."""
    price, quantity = rng.choice(_PRICES), rng.randint(2, 4)
    shipping = rng.choice((490, 590, 690))
    goods = price * quantity
    received = at - timedelta(days=rng.randint(2, 9))
    wrong_goods = goods - price + rng.choice((0, 90, 1000))

    def day(moment: datetime) -> str:
        return tongue.day(moment.day, moment.month)

    return {
        "order": f"FF-{rng.randint(31000, 58999)}",
        "invoice": f"2-{rng.randint(100000, 999999)}",
        "inquiry": str(rng.randint(2000, 9999)),
        "tracking": f"NP{rng.randint(10**9, 10**10 - 1)}",
        "item": rng.choice(tongue.items),
        "carrier": rng.choice(_CARRIERS),
        "name": rng.choice(tongue.names),
        "quantity": str(quantity),
        "price": tongue.euros(price),
        "shipping": tongue.euros(shipping),
        "goods": tongue.euros(goods),
        "total": tongue.euros(goods + shipping),
        "wrong_goods": tongue.euros(wrong_goods),
        "wrong_total": tongue.euros(wrong_goods),
        "date": day(received),
        "deadline": day(received + timedelta(days=30)),
        "refund_by": day(received + timedelta(days=14)),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A question that waits for its answer."""

    task: str
    case: Case
    tongue: Tongue
    slots: Mapping[str, str]
    messages: list[Message]

    def answered(self, rng: Random, *, bad: float) -> Turn:
        """An answer to it, a bad one with the chance `bad`."""
        if rng.random() >= bad:
            answer = compose(rng, rng.choice(self.case.answers), self.slots)
            return Turn(messages=self.messages, answer=answer[:1].upper() + answer[1:])
        if self.case.wrong and rng.random() < 0.85:
            answer, reason, details = rng.choice(self.case.wrong)
            return Turn(
                messages=self.messages,
                answer=compose(rng, answer, self.slots),
                complaint=(reason, compose(rng, details, self.slots)),
            )
        return Turn(
            messages=self.messages,
            answer=rng.choice(self.tongue.evasive),
            complaint=rng.choice(self.tongue.complaints),
        )

    def talk(self, rng: Random, *, bad: float, turns: int) -> Talk:
        """The conversation it begins, of at most `turns` turns; a bad answer ends most."""
        talk = Talk(task=self.task, language=self.tongue.code)
        talk.turns.append(self.answered(rng, bad=bad))
        if talk.is_bad and rng.random() < 0.8:
            return talk
        following = self.case.then
        for question, answer in rng.sample(following, min(len(following), turns - 1)):
            before = talk.turns[-1]
            messages = [
                *before.messages,
                {"role": "assistant", "content": before.answer},
                {"role": "user", "content": compose(rng, question, self.slots)},
            ]
            talk.turns.append(Turn(messages=messages, answer=compose(rng, answer, self.slots)))
        return talk


def customer_writes(
    rng: Random, *, version: str, language: str, task: str, at: datetime
) -> Opening:
    """A customer's question to a version of the assistant, with the order looked up at times."""
    tongue = TONGUES[language]
    task = task if task in tongue.topics else "shipping"
    cases = tongue.topics[task]
    case = rng.choices(cases, [len(case.asks) for case in cases])[0]
    slots = facts(rng, tongue, at)
    ask = rng.choice(case.asks)
    question = compose(rng, ask, slots)
    if "{" in ask or rng.random() < 0.4:  # what names no order is often sent just so
        question = _as_letter(rng, tongue, slots, question, is_name_first=ask.startswith("{"))
    messages: list[Message] = [
        {"role": "system", "content": SYSTEM_PROMPTS[version]},
        {"role": "user", "content": question[:1].upper() + question[1:]},
    ]
    if "{order}" in ask and task in ("shipping", "refund") and rng.random() < 0.3:
        messages += _lookup(rng, slots, at)
    return Opening(task=task, case=case, tongue=tongue, slots=slots, messages=messages)


def _as_letter(
    rng: Random, tongue: Tongue, slots: Mapping[str, str], question: str, *, is_name_first: bool
) -> str:
    """The question between a greeting and a close; after a comma it goes on in small letters."""
    opening = compose(rng, tongue.opening, slots)
    is_i = question.startswith(("I ", "I'"))
    if opening.endswith(",") and not (is_i or is_name_first):
        question = question[:1].lower() + question[1:]
    parts = (opening, question, compose(rng, tongue.closing, slots))
    return ("" if tongue.code == "ja" else " ").join(part for part in parts if part)


def _lookup(rng: Random, slots: Mapping[str, str], at: datetime) -> list[Message]:
    """The assistant looks the order up, in OpenAI's form of a tool call."""
    call = f"call_{rng.getrandbits(64):016x}"
    found = {
        "order": slots["order"],
        "status": rng.choice(("shipped", "returned", "refund_approved")),
        "carrier": slots["carrier"],
        "tracking": slots["tracking"],
        "updated": (at - timedelta(hours=rng.randint(2, 70))).strftime("%Y-%m-%dT%H:%MZ"),
        "items": [{"name": slots["item"], "quantity": int(slots["quantity"])}],
        "total": slots["total"],
    }
    function = {"name": "get_order", "arguments": json.dumps({"order": slots["order"]})}
    return [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": call, "type": "function", "function": function}],
        },
        {
            "role": "tool",
            "tool_call_id": call,
            "name": "get_order",
            "content": json.dumps(found, ensure_ascii=False),
        },
    ]


def staff_writes(rng: Random, *, at: datetime) -> Opening:
    """Someone of the shop asks for a query, a script, a reading of numbers or a text."""
    task = rng.choice(("sql", "sql", "python", "python", "data", "writing"))
    case = rng.choice(KINDS[task])
    slots = facts(rng, ENGLISH, at) | _numbers(rng)
    slots["table"] = rng.choice(("orders", "returns", "refunds"))
    slots["grain"], slots["span"] = rng.choice((("day", "7"), ("day", "30"), ("week", "90")))
    if rng.random() < 0.05:
        task, case = "writing", PLAYBOOK
        slots["area"] = rng.choice(("refund", "shipping", "warranty", "French", "invoice"))
    messages: list[Message] = [
        {"role": "system", "content": STAFF_PROMPT},
        {"role": "user", "content": compose(rng, rng.choice(case.asks), slots)},
    ]
    return Opening(task=task, case=case, tongue=ENGLISH, slots=slots, messages=messages)


def _numbers(rng: Random) -> dict[str, str]:
    """Orders and returns of three countries, and the rates they come to."""
    slots = {"rate_wrong": str(rng.randint(15, 22))}
    for orders, returns in ("ab", "cd", "ef"):
        n = rng.randint(400, 4000)
        back = round(n * rng.uniform(0.04, 0.13))
        slots[f"n_{orders}"] = f"{n:,}"
        slots[f"n_{returns}"] = f"{back:,}"
        slots[f"rate_{orders}"] = f"{100 * back / n:.1f}"
    return slots
