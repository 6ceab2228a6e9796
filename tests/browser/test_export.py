"""The file a browser saves has as many lines as were promised, however it was sent."""

import gzip
import http.client
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.served import Served

KEY = "export"
MANY_ROWS = 17_000  # of 16,582 a client had read 128, when each part was a gzip member of its own
CHOSEN = """
SELECT b.interaction_id, b.messages::text FROM interaction_body b
JOIN interaction i ON i.id = b.interaction_id JOIN projects_project p ON p.id = i.project_id
WHERE p.key = %s ORDER BY i.id OFFSET 900 LIMIT 1"""
CHANGE = "UPDATE interaction_body SET messages = %s::jsonb WHERE interaction_id = %s"


@pytest.fixture
def spoiled(site: Served, filled: str) -> Iterator[None]:
    """For as long as the test runs, one of the interactions cannot be made a line of."""
    with psycopg.connect(site.site.database.dsn, autocommit=True) as database:
        found = database.execute(CHOSEN, [filled]).fetchone()
        assert found is not None
        id, messages = found
        database.execute(CHANGE, ["5", id])
        yield
        database.execute(CHANGE, [messages, id])


def lines(rows: int) -> Iterator[str]:
    """A file of interactions."""
    for number in range(rows):
        said = {"role": "user", "content": f"question {number} " + "about orders " * 20}
        size = next(size for size in (10, 1_000, 100_000) if number < size)
        line = {"messages": [said], "completion": f"answer {number}", "labels": {"of": str(size)}}
        yield json.dumps(line) + "\n"


@pytest.fixture(scope="module")
def filled(site: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The key of a project with 17,000 interactions, 10 of which have the label of:10."""
    file = tmp_path_factory.mktemp("export") / "many.jsonl"
    file.write_text("".join(lines(MANY_ROWS)))
    site.manage("ingest", str(file), "--project", KEY, "--create-project")
    return KEY


def told(page: Page, text: str) -> None:
    """Look until the page tells it: the end of a download is noted when its client has it."""
    done = page.locator("ul.done")
    while text not in done.inner_text():
        page.wait_for_timeout(100)
        page.reload()


@pytest.mark.parametrize(
    ("query", "rows"), [("?label=of:10", 10), ("?label=of:1000", 990), ("", MANY_ROWS)]
)
def test_as_many_lines_as_were_promised(
    page: Page, filled: str, query: str, rows: int, tmp_path: Path
) -> None:
    """Saved by the browser, and read with each coding a client may ask for."""
    page.goto(f"/projects/{filled}/interactions/{query}")
    page.locator("body").press("e")
    page.wait_for_url("**/export/")
    expect(page.locator("main header")).to_contain_text(f"{rows:,} interactions")
    with page.expect_download(timeout=60_000) as downloading:
        page.get_by_role("button", name="Download JSON lines").click()
    saved = tmp_path / "saved.jsonl"
    downloading.value.save_as(saved)
    assert downloading.value.suggested_filename.endswith(f"-{rows}.jsonl")
    whole = saved.read_bytes()
    said = [json.loads(line)["export"] for line in whole.splitlines()]
    assert said == [{"line": number + 1, "of": rows} for number in range(rows)]
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    url = urlsplit(downloading.value.url)
    # The most rows are read once more: with the coding that browsers ask for.
    codings = ("gzip", "br", "identity", "gzip;q=0, br") if rows < MANY_ROWS else ("gzip",)
    for accepts in codings:
        connection = http.client.HTTPConnection(url.netloc, timeout=60)
        headers = {"Cookie": cookies, "Accept-Encoding": accepts}
        connection.request("GET", f"{url.path}?{url.query}", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.getheader("X-Lines") == str(rows)
        assert answer.getheader("Content-Encoding") == ("gzip" if accepts == "gzip" else None)
        if accepts == "gzip":
            reader = zlib.decompressobj(wbits=31)  # which reads one member, as clients do
            body = reader.decompress(body)
            assert reader.eof and not reader.unused_data
        assert body.splitlines() == whole.splitlines()
        connection.close()
    page.goto(page.url.removesuffix("export/"))
    told(page, f"All {rows:,}")


@pytest.mark.parametrize("accepts", ["gzip", "identity"])
def test_one_that_fails_midway_arrives_broken(
    page: Page, spoiled: None, filled: str, accepts: str
) -> None:
    page.goto(f"/projects/{filled}/interactions/?label=of:1000")
    page.locator("body").press("e")
    page.wait_for_url("**/export/")
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    connection = http.client.HTTPConnection(urlsplit(page.url).netloc, timeout=60)
    headers = {"Cookie": cookies, "Accept-Encoding": accepts}
    connection.request("GET", f"{urlsplit(page.url).path}jsonl/", headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200
    with pytest.raises((http.client.IncompleteRead, ConnectionError)) as broken:
        answer.read()
    if accepts == "gzip" and isinstance(broken.value, http.client.IncompleteRead):
        with pytest.raises(EOFError):
            gzip.decompress(broken.value.partial)
    page.reload()
    told(page, "Incomplete: failed after")
