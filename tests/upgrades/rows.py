"""What is in the databases of earlier versions."""

from typing import Any

TEXT = "Where does the maple stand?"
QUESTION = [{"role": "user", "content": TEXT}]
SESSION = "4e90da2e-c13b-5cbe-9073-1c2835aa9946"


def _answer(n: int) -> str:
    return f"By the river, {n} steps from the bridge."


LINES: list[dict[str, Any]] = [
    *(
        {
            "messages": QUESTION,
            "completion": _answer(n),
            "model": model,
            "labels": {"env": "prod" if n < 2 else "test", "topic": "trees"},
            "feedbacks": [{"feedback_key": "helpful", "value": n == 0, "reason": "so it is"}],
            "session_id": SESSION,
            "created_at": f"2026-11-0{n + 1}T12:00:00Z",
            "external_id": f"row-{n}",
        }
        for n, model in enumerate(("gpt-4o", "gpt-4o-mini", "gpt-4o"))
    ),
    {
        "feedback_key": "better",
        "messages": QUESTION,
        "preferred": {"model": "gpt-4o", "text": _answer(0)},
        "other": {"model": "gpt-4o-mini", "text": _answer(1)},
        "created_at": "2026-11-05T12:00:00Z",
        "external_id": "pair-0",
    },
]
