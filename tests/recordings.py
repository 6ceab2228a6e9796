"""Streams as odd as servers send them, and what whoever puts them together has in the end.

Written by us after what the servers named send; `tests.replay` plays them.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.replay import Reply

USAGE = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
DONE = b"data: [DONE]\n\n"
NOTHING: dict[str, Any] = {}


@dataclass(frozen=True)
class Recording:
    """A stream and its meaning: the message in the end, and what stood beside it.

    `message` has neither role nor id; `response` are members of the chunks, `choice` of their
    choices, that are not OpenAI's oldest. The `others` are choices after the first.
    """

    name: str
    reply: Reply
    message: dict[str, Any]
    finish_reason: str | None = "stop"
    usage: dict[str, Any] | None = field(default_factory=lambda: USAGE)
    response: dict[str, Any] = field(default_factory=dict)
    choice: dict[str, Any] = field(default_factory=dict)
    others: dict[int, dict[str, Any]] = field(default_factory=dict)


def sse(*events: Any, **reply: Any) -> Reply:
    """Objects as events, bytes as they are."""
    return Reply([event if isinstance(event, bytes) else said(event) for event in events], **reply)


def said(value: Any) -> bytes:
    """An event."""
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def chunk(_finish: str | None = None, _choice: Any = NOTHING, _more: Any = NOTHING, **delta: Any):  # type: ignore[no-untyped-def]
    """A chunk with one choice."""
    choice = {"index": 0, "delta": delta, "finish_reason": _finish, **_choice}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "big-1"} | {
        "choices": [choice],
        **_more,
    }


def counted(usage: Any = USAGE, **more: Any) -> dict[str, Any]:
    """The chunk with the counts."""
    return {"id": "c1", "model": "big-1", "choices": [], "usage": usage, **more}


def calls(*pieces: Any) -> dict[str, Any]:
    """A chunk with pieces of tool calls."""
    return chunk(tool_calls=list(pieces))  # type: ignore[no-any-return]


def logprob(token: str, value: Any = -0.5) -> dict[str, Any]:
    """One token of `logprobs`."""
    return {"token": token, "logprob": value, "bytes": list(token.encode()), "top_logprobs": []}


FINGERPRINT = {"system_fingerprint": "fp_1", "service_tier": "default"}
DETAILS = {"completion_tokens_details": {"reasoning_tokens": 0}}
SAFE = {"hate": {"filtered": False, "severity": "safe"}}
IMAGES = [
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{n * 8}"}, "index": i}
    for i, n in enumerate("AB")
]
CITED = [
    {"type": "url_citation", "url_citation": {"url": f"https://{n}.example", "title": n}}
    for n in "ab"
]
FOUND = {
    "citations": ["https://a.example", "https://b.example"],
    "search_results": [{"title": "A", "url": "https://a.example", "date": None}],
}


def function(name: str, arguments: str, id: str, **more: Any) -> dict[str, Any]:
    """A whole tool call."""
    call = {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {**call, **more}


RECORDINGS = [
    Recording(
        "openai",
        sse(
            chunk(
                None,
                {"logprobs": None},
                {**FINGERPRINT, "obfuscation": "x9"},
                role="assistant",
                content="",
                refusal=None,
            ),
            chunk(None, {"logprobs": {"content": [logprob("A")]}}, FINGERPRINT, content="A"),
            chunk(None, {"logprobs": {"content": [logprob(" é")]}}, FINGERPRINT, content=" é"),
            chunk("stop", {"logprobs": None}, {**FINGERPRINT, "obfuscation": "abc"}),
            counted({**USAGE, **DETAILS}, **FINGERPRINT),
            DONE,
        ),
        {"content": "A é"},
        usage={**USAGE, **DETAILS},
        response=FINGERPRINT,
        choice={"logprobs": {"content": [logprob("A"), logprob(" é")]}},
    ),
    Recording(
        "a refusal in pieces",
        sse(
            chunk(role="assistant", content="", refusal=""),
            chunk(refusal="I can"),
            chunk(refusal="not."),
            chunk("stop"),
            DONE,
        ),
        {"content": "", "refusal": "I cannot."},
        usage=None,
    ),
    Recording(
        "azure: filters before and beside the text",
        sse(
            {"choices": [], "prompt_filter_results": [{"prompt_index": 0, "results": SAFE}]},
            chunk(None, {"content_filter_results": {}}, role="assistant", content=""),
            chunk(None, {"content_filter_results": SAFE}, content="Yes."),
            chunk("stop", {"content_filter_results": SAFE}),
            DONE,
        ),
        {"content": "Yes."},
        usage=None,
        response={"prompt_filter_results": [{"prompt_index": 0, "results": SAFE}]},
        choice={"content_filter_results": SAFE},
    ),
    Recording(
        "openrouter: reasoning in details, and what it cost",
        sse(
            b": OPENROUTER PROCESSING\n\n",
            chunk(
                _more={"provider": "Together"},
                role="assistant",
                content="",
                reasoning="Hm,",
                reasoning_details=[
                    {"type": "reasoning.text", "text": "Hm,", "format": "x-v1", "index": 0}
                ],
            ),
            chunk(
                content="",
                reasoning=" so.",
                reasoning_details=[
                    {"type": "reasoning.text", "text": " so.", "format": "x-v1", "index": 0}
                ],
            ),
            b": OPENROUTER PROCESSING\n\n",
            chunk(
                reasoning_details=[
                    {"type": "reasoning.text", "signature": "sig", "format": "x-v1", "index": 0}
                ]
            ),
            chunk(
                reasoning_details=[
                    {"type": "reasoning.encrypted", "data": "gAAA", "id": "rs_1", "index": 0}
                ]
            ),
            chunk(content="So."),
            chunk("stop", {"native_finish_reason": "STOP"}, content=""),
            counted({**USAGE, "cost": 0.00012, "is_byok": False}),
            DONE,
        ),
        {
            "content": "So.",
            "reasoning": "Hm, so.",
            "reasoning_details": [
                {
                    "type": "reasoning.text",
                    "text": "Hm, so.",
                    "format": "x-v1",
                    "index": 0,
                    "signature": "sig",
                },
                {"type": "reasoning.encrypted", "data": "gAAA", "id": "rs_1", "index": 0},
            ],
        },
        usage={**USAGE, "cost": 0.00012, "is_byok": False},
        response={"provider": "Together"},
        choice={"native_finish_reason": "STOP"},
    ),
    Recording(
        "two images, one after the other",
        sse(
            chunk(role="assistant", content="Two:", images=IMAGES[:1]),
            chunk(content="", images=IMAGES[1:]),
            chunk("stop"),
            DONE,
        ),
        {"content": "Two:", "images": IMAGES},
        usage=None,
    ),
    Recording(
        "two images that both say they are the first",
        sse(*(chunk(images=[{**image, "index": 0}]) for image in IMAGES), chunk("stop"), DONE),
        {"content": "", "images": [{**image, "index": 0} for image in IMAGES]},
        usage=None,
    ),
    Recording(
        "deepseek: null where it thinks",
        sse(
            chunk(role="assistant", content=None, reasoning_content=""),
            chunk(content=None, reasoning_content="Hm"),
            chunk(content=None, reasoning_content="m"),
            chunk(content="Yes", reasoning_content=None),
            chunk(
                "stop",
                _more={"usage": {**USAGE, "prompt_cache_hit_tokens": 4}},
                content="",
                reasoning_content=None,
            ),
            DONE,
        ),
        {"content": "Yes", "reasoning_content": "Hmm"},
        usage={**USAGE, "prompt_cache_hit_tokens": 4},
    ),
    Recording(
        "mistral: thinking as parts of the content",
        sse(
            chunk(role="assistant", content=""),
            *(
                chunk(content=[{"type": "thinking", "thinking": [{"type": "text", "text": text}]}])
                for text in ("Let me", " see.")
            ),
            chunk(content="It is "),
            chunk("stop", content="four."),
            DONE,
        ),
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "Let me see."}]},
                {"type": "text", "text": "It is four."},
            ]
        },
        usage=None,
    ),
    Recording(
        "sound, its words, and until when it is kept",
        sse(
            chunk(role="assistant", content=None, audio={"id": "audio_1", "transcript": "Hel"}),
            chunk(audio={"transcript": "lo"}),
            chunk(audio={"data": "AAAA"}),
            chunk(audio={"id": "audio_1", "data": "BBB="}),
            chunk(audio={"expires_at": 1764000000}),
            chunk("stop"),
            DONE,
        ),
        {
            "content": "",
            "audio": {
                "id": "audio_1",
                "transcript": "Hello",
                "data": "AAAABBB=",
                "expires_at": 1764000000,
            },
        },
        usage=None,
    ),
]
