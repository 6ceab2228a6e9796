"""Datasets in a real browser: records corrected, reviewed by keys, frozen, compared, undone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tasks import task
from tests.served import Served

DEMO = "/projects/demo/datasets/"
MAKE = """
from interactions.models import DatasetBatch, Interaction
from interactions.services.datasets import batches, create, items
from interactions.services.training import from_interactions
from interactions.services.training.from_interactions import Chosen
from projects.models import Project, User
project = Project.objects.get(key="demo")
by = User.objects.filter(is_superuser=True).first()
ids = list(Interaction.objects.in_project(project).order_by("id").values_list("id", flat=True)[:60])
made = create.create(project, name=NAME, kind="PROMPT_COMPLETION_FEEDBACK", by=by)
for some in (ids[:50], ids[50:]):
    recipe = {"words": "interactions where language is fr", "query": "label=language:fr", "seed": 7}
    batch = batches.begin(made, DatasetBatch.Origin.BUILDER, by=by, recipe=recipe)
    records = from_interactions.records(project, [Chosen(one) for one in some], kind=made.kind)
    items.add(made, records, batch=batch)
    batches.finish(batch, steps=[{"step": "matched", "left": 300}, {"step": "sampled", "left": 50}])
print(made.key)
"""
ROWS = "#rows > tr"


@pytest.fixture
def dataset(site: Served, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a dataset of 60 records in two batches, of this test alone."""
    name = str(request.node.name).partition("[")[0].replace("_", " ")
    key = site.manage("shell", "--no-imports", "-c", f"NAME = {name!r}\n{MAKE}").strip()
    yield f"{DEMO}{key.splitlines()[-1]}/"


def test_records_are_opened_corrected_and_undone(page: Page, dataset: str) -> None:
    with task(page, "correct an answer of a dataset, and undo it", by="mouse"):
        page.goto(dataset)
        expect(page.locator(ROWS)).to_have_count(50)
        page.locator(f"{ROWS} a.open").nth(2).click()
        page.wait_for_url("**open=*")
        record = page.locator("#open-interaction .record")
        expect(record).to_contain_text("Record 3")
        record.get_by_text("Edit the answer").click()
        field = record.get_by_label("The corrected answer")
        was = field.input_value()
        field.fill(f"{was} Checked.")
        record.get_by_role("button", name="Save the correction").click()
        expect(record.locator("ins").first).to_contain_text("Checked")
        expect(page.locator(ROWS).nth(2)).to_contain_text("corrected")
        page.locator("#toast").get_by_role("button", name="Undo").click()
        expect(page.locator("#toast")).to_contain_text("corrected the answer of record 3.")
        expect(page.locator(ROWS).nth(2)).not_to_contain_text("corrected")
        expect(record.locator("ins")).to_have_count(0)


def test_rows_are_walked_ticked_and_decided_by_keys(page: Page, dataset: str) -> None:
    with task(page, "approve and reject records of a dataset", by="keys"):
        page.goto(dataset)
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.locator("#selected")).to_have_text("2 selected")
        page.keyboard.press("1")
        expect(page.locator("#toast")).to_contain_text("Approved 2 records")
        expect(page.locator(ROWS).nth(1).locator(".of-review")).to_contain_text("approved")
        page.keyboard.press("Enter")
        expect(page.locator("#open-interaction .record")).to_contain_text("Record 3")
        page.keyboard.press("j")
        expect(page.locator("#open-interaction .record")).to_contain_text("Record 4")
        page.keyboard.press("2")
        expect(page.locator(ROWS).nth(3).locator(".of-review")).to_contain_text("rejected")
        expect(page.locator("#dataset-counts")).to_contain_text("59 records in files · 1 rejected")
        page.keyboard.press("z")
        expect(page.locator("#toast")).to_contain_text("rejected record 4.")
        page.keyboard.press("z")
        expect(page.locator("#toast")).to_contain_text("approved 2 records.")
        expect(page.locator(ROWS).nth(1).locator(".of-review")).not_to_contain_text("approved")
        expect(page.locator("#dataset-counts")).to_contain_text("60 records in files · no")
        page.keyboard.press("Escape")
        expect(page.locator("#open-interaction > *")).to_have_count(0)


def test_what_was_typed_is_kept_until_it_is_saved(page: Page, dataset: str) -> None:
    page.goto(dataset)
    page.locator(f"{ROWS} a.open").nth(2).click()
    record = page.locator("#open-interaction .record")
    expect(record).to_contain_text("Record 3")
    page.keyboard.press("e")
    field = record.get_by_label("The corrected answer")
    field.fill("Halfway")
    expect(record.locator(".unsaved")).to_contain_text("Not saved yet")
    record.get_by_role("link", name="Next").click()
    expect(record).to_contain_text("Record 4")
    expect(page.locator(f"{ROWS}.has-draft")).to_have_count(1)
    page.keyboard.press("k")
    expect(record).to_contain_text("Record 3")
    expect(field).to_have_value("Halfway")
    page.keyboard.press("Escape")
    expect(page.locator("#open-interaction > *")).to_have_count(0)
    page.locator(f"{ROWS} a.open").nth(2).click()
    expect(field).to_have_value("Halfway")
    page.reload()
    expect(field).to_have_value("Halfway")
    page.keyboard.press("e")
    page.keyboard.press("End")
    page.keyboard.type(".")
    page.keyboard.press("Control+Enter")
    expect(record.locator("ins").first).to_contain_text("Halfway")
    expect(page.locator(f"{ROWS}.has-draft")).to_have_count(0)
    expect(record.locator(".unsaved")).to_be_hidden()


def test_records_are_narrowed_by_choices_and_by_the_query(page: Page, dataset: str) -> None:
    with task(page, "narrow the records of a dataset", by="mouse and keys"):
        page.goto(dataset)
        facets, count = page.locator("#record-facets"), page.locator("#count")
        expect(count).to_have_text("60 records")
        choice = facets.locator(".facet", has_text="language").locator("a.is").first
        n = int(choice.locator(".n").inner_text())
        choice.click()
        expect(count).to_contain_text(f"{n} of 60 records")
        assert "language:" in page.locator("#bar").input_value()
        expect(facets.locator(".on")).to_have_count(1)
        page.keyboard.press("/")
        page.locator("#bar").fill("latency:>5s")
        page.keyboard.press("Enter")
        expect(page.locator("#bar-error")).to_contain_text("does not keep its latency")
        page.get_by_role("link", name="Clear the filter").click()
        expect(count).to_have_text("60 records")
        page.get_by_role("link", name="Longest").click()
        page.wait_for_url("**sort=longest")
        page.go_back()
        expect(page.locator(".sorts [aria-current]")).to_have_text("In order")


def test_all_of_a_filter_is_approved_and_undone(page: Page, dataset: str) -> None:
    page.goto(dataset)
    page.locator("#pick-page").check()
    page.get_by_role("button", name="select all 60").click()
    expect(page.locator("#selected")).to_have_text("all 60 selected")
    page.locator("#selection").get_by_role("button", name="Approve").click()
    expect(page.locator("#toast")).to_contain_text("Approved 60 records")
    page.reload()
    page.keyboard.press("z")
    expect(page.locator("#toast")).to_contain_text("approved 60 records.")


def test_the_queue_goes_on_by_keys(page: Page, dataset: str) -> None:
    with task(page, "review three records of a dataset", by="keys"):
        page.goto(f"{dataset}review/")
        status = page.locator("#status")
        expect(status).to_contain_text("0 of 60 reviewed")
        link = page.locator("#card .facts a").first
        expect(link).to_have_text("1")
        page.keyboard.press("1")
        expect(link).to_have_text("2")
        expect(status).to_contain_text("1 of 60 reviewed: 1 approved")
        page.keyboard.press("2")
        expect(link).to_have_text("3")
        page.keyboard.press("e")
        page.locator("#card textarea").fill("Better.")
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        expect(status).to_contain_text("3 of 60 reviewed: 2 approved, 1 rejected")
        page.keyboard.press("z")
        expect(link).to_have_text("3")
        expect(page.locator("#card ins").first).to_contain_text("Better")
        expect(status).to_contain_text("2 of 60 reviewed")


def test_a_version_is_made_and_says_what_changed(page: Page, dataset: str) -> None:
    page.goto(dataset)
    page.get_by_role("link", name="Make a version").click()
    page.get_by_label("Note").fill("The first cut")
    page.get_by_role("button", name="Make version 1").click()
    expect(page.locator(".versions")).to_contain_text("The first cut")
    page.goto(f"{dataset}lineage/")
    expect(page.locator(".batch").first).to_contain_text("Interactions where language is fr")
    page.get_by_role("button", name="Take batch").first.click()
    expect(page.locator("#above")).to_contain_text("Took 10 records back.")
    page.goto(f"{dataset}versions/")
    page.get_by_role("link", name="What changed", exact=True).first.click()
    expect(page.locator(".changes .removed")).to_have_count(10)
    page.goto(f"{dataset}lineage/")
    page.get_by_role("button", name="Put batch").first.click()
    expect(page.locator("#above")).to_contain_text("Put 10 records back.")


def test_it_is_deleted_by_its_name_and_restored(
    page: Page, dataset: str, complaints: list[str]
) -> None:
    page.goto(f"{dataset}settings/")
    page.get_by_label("The name of the dataset").fill("no")
    page.get_by_role("button", name="Delete dataset").click()
    expect(page.locator("#delete-error")).to_contain_text("expected the name")
    complaints.clear()  # the browser tells a 422
    title = page.get_by_label("The name of the dataset").get_attribute("placeholder") or ""
    page.get_by_label("The name of the dataset").fill(title)
    page.get_by_role("button", name="Delete dataset").click()
    page.get_by_role("button", name=f"Restore {title}").click()
    expect(page.locator("#above")).to_contain_text("is there again")


def test_without_scripts_ticks_forms_and_pages_work(plain_page: Page, dataset: str) -> None:
    page = plain_page
    page.goto(dataset)
    page.locator(f"{ROWS} .pick input").nth(0).check()
    page.locator("#selection").get_by_role("button", name="Reject").click()
    expect(page.locator("#above")).to_contain_text("Rejected 1 record.")
    page.locator(f"{ROWS} a.open").nth(1).click()
    page.locator(".record").get_by_role("button", name="Approve").click()
    expect(page.locator(ROWS).nth(1)).to_contain_text("approved")
    page.goto(f"{dataset}review/")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#status")).to_contain_text("3 of 60 reviewed")


PAGES = ("", "?open", "records/", "figures/", "versions/", "versions/compare/?a=0", "lineage/",
         "settings/", "review/")  # fmt: skip


def test_no_page_scrolls_sideways_on_a_phone(page: Page, dataset: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(dataset)
    item = str(page.locator(ROWS).first.get_attribute("id")).removeprefix("row-")
    wide = []
    for name in (*PAGES, None):
        path = DEMO if name is None else dataset + name
        path = path.replace("?open", f"?open={item}").replace("records/", f"records/{item}/")
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    assert not wide
