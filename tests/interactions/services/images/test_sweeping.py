"""An image is removed only when nobody shows it and nobody is about to."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connections, transaction

from adaptive_site.lib.files.media import WholeFileStorage
from interactions.models import Image
from interactions.services.images import store
from interactions.services.images.store import Lifted, decode_data_uri
from interactions.services.recording.log import log_interactions
from projects.models import Project
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """Another process, as the database sees it."""
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(connections.close_all).result()


@pytest.fixture
def unused(project: Project, empty_storage: Path) -> Lifted:
    """An image that is stored and shown nowhere."""
    lifted = decode_data_uri(make.data_uri(make.make_image()), field="image")
    with transaction.atomic():
        store.keep(project, [lifted])
    return lifted


def is_stored(project: Project, lifted: Lifted) -> bool:
    """Whether there is the row, and its file."""
    row = Image.objects.in_project(project).filter(sha256=lifted.facts.sha256).first()
    return row is not None and default_storage.exists(row.path)


def test_what_a_writer_is_about_to_show_stays(
    project: Project, unused: Lifted, elsewhere: ThreadPoolExecutor
) -> None:
    with transaction.atomic():
        store.keep(project, [unused])
        assert elsewhere.submit(store.sweep, project).result(60) == 0
    assert is_stored(project, unused)
    assert elsewhere.submit(store.sweep, project).result(60) == 1
    assert not is_stored(project, unused)


def test_a_writer_who_comes_during_the_sweep_stores_it_anew(
    project: Project,
    unused: Lifted,
    elsewhere: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_swept, go_on = Event(), Event()
    delete = WholeFileStorage.delete

    def slowly(storage: WholeFileStorage, name: str) -> None:
        is_swept.set()
        assert go_on.wait(60)
        delete(storage, name)

    def log() -> Any:
        draft = make.make_draft(messages=[make.image_message(make.data_uri(unused.data))])
        return log_interactions(project, [draft])

    monkeypatch.setattr(WholeFileStorage, "delete", slowly)
    with ThreadPoolExecutor(1) as pool:
        sweeping = pool.submit(store.sweep, project)
        assert is_swept.wait(60)
        writing = elsewhere.submit(log)
        assert not writing.done()
        go_on.set()
        assert sweeping.result(60) == 1
        assert len(writing.result(60)) == 1
        pool.submit(connections.close_all).result()
    assert is_stored(project, unused)
    assert store.sweep(project) == 0
