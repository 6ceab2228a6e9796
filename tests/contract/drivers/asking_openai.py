"""OpenAI's client for Python; runs in its own environment and prints one JSON object."""

import json
from typing import Any

import openai
from openai.lib.streaming.chat import ChatCompletionStreamEvent

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


def main() -> Json:
    """Every case."""
    exchanges, image = Exchanges(), picture()
    client = openai.OpenAI(
        base_url=BASE_URL, api_key=API_KEY, max_retries=0, http_client=exchanges.http
    )
    completions: Any = client.chat.completions

    def user(text: str) -> list[Json]:
        return [{"role": "user", "content": text}]

    def ask(text: str, **more: Any) -> Json:
        known = {"model": ASKED["talker"], "messages": user(text), **more}
        answer = completions.create(**known)
        return said(answer.choices[0].message, answer.choices[0].finish_reason, answer.usage)

    def stream(text: str, **more: Any) -> Json:
        known = {"model": ASKED["talker"], "messages": user(text), **more}
        pieces = 0
        with completions.stream(**known, stream_options={"include_usage": True}) as events:
            event: ChatCompletionStreamEvent[Any]
            for event in events:
                pieces += event.type == "content.delta"
            answer = events.get_final_completion()
        choice = answer.choices[0]
        return said(choice.message, choice.finish_reason, answer.usage, pieces=pieces)

    def answered() -> Json:
        first = completions.create(
            model=ASKED["talker"], messages=user(ASKED["weather"]), tools=[TOOL]
        )
        message = first.choices[0].message
        results = [
            {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
            for call in message.tool_calls
        ]
        return ask("", messages=[*user(ASKED["weather"]), message, *results], tools=[TOOL])

    def shown() -> Json:
        parts = [
            {"type": "text", "text": ASKED["hello"]},
            {"type": "image_url", "image_url": {"url": image, "detail": "low"}},
        ]
        return ask("", messages=[{"role": "user", "content": parts}])

    def structured() -> Json:
        got = ask(ASKED["tree"], response_format=SCHEMA)
        return {**got, "object": json.loads(got["text"])}

    def embedded() -> Json:
        made = client.embeddings.create(
            model=ASKED["embedder"], input="Hello", encoding_format="float"
        )
        return {"embedding": made.data[0].embedding}

    return exchanges.outcomes(
        {
            "whole": lambda: ask(ASKED["hello"], stop=None),
            "streamed": lambda: stream(ASKED["hello"]),
            "tools": lambda: stream(ASKED["weather"], tools=[TOOL]),
            "answered": answered,
            "picture": shown,
            "structured": structured,
            "missing": lambda: ask(ASKED["hello"], model=ASKED["missing"]),
            "missing_streamed": lambda: stream(ASKED["hello"], model=ASKED["missing"]),
            "limited": lambda: ask(ASKED["limited"]),
            "embedded": embedded,
        }
    )


if __name__ == "__main__":
    print(json.dumps({f"openai {openai.__version__} (python)": main()}))
