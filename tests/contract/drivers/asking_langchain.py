"""LangChain for Python; runs in its own environment and prints one JSON object."""

import json
from importlib.metadata import version
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from tests.contract.drivers.asking import (
    API_KEY,
    ASKED,
    BASE_URL,
    TOOL,
    TREE,
    Exchanges,
    Json,
    picture,
)


def main() -> Json:
    """Every case."""
    exchanges, image = Exchanges(), picture()
    known: Json = {"base_url": BASE_URL, "api_key": API_KEY, "max_retries": 0}
    known["http_client"] = exchanges.http

    def model(name: str) -> Any:
        return ChatOpenAI(model=ASKED[name], stream_usage=True, **known)

    talker = model("talker")
    with_tools = talker.bind_tools([TOOL])

    def stream(runnable: Any, text: str) -> Json:
        whole, pieces = None, 0
        for piece in runnable.stream([HumanMessage(text)]):
            whole = piece if whole is None else whole + piece
            pieces += 1
        return said(whole, pieces=pieces)

    def answered() -> Json:
        question = HumanMessage(ASKED["weather"])
        first = with_tools.invoke([question])
        results = [ToolMessage("sunny", tool_call_id=call["id"]) for call in first.tool_calls]
        return said(with_tools.invoke([question, first, *results]))

    def shown() -> Json:
        parts = [
            {"type": "text", "text": ASKED["hello"]},
            {"type": "image_url", "image_url": {"url": image}},
        ]
        return said(talker.invoke([HumanMessage(parts)]))

    def structured() -> Json:
        wanted = talker.with_structured_output(TREE, method="json_schema", include_raw=True)
        got = wanted.invoke(ASKED["tree"])
        return said(got["raw"], object=got["parsed"])

    def embedded() -> Json:
        embedder = OpenAIEmbeddings(
            model=ASKED["embedder"], check_embedding_ctx_length=False, **known
        )
        return {"embedding": embedder.embed_query("Hello")}

    return exchanges.outcomes(
        {
            "whole": lambda: said(
                talker.invoke([SystemMessage("Be brief."), HumanMessage(ASKED["hello"])])
            ),
            "streamed": lambda: stream(talker, ASKED["hello"]),
            "tools": lambda: stream(with_tools, ASKED["weather"]),
            "answered": answered,
            "picture": shown,
            "structured": structured,
            "missing": lambda: said(model("missing").invoke(ASKED["hello"])),
            "missing_streamed": lambda: stream(model("missing"), ASKED["hello"]),
            "limited": lambda: said(talker.invoke(ASKED["limited"])),
            "embedded": embedded,
        }
    )


def said(message: AIMessage, **more: Any) -> Json:
    """A message of LangChain's."""
    usage: Any = message.usage_metadata
    calls = [
        {"id": call["id"], "name": call["name"], "arguments": call["args"]}
        for call in message.tool_calls
    ]
    return {
        "text": message.text,
        "calls": calls,
        "finish": message.response_metadata["finish_reason"],
        "usage": [usage["input_tokens"], usage["output_tokens"]],
        **more,
    }


if __name__ == "__main__":
    print(json.dumps({f"langchain-openai {version('langchain-openai')}": main()}))
