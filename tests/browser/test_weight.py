"""What the first page weighs over the wire, with nothing in the browser's cache."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response

from tests.served import Served

FIRST = "/projects/demo/interactions/"
PAGE_KB, SCRIPT_KB = 100, 40


@dataclass
class Wire:
    """Bytes as they came, by kind, and every address asked for."""

    bytes: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)

    def watch(self, page: Page) -> None:
        """Count what comes from now on."""
        kinds: dict[str, tuple[str, str]] = {}
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        network.on(
            "Network.responseReceived",
            lambda event: kinds.update(
                {event["requestId"]: (event["type"], event["response"]["url"])}
            ),
        )
        network.on("Network.loadingFinished", lambda event: self._add(kinds, event))

    def _add(self, kinds: dict[str, tuple[str, str]], event: dict[str, object]) -> None:
        kind, url = kinds[str(event["requestId"])]
        length = int(float(str(event["encodedDataLength"])))
        self.bytes[kind] = self.bytes.get(kind, 0) + length
        if not url.startswith("data:"):
            self.files[url] = length

    def said(self) -> str:
        """Every file, the heaviest first."""
        heaviest = sorted(self.files.items(), key=lambda one: -one[1])
        return "\n".join(f"{length:7,} {urlsplit(url).path}" for url, length in heaviest)


def test_the_first_page_is_light(page: Page, site: Served) -> None:
    wire = Wire()
    wire.watch(page)
    page.goto(FIRST)
    page.wait_for_load_state("networkidle")
    pictures = wire.bytes.get("Image", 0)
    total = sum(wire.bytes.values())
    said = f"{wire.bytes}\n{wire.said()}"
    print(f"{total:,} bytes, {pictures:,} of them pictures\n{said}")
    assert wire.bytes["Script"] <= SCRIPT_KB * 1000, said
    assert total <= PAGE_KB * 1000, said
    assert {urlsplit(url).netloc for url in wire.files} == {urlsplit(site.url).netloc}


def test_every_text_is_compressed_and_what_has_a_hash_is_kept(page: Page) -> None:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(FIRST)
    page.wait_for_load_state("networkidle")
    static = [one for one in answers if "/static/" in one.url]
    assert len(static) > 5
    for one in static:
        headers = one.all_headers()
        assert headers.get("content-encoding") == "gzip" or "image" in headers["content-type"], (
            one.url
        )
        assert "immutable" in headers["cache-control"], one.url
