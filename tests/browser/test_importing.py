"""A file dropped in the browser: columns told, tried, imported; reloaded and cancelled midway."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_axe import State, checked
from tests.served import Served

PROJECT = "/projects/imports/"  # of its own: the demo's month is what others look at
IMPORT = f"{PROJECT}import/"
HEADER = "ticket,asked,what they said,our reply,engine,lang,thumbs_up\n"


@pytest.fixture(scope="module", autouse=True)
def imports(site: Served, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A project with one interaction, which the tests import into."""
    file = tmp_path_factory.mktemp("imports") / "line.jsonl"
    file.write_text('{"messages": [{"role": "user", "content": "Hello"}], "completion": "Hi"}\n')
    site.manage("ingest", str(file), "--project", "imports", "--create-project")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of 30 rows of which the last is bad."""
    rows = [
        f"T-{n},2024-03-01 10:{n:02}:00,Where is parcel {n}?,On its way ({n}).,gpt-4o,en,"
        f"{'yes' if n % 2 else 'no'}\n"
        for n in range(30)
    ]
    file = tmp_path / "tickets.csv"
    file.write_text(HEADER + "".join(rows) + "T-x,2024-03-01 10:00:00,,No prompt,gpt-4o,en,yes\n")
    return file


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of three parts."""
    file = tmp_path / f"{tmp_path.name}.jsonl"
    said = {"role": "user", "content": "large " * 40_000}
    line = json.dumps({"messages": [said], "completion": "yes", "labels": {"of": "large"}})
    file.write_text(f"{line}\n" * 45)
    assert 10 * 1024 * 1024 < file.stat().st_size < 15 * 1024 * 1024
    return file


def chosen(page: Page, file: Path) -> None:
    """The page of imports with a file chosen on it."""
    page.goto(IMPORT)
    page.get_by_label("Drop a file here").set_input_files(file)


def opened(page: Page) -> None:
    """Wait for the page of the file."""
    page.wait_for_url(re.compile(r"/import/[0-9a-f-]{36}/"))


def test_a_table_is_mapped_tried_imported_and_seen_in_the_list(page: Page, table: Path) -> None:
    chosen(page, table)
    opened(page)
    expect(page.get_by_role("heading", name="tickets.csv")).to_be_visible()
    expect(page.locator(".notice.error")).to_contain_text("No column is the prompt")
    expect(page.get_by_role("button", name="Import")).to_be_disabled()
    page.get_by_label("what they said").select_option(label="prompt")
    expect(page.locator(".notice.error")).to_contain_text("1 would be refused")
    expect(page.get_by_label("our reply")).to_have_value("completion")  # guessed
    page.get_by_label("engine").select_option(label="model")
    first = page.locator(".preview-rows tbody tr").first
    expect(first).to_contain_text("Where is parcel 0?")
    expect(first).to_contain_text("gpt-4o")
    expect(first).to_contain_text("1 Mar")
    page.get_by_label("Key of the label").fill("import")
    page.get_by_label("Value of the label").fill("tickets")
    page.get_by_role("button", name="Dry run").click()
    done = page.locator(".job[data-state=done]")
    expect(done).to_contain_text("Nothing was written")
    expect(done.locator(".refused tbody tr")).to_have_count(1)
    expect(done.locator(".refused")).to_contain_text("what they said: is empty")
    with page.expect_download() as download:
        done.get_by_role("link", name="Download all").click()
    (refused,) = Path(download.value.path()).read_text().splitlines()
    assert json.loads(refused)["number"] == 32
    done.get_by_role("button", name="Import").click()
    page.get_by_role("link", name="See what came in").click()
    expect(page.locator(".rows tbody tr")).to_have_count(30)
    expect(page.locator(".rows")).to_contain_text("Where is parcel 29?")


def test_a_file_is_dropped_on_the_page(page: Page) -> None:
    page.goto(IMPORT)
    line = {"messages": [{"role": "user", "content": "dropped"}], "completion": "caught"}
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], "dropped.jsonl"));
          const how = { dataTransfer: data, bubbles: true, cancelable: true };
          for (const name of ["dragover", "drop"]) {
            document.body.dispatchEvent(new DragEvent(name, how));
          }
        }""",
        json.dumps(line),
    )
    opened(page)
    expect(page.locator("#format")).to_have_value("ours")
    expect(page.locator(".preview-rows")).to_contain_text("caught")


def test_a_reload_in_the_middle_goes_on_by_itself(page: Page, large: Path) -> None:
    sent: list[str] = []
    again: list[str] = []
    is_again = False

    def hold(route: Route) -> None:
        number = urlsplit(route.request.url).path.split("/")[-2]
        (again if is_again else sent).append(number)
        if is_again or number == "1":
            route.continue_()  # the others hang

    page.route("**/uploads/*/parts/*/", hold)
    chosen(page, large)
    expect(page.locator(".what")).to_contain_text("5.2 MB of")
    is_again = True
    page.reload()
    opened(page)
    assert (sorted(sent), sorted(again)) == (["1", "2", "3"], ["2", "3"])
    expect(page.locator(".preview-rows tbody tr").first).to_contain_text("large large")


def test_one_that_is_cancelled_is_gone(page: Page, large: Path) -> None:
    page.route("**/uploads/*/parts/*/", lambda route: None)
    chosen(page, large)
    expect(page.locator(".what")).to_contain_text(large.name)
    with page.expect_response("**/abort/") as answer:
        page.get_by_role("button", name="Cancel").click()
    assert answer.value.status == 204
    expect(page.locator(".sending")).to_be_hidden()
    page.reload()
    expect(page.locator(".sending")).to_be_hidden()
    expect(page.get_by_text(large.name)).to_have_count(0)


def test_without_scripts_a_small_file_comes_in(plain_page: Page, table: Path) -> None:
    chosen(plain_page, table)
    plain_page.get_by_role("button", name="Upload").click()
    opened(plain_page)
    plain_page.get_by_label("what they said").select_option(label="prompt")
    plain_page.get_by_label("our reply").select_option(label="completion")
    plain_page.get_by_role("button", name="Update the rows").click()
    expect(plain_page.locator(".preview-rows")).to_contain_text("Where is parcel 0?")
    plain_page.get_by_role("button", name="Discard this file").click()
    plain_page.wait_for_url(f"**{IMPORT}")


def test_what_is_too_large_or_empty_is_said_before_it_is_sent(page: Page, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    chosen(page, tmp_path / "empty.csv")
    expect(page.get_by_role("alert")).to_have_text("This file is empty.")


def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(page: Page, table: Path) -> None:
    faults: list[str] = []

    def look(name: str) -> None:
        page.set_viewport_size({"width": 390, "height": 844})
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            faults.append(f"{name} is too wide")
        faults.extend(checked(page, State(name, "")))

    chosen(page, table)
    opened(page)
    look("columns that cannot be imported")
    page.get_by_label("what they said").select_option(label="prompt")
    page.get_by_label("our reply").select_option(label="completion")
    expect(page.locator(".preview-rows")).to_contain_text("Where is parcel 0?")
    look("columns and rows")
    page.get_by_role("button", name="Dry run").click()
    expect(page.locator(".job[data-state=done]")).to_be_visible()
    look("a dry run")
    page.goto(IMPORT)
    look("imports")
    page.get_by_role("button", name="Discard").first.click()
    assert not faults, "\n".join(faults)


def test_the_ways_to_it(page: Page) -> None:
    page.goto(f"{PROJECT}connect/")
    page.get_by_role("link", name="Drop a file").click()
    page.wait_for_url(f"**{IMPORT}")
    page.keyboard.press("Control+k")
    page.locator("dialog input[role=combobox]").fill("import")
    expect(page.locator("dialog [role=option]").first).to_contain_text("Import a file")
