"""From the list to a training file, as a person goes: few records at once, many by a job."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.served import Served

KEY = "training"


def lines(rows: int) -> Iterator[str]:
    """A file of interactions, of which the first ten have a label."""
    for number in range(rows):
        line = {
            "messages": [{"role": "user", "content": f"question {number}"}],
            "completion": f"answer {number}" if number % 10 else "",
            "labels": {"first": "yes"} if number < 10 else {},
        }
        yield json.dumps(line) + "\n"


@pytest.fixture(scope="module")
def filled(site: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The key of a project with 6,000 interactions, a tenth of them without an answer."""
    file = tmp_path_factory.mktemp("training") / "many.jsonl"
    file.write_text("".join(lines(6_000)))
    site.manage("ingest", str(file), "--project", KEY, "--create-project")
    return KEY


def test_few_are_what_the_page_says(page: Page, filled: str, tmp_path: Path) -> None:
    page.goto(f"/projects/{filled}/interactions/?label=first:yes")
    page.locator("body").press("e")
    page.wait_for_url("**/export/")
    page.get_by_role("link", name="Prompts and completions", exact=True).click()
    said = page.locator("section.written")
    expect(said).to_contain_text("9 of 10 records. Left out:")
    expect(said).to_contain_text("1: the answer is empty")
    first = said.locator("pre").inner_text()
    assert faults(page) == []
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download 9 records").click()
    saved = tmp_path / "saved.jsonl"
    downloading.value.save_as(saved)
    assert downloading.value.suggested_filename.endswith("-9.jsonl")
    written = saved.read_text().splitlines()
    assert (len(written), written[0]) == (9, first)
    page.reload()
    expect(page.locator("ul.done")).to_contain_text("All 9 as trl-sft")


def test_many_are_made_by_a_job_that_leaves_a_file(page: Page, filled: str, tmp_path: Path) -> None:
    page.goto(f"/projects/{filled}/interactions/")
    page.locator("body").press("e")
    page.wait_for_url("**/export/")
    before = page.url
    page.get_by_role("link", name="Prompts and completions", exact=True).click()
    page.wait_for_url(lambda url: url != before)
    here = page.url
    page.get_by_role("button", name="Make the file").click()
    page.wait_for_url("**/jobs/**")
    with page.expect_download(timeout=60_000) as downloading:
        page.get_by_role("link", name="Download", exact=True).click(timeout=60_000)
    saved = tmp_path / "saved.jsonl"
    downloading.value.save_as(saved)
    assert downloading.value.suggested_filename.endswith("-5400.jsonl")
    data = saved.read_bytes()
    assert len(data.splitlines()) == 5_400
    expect(page.locator("main")).to_contain_text(hashlib.sha256(data).hexdigest())
    page.goto(here)
    made = page.locator("section", has_text="Files made").inner_text()
    assert "5,400 records" in made
