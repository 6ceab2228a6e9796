"""A dataset that a person makes in the builder, and the addresses of the pages about it."""

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

LIST = "/projects/demo/interactions/"
_made: dict[str, str] = {}  # the address of the site → those of the dataset and of its job


def made_dataset(page: Page) -> str:
    """The address of a dataset of three interactions, made once a site."""
    return _addresses(page)[0]


def job_of_it(page: Page) -> str:
    """The address of the job that made it."""
    return _addresses(page)[1]


def _addresses(page: Page) -> tuple[str, str]:
    page.goto(LIST)
    site = urlsplit(page.url).netloc
    if site not in _made:
        for n in range(3):
            page.locator(".rows tbody .pick input").nth(n).check()
        page.get_by_role("button", name="Add to dataset").click()
        page.wait_for_url("**/datasets/new/**")
        page.get_by_role("button", name="Make dataset").click()
        expect(page.locator("#rows > tr").first).to_be_visible(timeout=60_000)
        dataset = urlsplit(page.url).path
        page.goto("/projects/demo/jobs/")
        job = page.locator("td a.link").first.get_attribute("href") or ""
        _made[site] = f"{dataset} {job}"
    dataset, _, job = _made[site].partition(" ")
    return dataset, job


def first_record(page: Page) -> str:
    """The id of its first record."""
    page.goto(made_dataset(page))
    return str(page.locator("#rows > tr").first.get_attribute("id")).removeprefix("row-")


# By the name of their address, how one comes to each page.
DATASET_PAGES: dict[str, Callable[[Page], str]] = {
    "job": job_of_it,
    "dataset": made_dataset,
    "dataset-item": lambda page: f"{made_dataset(page)}records/{first_record(page)}/",
    "dataset-facets": lambda page: f"{made_dataset(page)}facets/",
    "dataset-figures": lambda page: f"{made_dataset(page)}figures/",
    "dataset-versions": lambda page: f"{made_dataset(page)}versions/",
    "dataset-version-diff": lambda page: f"{made_dataset(page)}versions/compare/?a=0&b=1",
    "dataset-lineage": lambda page: f"{made_dataset(page)}lineage/",
    "dataset-settings": lambda page: f"{made_dataset(page)}settings/",
    "dataset-review": lambda page: f"{made_dataset(page)}review/",
    "dataset-export": lambda page: f"{made_dataset(page)}export/",
}
DATASET_FILES = {
    "dataset-item-json", "dataset-record-of", "dataset-download", "export-file", "export-sha256",
}  # fmt: skip
