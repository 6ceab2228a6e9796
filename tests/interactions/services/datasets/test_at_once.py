"""Several who change one dataset at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset
from interactions.services.datasets import batches, create, edits, items, versions
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.source import DatasetSource
from projects.models import Project, User
from tests.interactions.services.datasets.making import draft_of, make_dataset, record

ROUNDS = 12


@pytest.mark.django_db(transaction=True)
def test_edits_additions_and_versions_at_the_same_time(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, [record(str(n)) for n in range(20)])

    def known() -> Dataset:
        return create.known(project, dataset.id)

    def freeze() -> None:
        for _ in range(ROUNDS):
            try:
                versions.make(known(), by=bob)
            except Invalid:
                continue

    def edit() -> None:
        for n in range(ROUNDS):
            mine = known()
            edits.set_split(mine, ItemFilter(), ("test", "train")[n % 2], by=bob)
            edit = edits.remove(mine, [draft_of(mine)[n].item], by=bob)
            edits.undo(known(), edit, by=bob)

    def add() -> None:
        for n in range(ROUNDS):
            batch = batches.begin(known(), "selection", by=bob)
            items.add(known(), [record(f"new {n}")] * 3, batch=batch)
            batches.finish(batch)

    def closing(act: object) -> None:
        try:
            act()  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(closing, act) for act in (freeze, edit, add, add)]:
            done.result()
    now = known()
    rows = draft_of(now)
    assert len(rows) == now.records == 20 + 2 * 3 * ROUNDS
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    made = versions.of(now)
    assert made
    for one in made:
        assert versions.digest_of(now, one.number) == (one.records, one.digest)
        records = list(DatasetSource(now, one.number).records())
        assert len(records) == one.records
        # An edit is in a version as a whole, or not at all.
        first = [r.split for r in records if "new" not in r.messages[0]["content"]]
        assert len(first) in (19, 20)
        assert len(set(first)) == 1
