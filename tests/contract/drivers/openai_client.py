"""What OpenAI's own client does with a running server; runs in its own environment.

Reads a picture from its input and prints one JSON object of what came back.
"""

import base64
import json
import os
import sys
from typing import Any

import openai

BASE_URL = os.environ["ADAPTIVE_BASE_URL"] + "/api/v1"
HELLO: Any = [{"role": "user", "content": "Hello from OpenAI's client"}]


def chat(client: openai.OpenAI) -> dict[str, Any]:
    """A whole answer, with metadata."""
    answer = client.chat.completions.create(
        model="demo/echo",
        messages=HELLO,
        metadata={"tier": "gold", "from": "openai"},
        store=True,
        user="not-a-uuid",
        stop="\n\n\n",
    )
    extra = answer.model_extra or {}
    choice = answer.choices[0]
    return {
        "id": answer.id,
        "object": answer.object,
        "model": answer.model,
        "content": choice.message.content,
        "role": choice.message.role,
        "finish_reason": choice.finish_reason,
        "usage": answer.usage.model_dump() if answer.usage else None,
        "session_id": extra.get("session_id"),
        "completion_id": (choice.model_extra or {}).get("completion_id"),
    }


def stream(client: openai.OpenAI) -> dict[str, Any]:
    """An answer in pieces, with its usage at the end."""
    text, chunks, usage = "", 0, None
    with client.chat.completions.create(
        model="demo/echo", messages=HELLO, stream=True, stream_options={"include_usage": True}
    ) as pieces:
        for piece in pieces:
            chunks += 1
            usage = piece.usage or usage
            text += "".join(choice.delta.content or "" for choice in piece.choices)
    return {"content": text, "chunks": chunks, "usage": usage.model_dump() if usage else None}


def picture(client: openai.OpenAI, image: bytes) -> dict[str, Any]:
    """A question about a picture, in the object form of `image_url`."""
    uri = "data:image/png;base64," + base64.b64encode(image).decode()
    answer = client.chat.completions.create(
        model="demo/echo",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is in this image?"},
                    {"type": "image_url", "image_url": {"url": uri, "detail": "low"}},
                ],
            }
        ],
        metadata={"tier": "silver", "from": "openai"},
    )
    return {"id": answer.id, "content": answer.choices[0].message.content}


def stored(client: openai.OpenAI, ids: dict[str, str]) -> dict[str, Any]:
    """OpenAI's reads of stored completions: list, retrieve, messages, update, delete."""
    completions = client.chat.completions
    gold = completions.list(metadata={"tier": "gold"}, limit=10)
    both = [one.id for one in completions.list(metadata={"from": "openai"}, limit=1, order="asc")]
    one = completions.retrieve(ids["gold"])
    messages = completions.messages.list(ids["gold"])
    updated = completions.update(ids["gold"], metadata={"tier": "bronze"})
    after = completions.list(metadata={"tier": "gold"})
    deleted = completions.delete(ids["silver"])
    return {
        "gold": [one.id for one in gold.data],
        "both_by_pages": both,
        "retrieved": one.id,
        "retrieved_content": one.choices[0].message.content,
        "messages": [[message.role, message.content] for message in messages.data],
        "updated": getattr(updated, "metadata", None),
        "gold_after": [one.id for one in after.data],
        "deleted": deleted.deleted,
        "gone": refusal(lambda: completions.retrieve(ids["silver"])),
    }


def refusal(call: Any) -> dict[str, Any]:
    """What the client raises."""
    try:
        return {"answered": str(call())}
    except openai.APIStatusError as error:
        said = {"type": type(error).__name__, "status": error.status_code}
        return {**said, "message": error.message, "body": error.body}


def refusals(client: openai.OpenAI) -> dict[str, Any]:
    """What is refused, and how it reaches the caller."""
    stranger = openai.OpenAI(base_url=BASE_URL, api_key="not-a-key", max_retries=0)
    create: Any = client.chat.completions.create
    return {
        "model": refusal(lambda: create(model="demo/none", messages=HELLO)),
        "streamed": refusal(lambda: create(model="demo/none", messages=HELLO, stream=True)),
        "empty": refusal(lambda: create(model="demo/echo", messages=[])),
        "key": refusal(lambda: stranger.models.list()),
        "embeddings": refusal(lambda: client.embeddings.create(model="demo/echo", input="Hello")),
        "kept_unknown": refusal(lambda: client.chat.completions.retrieve("no-such-id")),
    }


def main() -> dict[str, Any]:
    """Do everything, in order."""
    client = openai.OpenAI(base_url=BASE_URL, api_key=os.environ["ADAPTIVE_API_KEY"], max_retries=0)
    image = sys.stdin.buffer.read()
    results: dict[str, Any] = {"chat": chat(client), "stream": stream(client)}
    results["picture"] = picture(client, image)
    results["models"] = [model.id for model in client.models.list()]
    embedded = client.embeddings.create(model="demo/embedder", input="Hello")
    results["embedding"] = embedded.data[0].embedding
    results["refusals"] = refusals(client)
    ids = {"gold": results["chat"]["id"], "silver": results["picture"]["id"]}
    results["stored"] = stored(client, ids)
    return results


if __name__ == "__main__":
    print(json.dumps(main()))
