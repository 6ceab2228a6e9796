"""Messages and images as models are sent them by all kinds of clients."""

from base64 import b64encode, urlsafe_b64encode
from io import BytesIO
from typing import Any

from PIL import Image as Pillow

from tests.make import data_uri, make_image

Message = dict[str, Any]
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 200
SOUND = b64encode(b"RIFF" + bytes(range(256)) * 40).decode()
PDF = "data:application/pdf;base64," + b64encode(b"%PDF-1.7 " + b"x" * 900).decode()
CALL = {"id": "call-1", "type": "function", "function": {"name": "look", "arguments": "{}"}}

# By what is odd about them; a user asks something at the end of each.
MESSAGES: dict[str, Message] = {
    "content null": {"role": "assistant", "content": None},
    "content absent": {"role": "assistant"},
    "content absent with a call": {"role": "assistant", "tool_calls": [CALL]},
    "content null of a user": {"role": "user", "content": None},
    "refusal": {"role": "assistant", "content": None, "refusal": "I may not."},
    "audio said before": {"role": "assistant", "content": None, "audio": {"id": "audio_1"}},
    "function call": {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "look", "arguments": "{}"},
    },
    "a tool's null": {"role": "tool", "content": None, "tool_call_id": "call-1"},
    "a tool's nothing": {"role": "tool", "tool_call_id": "call-1"},
    "a function's": {"role": "function", "name": "look", "content": "42"},
    "developer": {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
    "unknown role": {"role": "ipython", "content": "print(1)"},
    "cut role": {"role": "latest_reminder", "content": "It is late."},
    "no parts": {"role": "user", "content": []},
    "empty text": {"role": "user", "content": ""},
    "an object": {"role": "user", "content": {"type": "text", "text": "as an object"}},
    "strings": {"role": "user", "content": ["one", {"type": "text", "text": "two"}, "three"]},
    "more members": {
        "role": "assistant",
        "content": "Yes?",
        "reasoning_content": "Hm.",
        "prefix": True,
        "cache_control": {"type": "ephemeral"},
        "annotations": [],
    },
}
PARTS: dict[str, Any] = {
    "refusal": {"type": "refusal", "refusal": "I may not say it."},
    "input_audio": {"type": "input_audio", "input_audio": {"data": SOUND, "format": "wav"}},
    "file": {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}},
    "file by id": {"type": "file", "file": {"file_id": "file-abc"}},
    "thinking": {"type": "thinking", "thinking": "Let me see.", "signature": "c2ln"},
    "thinking of mistral": {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
    "document": {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "Once upon a time"},
        "citations": {"enabled": True},
    },
    "video_url": {"type": "video_url", "video_url": {"url": "https://x.test/a.mp4"}},
    "audio_url": {"type": "audio_url", "audio_url": "https://x.test/a.mp3"},
    "cache_control": {"type": "text", "text": "long", "cache_control": {"type": "ephemeral"}},
    "anthropic's image": {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": SOUND},
    },
    "input_image": {"type": "input_image", "image_url": data_uri(make_image())},
    "input_text": {"type": "input_text", "text": "as in responses"},
    "tool_result": {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text"}]},
    "unknown": {"type": "hologram", "hologram": {"deep": [1, None, {"er": True}]}},
    "of no type": {"text": "of no type"},
    "of another type's type": {"type": 7, "x": "y"},
    "text without": {"type": "text"},
    "text null": {"type": "text", "text": None},
    "a number": 7,
    "null": None,
    "a list": [[{"type": "text", "text": "nested"}]],
    "an image without": {"type": "image_url"},
    "an image null": {"type": "image_url", "image_url": None},
    "an image's number": {"type": "image_url", "image_url": {"url": 5}},
    "an image elsewhere": {"type": "image_url", "image_url": {"url": "gs://bucket/a.png"}},
    "an image's script": {"type": "image_url", "image_url": {"url": "javascript:alert(1)"}},
    "an image that is no data": {"type": "image_url", "image_url": {"url": "data:nonsense"}},
    "an image of broken base64": {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64,@@@@"},
    },
    "an image with more": {
        "type": "image_url",
        "image_url": {"url": "https://x.test/a.png", "detail": "low", "format": "image/png"},
        "cache_control": {"type": "ephemeral"},
    },
    "our own reference": {"type": "image_url", "image_url": {"url": "image:" + "0" * 64}},
}


def animated(frames: int = 3) -> bytes:
    """A GIF that moves."""
    file = BytesIO()
    pictures = [Pillow.new("RGB", (8, 8), (n * 40, 0, 0)) for n in range(frames)]
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:])
    return file.getvalue()


PNG, JPEG = make_image("PNG", (40, 30)), make_image("JPEG", (40, 30))
TOO_LARGE = make_image("PNG", (7000, 6000))  # half a second of processor time
_TEXT = b64encode(PNG).decode()
# By what is odd: the address as sent, the bytes, their format, and whether they can be shown.
IMAGES: dict[str, tuple[str, bytes, str, bool]] = {
    "another type": (data_uri(JPEG, "image/png"), JPEG, "jpg", True),
    "type of no image": (data_uri(PNG, "application/octet-stream"), PNG, "png", True),
    "no type": ("data:;base64," + _TEXT, PNG, "png", True),
    "upper case": ("DATA:IMAGE/PNG;BASE64," + _TEXT, PNG, "png", True),
    "parameters": ("data:image/png;charset=utf-8;base64," + _TEXT, PNG, "png", True),
    "a parameter without value": ("data:image/png;x;base64," + _TEXT, PNG, "png", True),
    "spaces": ("data:image/png; base64, " + _TEXT, PNG, "png", True),
    "line breaks": (
        "data:image/png;base64," + "\r\n".join(_TEXT[n : n + 76] for n in range(0, len(_TEXT), 76)),
        PNG,
        "png",
        True,
    ),
    "no padding": ("data:image/png;base64," + _TEXT.rstrip("="), PNG, "png", True),
    "for addresses": (
        "data:image/jpeg;base64," + urlsafe_b64encode(JPEG).decode(),
        JPEG,
        "jpg",
        True,
    ),
    "escaped": ("data:image/png;base64," + _TEXT.replace("=", "%3D"), PNG, "png", True),
    "animated": (data_uri(animated(), "image/gif"), animated(), "gif", True),
    "avif": (
        data_uri(make_image("AVIF", (16, 16)), "image/avif"),
        make_image("AVIF", (16, 16)),
        "avif",
        True,
    ),
    "truncated": (data_uri(PNG[:60]), PNG[:60], "png", False),
    "truncated jpeg": (data_uri(JPEG[:200], "image/jpeg"), JPEG[:200], "jpg", False),
    "tiff": (
        data_uri(make_image("TIFF"), "image/tiff"),
        make_image("TIFF"),
        "tiff",
        False,
    ),
    "bmp": (data_uri(make_image("BMP"), "image/bmp"), make_image("BMP"), "bmp", False),
    "bmp as png": (data_uri(make_image("BMP")), make_image("BMP"), "bmp", False),
    "heic": (data_uri(HEIC, "image/heic"), HEIC, "heic", False),
    "svg": (data_uri(SVG, "image/svg+xml"), SVG, "svg", False),
    "svg in the open": (
        "data:image/svg+xml;utf8,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "svg",
        False,
    ),
    "jpeg 2000": (
        data_uri(b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 60, "image/jp2"),
        b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 60,
        "jp2",
        False,
    ),
    "jpeg xl": (
        data_uri(b"\xff\x0a" + b"\7" * 60, "image/jxl"),
        b"\xff\x0a" + b"\7" * 60,
        "jxl",
        False,
    ),
    "pdf": (PDF, b"%PDF-1.7 " + b"x" * 900, "pdf", False),
    "html": (data_uri(b"<html><script>1</script>"), b"<html><script>1</script>", "bin", False),
    "noise": (data_uri(b"\x93\x94\x95" * 40), b"\x93\x94\x95" * 40, "bin", False),
    "too large": (
        data_uri(TOO_LARGE),
        TOO_LARGE,
        "png",
        False,
    ),
}


def of_part(part: Any) -> Message:
    """A user turn with this part beside text."""
    return {"role": "user", "content": [{"type": "text", "text": "What is this?"}, part]}
