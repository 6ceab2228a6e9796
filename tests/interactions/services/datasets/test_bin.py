"""What is removed for good, and when."""

from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from interactions.models import (
    Dataset,
    DatasetBatch,
    DatasetImage,
    DatasetItem,
    DatasetVersion,
    Image,
)
from interactions.services.datasets import bin, create, versions
from interactions.services.editing import deletion
from interactions.services.images import store
from interactions.services.training import from_interactions
from projects.models import Project, User
from tests import make
from tests.interactions.services.datasets.making import make_dataset, record


def test_long_deleted_datasets_go_in_pieces_and_others_stay(project: Project, bob: User) -> None:
    gone, kept, fresh = (
        make_dataset(project, bob, [record(str(n)) for n in range(5)]) for _ in range(3)
    )
    versions.make(gone, by=bob)
    create.delete(gone, by=bob)
    create.delete(fresh, by=bob)
    Dataset.objects.filter(id=gone.id).update(deleted_at=datetime.now(UTC) - 2 * bin.DELETED_KEPT)
    with patch.object(bin, "ROWS_REMOVED_AT_ONCE", 2):
        assert [bin.purge_some() for _ in range(4)] == [2, 2, 2, 0]
    assert set(Dataset.objects.all()) == {kept, fresh}
    assert DatasetItem.objects.count() == 10
    assert DatasetBatch.objects.count() == 2
    assert DatasetVersion.objects.count() == 0


def test_images_stay_while_a_dataset_holds_them(
    project: Project, alice: User, bob: User, empty_storage: Path
) -> None:
    uri = make.data_uri(make.make_image())
    one = make.make_interaction(project, messages=[make.image_message(uri)])
    chosen = [from_interactions.Chosen(one.id)]
    (made,) = from_interactions.records(project, chosen, kind=Dataset.Kind.COMPLETION)
    dataset = make_dataset(project, bob, [made])
    deletion.delete(project, one.id, by=alice)
    assert store.sweep(project) == 0
    image = Image.objects.get()
    assert store.read(image) == make.make_image()
    create.delete(dataset, by=bob)
    Dataset.objects.update(deleted_at=datetime.now(UTC) - 2 * bin.DELETED_KEPT)
    assert bin.purge_some() == 2
    assert DatasetImage.objects.count() == 0
    assert store.sweep(project) == 1
    assert list(empty_storage.rglob("*.png")) == []
