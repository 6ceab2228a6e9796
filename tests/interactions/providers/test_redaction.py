"""A provider's key is not told by the provider's errors, however they take it apart."""

from base64 import b64encode

import pytest

from interactions.providers.redaction import redacted, retry_after
from projects.models import Project
from tests.interactions.asking import ask, make_external, told
from tests.upstream import delta, says, streams, upstream

KEY = "sk-proj-Abc123XyZ987qrsTUV"
DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
HALVES = KEY[:13], KEY[13:]


def windows(text: str, key: str, length: int) -> list[str]:
    """The parts of the key that stand in a text, read without what is between letters."""
    letters = "".join(letter for letter in text if letter.isalnum()).lower()
    secret = "".join(letter for letter in key if letter.isalnum()).lower()
    parts = {secret[n : n + length] for n in range(len(secret) - length + 1)}
    return [part for part in parts if part in letters]


TOLD = [
    f"Incorrect API key provided: {KEY}.",
    f"the key begins {HALVES[0]} and ends {HALVES[1]}",
    f"{HALVES[0]}\n{HALVES[1]}",
    f"{HALVES[0]}\\n{HALVES[1]}",
    f'{{"a": "{HALVES[0]}", "b": "{HALVES[1]}"}}',
    " ".join(KEY),
    "-".join(KEY),
    "\u200b".join(KEY),
    ", then ".join(KEY[n : n + 4] for n in range(0, len(KEY), 4)),
    "".join(f"\\u{ord(letter):04x}" for letter in KEY),
    "".join(f"&#{ord(letter)};" for letter in KEY),
    "".join(f"%{ord(letter):02X}" for letter in KEY),
    KEY[::-1],
    KEY.upper(),
    f"starts with {KEY[:11]}",
]


@pytest.mark.parametrize("text", TOLD)
def test_no_part_of_a_key_stays(text: str) -> None:
    said = redacted(text, KEY)
    assert windows(said, KEY, 6) == [], said
    assert KEY[:10] not in said


@pytest.mark.parametrize(
    "text",
    ["no such model: gpt-4o", "Rate limit reached, try again in 20s", "", "schöne Grüße", "sk-"],
)
def test_what_tells_nothing_stays(text: str) -> None:
    assert redacted(text, KEY) == text
    assert redacted(text, "") == text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500, 503])
def test_a_providers_error_tells_no_part_of_the_key(
    alice_key: str, project: Project, status: int, stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with upstream() as provider:
        make_external(project, provider, api_key=KEY)
        for text in TOLD[:9]:
            error = {"error": {"message": text, "code": status}}
            provider.answer = says(error, status, **{"Retry-After": KEY})
            answer = ask(alice_key, stream=stream)
            assert answer.status_code >= 400
            seen = answer.text + caplog.text + str(dict(answer.headers))
            assert windows(seen, KEY, 8) == [], seen


def test_an_error_in_a_stream_tells_no_part_of_the_key(alice_key: str, project: Project) -> None:
    with upstream() as provider:
        make_external(project, provider, api_key=KEY)
        for text in TOLD[:9]:
            provider.answer = streams(delta(content="A "), {"error": {"message": text}})
            said = str(told(ask(alice_key, stream=True)))
            assert "answered with an error" in said
            assert windows(said, KEY, 8) == [], said


def test_a_long_error_is_cut_before_it_is_looked_through(alice_key: str, project: Project) -> None:
    with upstream() as provider:
        make_external(project, provider, api_key=KEY)
        provider.answer = says({"error": f"{'x' * 1_000_000}{KEY}"}, 400)
        assert len(ask(alice_key).json()["error"]) < 600


@pytest.mark.parametrize(
    ("header", "kept"),
    [("7", "7"), (DATE, DATE), (KEY, ""), ("", "")],
)
def test_only_a_time_is_passed_on_to_wait_for(header: str, kept: str) -> None:
    assert retry_after(header) == kept


@pytest.mark.parametrize("before", ["", "B", "Be", "Bearer "])
def test_no_part_of_an_encoded_key_stays(before: str) -> None:
    raw = (before + KEY).encode()
    for said in (raw.hex(), b64encode(raw).decode()):
        assert len(redacted(f"sent {said}", KEY)) < 30
