"""`python -m benchmarks.browser_import [--mb 200] [--dry-run]`: a large file through the pages.

On a site of its own in a temporary directory, which ends with it: made-up lines of 2.5 KB (or
`--csv`, the same as a table) are sent in parts as the page's script sends them, the import is
begun, and its job watched to the end; a file of 20 MB first, then a large one. Told are rates, and
of each process of the site (PostgreSQL left out) the memory before and at most: it must not grow
with the file. The browser's door takes the large file a second time, which stores nothing. Then
`manage.py ingest` takes such lines (80 MB at most) into another project, in one process and as
polite to others as the worker is, for the rate.
"""

import argparse
import csv
import http.cookiejar
import os
import re
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from math import ceil
from pathlib import Path

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from benchmarks.ingest_lines import made_up  # noqa: E402  (they need the settings)
from benchmarks.measuring import family  # noqa: E402
from tests.served import EMAIL, PASSWORD, Served  # noqa: E402
from tests.sites import Site  # noqa: E402

PART = 5 * 1024 * 1024
LINE = 2_620  # bytes of a made-up line, about
SMALL_MB, INGESTED_MB = 20, 80
NICENESS_OF_WORKER = 10


class Person:
    """Somebody logged in, who sends what the page's script sends."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.token = ""
        self.get("/login/")
        self.post("/login/", {"username": EMAIL, "password": PASSWORD})
        self.get("/projects/demo/import/")

    def get(self, path: str) -> str:
        """A page, whose token is kept."""
        text = self._read(urllib.request.Request(self.url + path))
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        self.token = found[1] if found else self.token
        return text

    def post(self, path: str, data: dict[str, object] | bytes) -> str:
        """Send a form, or bytes."""
        is_form = isinstance(data, dict)
        body = urllib.parse.urlencode(data).encode() if isinstance(data, dict) else data
        headers = {"X-CSRFToken": self.token, "Referer": self.url}
        if not is_form:
            headers["Content-Type"] = "application/octet-stream"
        return self._read(urllib.request.Request(self.url + path, body, headers))

    def _read(self, request: urllib.request.Request) -> str:
        with self._opener.open(request, timeout=120) as answer:
            self.at = urllib.parse.urlsplit(answer.url).path
            text: str = answer.read().decode()
            return text


class Memory(threading.Thread):
    """Looks at the site's processes five times a second: what each keeps at most."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.is_over = pid, False
        self.before = _memory(pid)
        self.most = dict(self.before)
        self.together = sum(self.before.values())

    def run(self) -> None:
        """Look until it is over."""
        while not self.is_over:
            found = _memory(self.pid)
            for pid, megabytes in found.items():
                self.most[pid] = max(self.most.get(pid, 0), megabytes)
            self.together = max(self.together, sum(found.values()))
            time.sleep(0.2)

    def told(self) -> str:
        """Before and at most, of each process that grew by more than 5 MB, and of the largest."""
        rows = [
            f"    process {n}: {self.before.get(pid, 0):.0f} MB before, {most:.0f} MB at most"
            for n, (pid, most) in enumerate(self.most.items(), 1)
            if most - self.before.get(pid, 0) > 5 or most == max(self.most.values())
        ]
        rows.append(f"    all together: {self.together:.0f} MB at most")
        return "\n".join(rows)


def _memory(pid: int) -> dict[int, float]:
    """The resident memory of our own processes, without PostgreSQL's."""
    found = {}
    for one in family(pid):
        try:
            status = Path(f"/proc/{one}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if "Name:\tpostgres" not in status and (rss := re.search(r"VmRSS:\s+(\d+)", status)):
            found[one] = int(rss[1]) / 1024
    return found


def as_table(lines: Path, file: Path) -> Path:
    """The same interactions as CSV."""
    with lines.open("rb") as given, file.open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(["system", "prompt", "completion", "model", "created_at", "labels"])
        for raw in given:
            line = orjson.loads(raw)
            system, user = (message["content"] for message in line["messages"])
            labels = orjson.dumps(line["labels"]).decode()
            table.writerow(
                [system, user, line["completion"], line["model"], line["created_at"], labels]
            )
    return file


def imported(person: Person, file: Path, *, dry_run: bool = False) -> str:
    """Send a file, import it, and say how long each took."""
    size = file.stat().st_size
    begun = time.monotonic()
    told = {"name": file.name, "size": size, "total_parts_count": ceil(size / PART)}
    upload = orjson.loads(person.post("/projects/demo/uploads/", told))["session_id"]
    with file.open("rb") as given:
        for number in range(1, ceil(size / PART) + 1):
            person.post(f"/projects/demo/uploads/{upload}/parts/{number}/", given.read(PART))
    sent = time.monotonic()
    person.get(f"/projects/demo/import/{upload}/")
    looked = time.monotonic()
    person.post(f"/projects/demo/import/{upload}/begin/", {"dry_run": "1"} if dry_run else {})
    job = person.at
    read = 0.0
    while 'data-state="done"' not in (text := person.get(job)):
        assert 'data-state="failed"' not in text, text
        if not read and ("toring" in text or "hecking" in text):
            read = time.monotonic()
        time.sleep(0.5)
    done = time.monotonic()
    read = read or done
    counts = re.findall(
        r"<td>([^<]+)</td><td class=\"num\">([\d,]+)</td>", re.sub(r"\s+", " ", text)
    )
    lines = sum(1 for _ in file.open("rb"))
    return (
        f"  sent in {sent - begun:.1f} s ({size / 1e6 / (sent - begun):.0f} MB a second);"
        f" first rows shown in {looked - sent:.2f} s;\n"
        f"  read in {read - looked:.1f} s ({size / 1e6 / (read - looked):.0f} MB a second),"
        f" stored in {done - read:.1f} s ({lines / max(done - read, 0.1):,.0f} lines a second);\n"
        f"  {', '.join(f'{what.strip()} {n}' for what, n in counts)}"
    )


def watched(process: int, person: Person, name: str, file: Path, *, dry_run: bool = False) -> None:
    """Import a file, and print how long it took and what memory."""
    memory = Memory(process)
    memory.start()
    size = f"{file.name}, {file.stat().st_size / 1e6:.0f} MB"
    print(f"{name} ({size}):\n{imported(person, file, dry_run=dry_run)}", flush=True)
    memory.is_over = True
    print(memory.told(), flush=True)


def ingested(served: Served, file: Path) -> None:
    """Import a file by the command, in one process, as polite as the worker."""
    begun = time.monotonic()
    was = os.nice(0)
    arguments = ("ingest", str(file), "--project", "beside", "--create-project", "--processes", "1")
    os.nice(NICENESS_OF_WORKER - was)
    served.manage(*arguments)
    took = time.monotonic() - begun
    lines = sum(1 for _ in file.open("rb"))
    print(f"manage.py ingest --processes 1: {took:.1f} s ({lines / took:,.0f} lines a second)")


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.browser_import")
    options.add_argument("--mb", type=int, default=200)
    options.add_argument("--csv", action="store_true")
    options.add_argument("--dry-run", action="store_true", help="a dry run first")
    options.add_argument("--once", action="store_true", help="neither a second time, nor ingest")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        small = made_up(Path(directory) / "small.jsonl", SMALL_MB * 1_000_000 // LINE, first=10**7)
        lines = made_up(Path(directory) / "lines.jsonl", asked.mb * 1_000_000 // LINE)
        file = as_table(lines, Path(directory) / "rows.csv") if asked.csv else lines
        site = Site(Path(directory) / "site")
        options_of_site = {
            "ADAPTIVE_SITE_DEMO": "on",
            "ADAPTIVE_SITE_ADMIN_EMAIL": EMAIL,
            "ADAPTIVE_SITE_ADMIN_PASSWORD": PASSWORD,
        }
        with site.serving(**options_of_site) as (process, _):
            served = Served(site)
            person = Person(served.url)
            watched(process.pid, person, "a small one", small)
            if asked.dry_run:
                watched(process.pid, person, "dry run", file, dry_run=True)
            watched(process.pid, person, "import", file)
            if not asked.once:
                watched(process.pid, person, "again", file)
                if not asked.csv:
                    some = min(asked.mb, INGESTED_MB) * 1_000_000 // LINE
                    ingested(served, made_up(Path(directory) / "some.jsonl", some))


if __name__ == "__main__":
    main()
