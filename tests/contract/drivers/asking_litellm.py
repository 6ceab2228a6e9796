"""litellm as a client; runs in its own environment and prints one JSON object."""

import json
from importlib.metadata import version
from typing import Any

import litellm
import openai

from tests.contract.drivers.asking import (
    API_KEY,
    ASKED,
    BASE_URL,
    SCHEMA,
    TOOL,
    Exchanges,
    Json,
    picture,
    said,
)

# It prints advice where the result belongs.
litellm.suppress_debug_info = True


def main() -> Json:
    """Every case."""
    exchanges, image = Exchanges(), picture()
    client = openai.OpenAI(
        base_url=BASE_URL, api_key=API_KEY, max_retries=0, http_client=exchanges.http
    )

    def user(text: str) -> list[Json]:
        return [{"role": "user", "content": text}]

    def completion(text: str, **more: Any) -> Any:
        name = more.pop("name", "talker")
        known = {"messages": user(text), "client": client, "num_retries": 0, **more}
        return litellm.completion(model=f"openai/{ASKED[name]}", **known)

    def ask(text: str, **more: Any) -> Json:
        answer = completion(text, **more)
        return said(answer.choices[0].message, answer.choices[0].finish_reason, answer.usage)

    def stream(text: str, **more: Any) -> Json:
        counted = {"include_usage": True}
        chunks = list(completion(text, stream=True, stream_options=counted, **more))
        answer: Any = litellm.stream_chunk_builder(chunks)
        choice = answer.choices[0]
        return said(choice.message, choice.finish_reason, answer.usage, pieces=len(chunks))

    def answered() -> Json:
        message = completion(ASKED["weather"], tools=[TOOL]).choices[0].message
        results = [
            {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
            for call in message.tool_calls
        ]
        messages = [*user(ASKED["weather"]), message, *results]
        return ask("", messages=messages, tools=[TOOL])

    def shown() -> Json:
        parts = [
            {"type": "text", "text": ASKED["hello"]},
            {"type": "image_url", "image_url": {"url": image}},
        ]
        return ask("", messages=[{"role": "user", "content": parts}])

    def structured() -> Json:
        got = ask(ASKED["tree"], response_format=SCHEMA)
        return {**got, "object": json.loads(got["text"])}

    return exchanges.outcomes(
        {
            "whole": lambda: ask(ASKED["hello"]),
            "streamed": lambda: stream(ASKED["hello"]),
            "tools": lambda: stream(ASKED["weather"], tools=[TOOL]),
            "answered": answered,
            "picture": shown,
            "structured": structured,
            "missing": lambda: ask(ASKED["hello"], name="missing"),
            "missing_streamed": lambda: stream(ASKED["hello"], name="missing"),
            "limited": lambda: ask(ASKED["limited"]),
        }
    )


if __name__ == "__main__":
    print(json.dumps({f"litellm {version('litellm')}": main()}))
