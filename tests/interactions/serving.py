"""Logging JSON as it is written, and asking for it everywhere it is served."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.test import Client

from interactions.services.export import jsonl
from interactions.services.export.options import ExportIds, ExportOptions
from interactions.services.images import store
from interactions.services.importing.lines import Directory, LineReader
from interactions.services.recording.drafts import Draft
from interactions.services.recording.log import log_interactions
from projects.models import Project, User
from tests.asking import send
from tests.interactions.acting import everything
from tests.interactions.api.graphql.test_list import WHOLE
from tests.interactions.services.export.test_export import LATER


def exact(text: str | bytes) -> Any:
    """JSON with every number as it was written."""
    return json.loads(text, parse_int=Decimal, parse_float=Decimal)


def log(key: str, body: str, expected: int = 201) -> Any:
    """What the manual door says to a body."""
    answer = Client().post(
        "/api/v1/interactions",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == expected, answer.text
    return answer.json()


def body(message: str = '{"role":"user","content":"hi"}', completion: str = '"A tree."') -> str:
    """A body of the manual door, its members as JSON."""
    return f'{{"project":"maple","messages":[{message}],"completion":{completion}}}'


def served(client: Client, key: str, id: UUID | str, session: UUID | str | None) -> Any:
    """The line that `raw` gives, once every other page and list has given its own."""
    one, many = f"/projects/maple/interactions/{id}/", "/projects/maple/interactions/"
    pages = [
        one, f"{one}?raw=1", f"{one}siblings/", f"{one}siblings/?view=formatted", f"{one}text/",
        f"{one}text/?message=1", f"{one}history/", f"{one}system/", many, f"{many}?open={id}",
        "/projects/maple/review/", "/projects/maple/pairs/", "/projects/maple/pairs/?diff=1",
        "/projects/maple/pairs/?view=list", "/projects/maple/groups/", "/projects/maple/sessions/",
    ]  # fmt: skip
    if session:
        pages.append(f"/projects/maple/sessions/{session}/")
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        answer.text.encode()
    with_key = {"headers": {"Authorization": f"Bearer {key}"}}
    for path in ("", f"/{id}", f"/{id}/messages"):
        answer = client.get(f"/api/v1/chat/completions{path}", **with_key)  # type: ignore[arg-type]
        assert answer.status_code == 200, path
        exact(answer.content)
    told = send(key, {"query": WHOLE, "variables": {"filter": {"project": "maple"}, "page": {}}})
    assert not exact(told.content).get("errors"), told.text
    raw = client.get(f"{one}raw/")
    assert raw.status_code == 200
    return exact(raw.content)


def imported(project: Project, line: bytes) -> None:
    """Store a line of a file."""
    read = LineReader(Directory(project, dict), by=None, kept=Counter()).read(line)
    assert isinstance(read, Draft)
    read.llm, read.feedback = None, []
    log_interactions(project, [read])


def exported(project: Project, by: User) -> list[bytes]:
    asked = ExportOptions(everything(project, by), LATER, store.as_data_uri)
    parts = jsonl.parts(asked, ExportIds(asked.selection))
    return b"".join(part.data for part in parts).splitlines()
