"""Recorded streams with tool calls, and with members beside the text."""

from typing import Any

from tests.recordings import (
    CITED,
    DONE,
    FOUND,
    USAGE,
    Recording,
    calls,
    chunk,
    counted,
    function,
    sse,
)


def piece(index: int | None, arguments: str, **more: Any) -> dict[str, Any]:
    """Arguments that continue a call."""
    made = {"function": {"arguments": arguments}, **more}
    return made if index is None else {"index": index, **made}


MORE = [
    Recording(
        "two calls at once",
        sse(
            chunk(role="assistant", content=None),
            calls(function("f", "", "a", index=0)),
            calls(piece(0, '{"x"')),
            calls(function("g", "{}", "b", index=1)),
            calls(piece(0, ": 1}", id="", type="function")),
            chunk("tool_calls"),
            counted(),
            DONE,
        ),
        {
            "content": "",
            "tool_calls": [function("f", '{"x": 1}', "a"), function("g", "{}", "b")],
        },
        finish_reason="tool_calls",
    ),
    Recording(
        "gemini: every call is the first",
        sse(
            calls(
                function("f", "{}", "a", index=0, extra_content={"google": {"signature": "s"}}),
            ),
            calls(function("g", '{"y": 2}', "b", index=0)),
            chunk("tool_calls", content=""),
            DONE,
        ),
        {
            "content": "",
            "tool_calls": [
                function("f", "{}", "a", extra_content={"google": {"signature": "s"}}),
                function("g", '{"y": 2}', "b"),
            ],
        },
        finish_reason="tool_calls",
        usage=None,
    ),
    Recording(
        "calls without an index, the second in pieces",
        sse(
            calls(function("f", "{}", "a"), function("g", "", "b")),
            calls(piece(None, '{"z"')),
            calls(piece(None, ": 3}")),
            chunk("tool_calls"),
            DONE,
        ),
        {"content": "", "tool_calls": [function("f", "{}", "a"), function("g", '{"z": 3}', "b")]},
        finish_reason="tool_calls",
        usage=None,
    ),
    Recording(
        "vllm: another id with every piece",
        sse(
            calls(function("f", "", "a", index=0)),
            calls(piece(0, '{"x"', id="b")),
            calls(piece(0, ": 1}", id="c")),
            chunk("tool_calls", {"stop_reason": 128008}),
            DONE,
        ),
        {"content": "", "tool_calls": [function("f", '{"x": 1}', "a")]},
        finish_reason="tool_calls",
        usage=None,
        choice={"stop_reason": 128008},
    ),
    Recording(
        "a custom tool's input",
        sse(
            calls({"index": 0, "id": "a", "type": "custom", "custom": {"name": "py", "input": ""}}),
            calls({"index": 0, "custom": {"input": "print("}}),
            calls({"index": 0, "custom": {"input": "1)"}}),
            chunk("tool_calls"),
            DONE,
        ),
        {
            "content": "",
            "tool_calls": [
                {"id": "a", "type": "custom", "custom": {"name": "py", "input": "print(1)"}}
            ],
        },
        finish_reason="tool_calls",
        usage=None,
    ),
    Recording(
        "the function call of old",
        sse(
            chunk(role="assistant", content=None, function_call={"name": "f", "arguments": ""}),
            chunk(function_call={"arguments": '{"a"'}),
            chunk(function_call={"arguments": ":1}"}),
            chunk("function_call"),
            DONE,
        ),
        {"content": "", "function_call": {"name": "f", "arguments": '{"a":1}'}},
        finish_reason="function_call",
        usage=None,
    ),
    Recording(
        "litellm: blocks of thinking with a signature, and citations",
        sse(
            *(
                chunk(
                    reasoning_content=text,
                    thinking_blocks=[{"type": "thinking", "thinking": text, "signature": None}],
                )
                for text in ("Hm", "m.")
            ),
            chunk(
                thinking_blocks=[{"type": "thinking", "thinking": "", "signature": "sig-1"}],
            ),
            chunk(thinking_blocks=[{"type": "thinking", "thinking": "Then", "signature": ""}]),
            chunk(thinking_blocks=[{"type": "redacted_thinking", "data": "xyz"}]),
            *(
                chunk(content=text, annotations=[one])
                for text, one in zip("ab", CITED, strict=True)
            ),
            chunk("stop"),
            DONE,
        ),
        {
            "content": "ab",
            "reasoning_content": "Hmm.",
            "thinking_blocks": [
                {"type": "thinking", "thinking": "Hmm.", "signature": "sig-1"},
                {"type": "thinking", "thinking": "Then", "signature": ""},
                {"type": "redacted_thinking", "data": "xyz"},
            ],
            "annotations": CITED,
        },
        usage=None,
    ),
    Recording(
        "perplexity: all so far beside each piece",
        sse(
            *(
                chunk(
                    finish,
                    {"message": {"role": "assistant", "content": whole}},
                    {**FOUND, "usage": USAGE},
                    role="assistant",
                    content=text,
                )
                for text, whole, finish in (("A ", "A ", None), ("tree.", "A tree.", "stop"))
            ),
        ),
        {"content": "A tree."},
        response=FOUND,
    ),
    Recording(
        "members nobody knows yet",
        sse(
            chunk(_more={"x_groq": {"id": "r1"}}, weather={"mood": "su", "degrees": 3}),
            chunk(weather={"mood": "nny", "degrees": 4}, tags=["a"], is_new=False),
            chunk(weather={"is_dry": True}, tags=["b"]),
            chunk("stop", {"matched_stop": 7}),
            counted({"queue_time": 0.25, **USAGE}, timings={"predicted_ms": 1.5}),
            DONE,
        ),
        {
            "content": "",
            "weather": {"mood": "sunny", "degrees": 4, "is_dry": True},
            "tags": ["a", "b"],
            "is_new": False,
        },
        usage={"queue_time": 0.25, **USAGE},
        response={"x_groq": {"id": "r1"}, "timings": {"predicted_ms": 1.5}},
        choice={"matched_stop": 7},
    ),
    Recording(
        "two answers at once",
        sse(
            chunk(role="assistant", content="one"),
            chunk(None, {"index": 1}, role="assistant", content="two"),
            chunk(None, {"index": 1}, content=" more"),
            chunk("stop"),
            chunk("length", {"index": 1, "stop_reason": "x"}),
            counted(),
            DONE,
        ),
        {"content": "one"},
        others={
            1: {
                "index": 1,
                "message": {"content": "two more"},
                "finish_reason": "length",
                "stop_reason": "x",
            }
        },
    ),
    Recording(
        "thoughts without an index, signed at their end",
        sse(
            chunk(reasoning_details=[{"type": "reasoning.text", "text": "Hm"}]),
            chunk(reasoning_details=[{"type": "reasoning.text", "text": "m."}]),
            chunk(reasoning_details=[{"type": "reasoning.text", "signature": "s"}]),
            chunk(reasoning_details=[{"type": "reasoning.text", "text": "So."}]),
            chunk("stop", content="Yes."),
            DONE,
        ),
        {
            "content": "Yes.",
            "reasoning_details": [
                {"type": "reasoning.text", "text": "Hmm.", "signature": "s"},
                {"type": "reasoning.text", "text": "So."},
            ],
        },
        usage=None,
    ),
    Recording(
        "shapes that are none",
        sse(
            {"choices": None},
            {"choices": [None, 7]},
            {"choices": [{"index": "0", "delta": "Yes"}], "usage": [], "model": 7},
            {"choices": [{"index": None, "delta": [], "finish_reason": None}]},
            chunk(tool_calls={"id": "a"}, content="."),
            {"choices": [{"delta": {"tool_calls": None}, "finish_reason": "stop"}]},
            DONE,
        ),
        {"content": "Yes.", "tool_calls": {"id": "a"}},
        usage=None,
    ),
    Recording(
        "a whole completion as the only event",
        sse(
            {
                "object": "chat.completion",
                "choices": [
                    {
                        "message": {"role": "assistant", "tool_calls": [function("f", "{}", "a")]},
                        "finish_reason": "tool_calls",
                    }
                ],
                "usage": USAGE,
            },
            DONE,
        ),
        {"content": "", "tool_calls": [function("f", "{}", "a")]},
        finish_reason="tool_calls",
    ),
]
