"""Files that tests bring to the page of imports."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page

TABLE = b"prompt,answer\nHi,Hello\n"


def uploaded_file(page: Page) -> str:
    """The path of the page of a small file that was uploaded."""
    page.goto("/projects/demo/import/")
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], "rows.csv"));
          const input = document.querySelector("#file");
          input.files = data.files;
          input.dispatchEvent(new Event("change"));
        }""",
        TABLE.decode(),
    )
    page.wait_for_url(re.compile(r"/import/[0-9a-f-]{36}/"))
    return urlsplit(page.url).path
