"""What `adaptive-sdk` 0.14.2 does with a running server; runs in the client's own environment.

Prints one JSON object of what came back: ids, and how long the bulk took.
"""

import asyncio
import base64
import json
import os
import sys
import time
from uuid import uuid4

from adaptive_sdk import Adaptive, AsyncAdaptive

BASE_URL = os.environ["ADAPTIVE_BASE_URL"]
API_KEY = os.environ["ADAPTIVE_API_KEY"]
BULK = 1000
AT_ONCE = 30


def text_and_images(picture: bytes) -> dict[str, object]:
    """Log a text interaction and a multimodal one, by hand, and judge between them."""
    client = Adaptive(base_url=BASE_URL, api_key=API_KEY)
    client.set_default_project("demo")
    session = str(uuid4())
    text = client.interactions.create(
        model="gpt-4o",
        messages=[
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": "Hello from the SDK"},
        ],
        completion="Hello! How can I help you today?",
        feedbacks=[{"feedback_key": "helpful", "value": True, "details": "polite"}],
        session_id=session,
        labels={"origin": "sdk"},
        created_at="2024-02-21T09:51:03Z",
    )
    uri = "data:image/png;base64," + base64.b64encode(picture).decode()
    image = client.interactions.create(
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is in this picture?"},
                    {"type": "image_url", "image_url": {"url": uri}},
                ],
            }
        ],
        completion="One colour.",
        labels={"origin": "sdk"},
    )
    preference = client.feedback.log_preference(
        feedback_key="preference",
        preferred_completion=text.completion_id,
        other_completion=str(image.completion_id),
    )
    try:
        client.interactions.create(
            messages=[{"role": "user", "content": "x"}], completion="y", model="no-such-model"
        )
        refusal = "none"
    except Exception as error:  # the SDK raises a plain Exception for any 4xx
        refusal = str(error)
    return {
        "text": str(text.completion_id),
        "session": str(text.session_id) == session,
        "feedback_ids": [str(id) for id in text.feedback_ids],
        "image": str(image.completion_id),
        "comparison": str(preference.comparison_id),
        "refusal": refusal,
    }


async def bulk() -> dict[str, object]:
    """Log many interactions, 30 at a time, as the documentation does."""
    client = AsyncAdaptive(base_url=BASE_URL, api_key=API_KEY)
    gate = asyncio.Semaphore(AT_ONCE)

    async def log(number: int) -> str:
        async with gate:
            made = await client.interactions.create(
                messages=[{"role": "user", "content": f"Bulk question {number}"}],
                completion=f"Bulk answer {number}",
                labels={"origin": "sdk-bulk"},
                project="demo",
            )
            return str(made.completion_id)

    began = time.monotonic()
    ids = await asyncio.gather(*(log(number) for number in range(BULK)))
    return {"bulk": len(set(ids)), "seconds": round(time.monotonic() - began, 2)}


if __name__ == "__main__":
    result = text_and_images(sys.stdin.buffer.read())
    print(json.dumps({**result, **asyncio.run(bulk())}))
