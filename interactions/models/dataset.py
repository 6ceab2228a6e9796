"""Datasets: named lists of records for training, with versions that never change once made."""

from typing import ClassVar, Self

from django.db import models

from adaptive_site.lib.exact_json_field import ExactJSONField
from adaptive_site.lib.ids import uuid4
from projects.models import InProject, Project, User

from .image import Image
from .job import Job


class DatasetQuerySet(InProject["Dataset"]):
    """Datasets of a project; those in the bin only where asked for."""

    def present(self) -> Self:
        """Those that are not deleted."""
        return self.filter(deleted_at=None)

    def newest_first(self) -> Self:
        """The latest made first."""
        return self.order_by("-created_at", "-id")


class Dataset(models.Model):
    """A named list of records of one kind.

    `head` is the number of the newest version, 0 before the first. What is changed after it
    belongs to version `head + 1`, the draft, until that is made.
    """

    class Kind(models.TextChoices):
        """What a record holds; the values are the SDK's, of 0.13 and before."""

        PROMPT = "PROMPT", "Prompts"
        COMPLETION = "PROMPT_COMPLETION", "Prompts and completions"
        FEEDBACK = "PROMPT_COMPLETION_FEEDBACK", "Prompts, completions and feedback"
        PREFERENCE = "PREFERENCE", "Preferences"

    class State(models.TextChoices):
        """Whether the first records are in."""

        PENDING = "pending", "being made"
        READY = "ready", "ready"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="datasets")
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=30, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    head = models.IntegerField(default=0)
    records = models.IntegerField(default=0, help_text="Of the draft.")
    original = models.CharField(max_length=255, blank=True, help_text="Uploaded file, as it came.")
    original_name = models.CharField(max_length=255, blank=True)
    # How records are split, as services/datasets/split_rule.py has it; null: all in train.
    split_rule = ExactJSONField(null=True)
    # How the dataset grows by itself: see services/datasets/growth.py; null: it does not.
    growth = ExactJSONField(null=True)
    grows_next_at = models.DateTimeField(null=True)
    job = models.ForeignKey(
        Job,
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
        help_text="That makes the first version.",
    )

    objects = DatasetQuerySet.as_manager()

    class Meta:
        db_table = "dataset"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "key"],
                condition=models.Q(deleted_at__isnull=True),
                name="dataset_key",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["grows_next_at"],
                condition=models.Q(grows_next_at__isnull=False),
                name="dataset_growing",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def draft(self) -> int:
        """The number that the next version will have."""
        return self.head + 1


class DatasetVersion(models.Model):
    """A state of a dataset, who made it when, with its figures; it never changes.

    But for records erased for good, `erased`: [{"on": …, "records": 3, "digest_before": …}].
    """

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    created_by = models.ForeignKey(User, models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField()
    note = models.TextField(blank=True)
    records = models.IntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of all records in their order.")
    figures = ExactJSONField(default=dict)
    erased = ExactJSONField(default=list, db_default=[])

    objects = InProject["DatasetVersion"].as_manager()

    class Meta:
        db_table = "dataset_version"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dataset", "number"], name="dataset_version_number")
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class DatasetBatch(models.Model):
    """Records that came into a dataset together: where from, by what steps, when and by whom."""

    class Origin(models.TextChoices):
        """Where the records came from."""

        BUILDER = "builder", "the builder"
        SELECTION = "selection", "a selection"
        GROWTH = "growth", "the dataset's own filter"
        UPLOAD = "upload", "a file"

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="batches")
    origin = models.CharField(max_length=10, choices=Origin)
    created_by = models.ForeignKey(User, models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField()
    # The filter in words and as an address, the selection, sample, seed and so on.
    recipe = ExactJSONField(default=dict)
    # Each step with how many records were left after it, such as {"step": "deduped", "left": 44}.
    steps = ExactJSONField(default=list)
    records = models.IntegerField(default=0)
    version = models.IntegerField(help_text="The draft it came into.")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+")

    objects = InProject["DatasetBatch"].as_manager()

    class Meta:
        db_table = "dataset_batch"

    def __str__(self) -> str:
        return f"{self.records} records from {self.get_origin_display()}"


class DatasetItem(models.Model):
    """One record of a dataset, from version `since` on and before version `until`.

    A row whose `since` is in a version is never changed but for `until`; what is edited later is
    another row with the same `item`. `content` is what was copied when the record came in (see
    services/training/record.py), so that a version outlives its interactions.
    """

    class Split(models.TextChoices):
        """Which part of the training files a record is in."""

        TRAIN = "train", "train"
        VALIDATION = "validation", "validation"
        TEST = "test", "test"

    class Review(models.TextChoices):
        """What people have decided about a record; rejected ones are in no version or file."""

        NONE = "", "not reviewed"
        WAITING = "waiting", "waiting for review"  # not in versions or files until approved
        APPROVED = "approved", "approved"
        REJECTED = "rejected", "rejected"

    INCLUDED = (Review.NONE, Review.APPROVED)

    id = models.BigAutoField(primary_key=True)
    item = models.UUIDField(help_text="The same through all edits of one record.")
    project = models.ForeignKey(
        Project, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    dataset = models.ForeignKey(
        Dataset, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    batch = models.ForeignKey(
        DatasetBatch, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    position = models.BigIntegerField()
    since = models.IntegerField()
    until = models.IntegerField(null=True)
    # The interaction, or of a preference the preferred one; it may be deleted since.
    interaction_id = models.UUIDField(null=True)
    other_id = models.UUIDField(null=True, help_text="Of a preference, the other interaction.")
    split = models.CharField(max_length=10, choices=Split, default=Split.TRAIN)
    review = models.CharField(max_length=10, choices=Review, blank=True, default="")
    prompt_hash = models.UUIDField()
    # The session, where that is an id; and of what is answered 16 bytes, as the builder tells
    # answers apart: see services/datasets/answer_digests.py.
    session_id = models.UUIDField(null=True)
    answer_digest = models.UUIDField(null=True)
    model = models.TextField(blank=True)
    tokens = models.IntegerField(help_text="About how many, of the whole record.")
    content = ExactJSONField()
    # The answer as a person has written it anew, beside the one in `content`.
    correction = models.TextField(null=True)  # noqa: DJ001  # "" is a correction too
    changed_by = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    changed_at = models.DateTimeField(null=True)

    objects = InProject["DatasetItem"].as_manager()

    class Meta:
        db_table = "dataset_item"
        indexes: ClassVar = [
            models.Index(fields=["dataset", "position", "id"], name="dataset_item_order"),
            models.Index(fields=["dataset", "item"], name="dataset_item_history"),
            models.Index(fields=["batch"], name="dataset_item_batch"),
            models.Index(
                fields=["project", "interaction_id"],
                condition=models.Q(interaction_id__isnull=False),
                name="dataset_item_interaction",
            ),
            models.Index(
                fields=["project", "other_id"],
                condition=models.Q(other_id__isnull=False),
                name="dataset_item_other",
            ),
            # What a growing dataset has of a prompt already.
            models.Index(fields=["dataset", "prompt_hash"], name="dataset_item_prompt"),
            models.Index(
                fields=["dataset", "session_id"],
                condition=models.Q(session_id__isnull=False),
                name="dataset_item_session",
            ),
        ]

    def __str__(self) -> str:
        return f"record {self.position} of {self.dataset_id}"


class DatasetImage(models.Model):
    """An image that some record of a dataset holds, so that it stays when interactions go."""

    pk = models.CompositePrimaryKey("dataset_id", "image_id")
    dataset = models.ForeignKey(
        Dataset, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    image = models.ForeignKey(Image, models.DO_NOTHING, db_constraint=False, related_name="+")
    # With which it came first: a batch that is given up leaves none.
    batch = models.ForeignKey(
        DatasetBatch, models.DO_NOTHING, null=True, db_index=False, db_constraint=False,
        related_name="+",
    )  # fmt: skip

    class Meta:
        db_table = "dataset_image"

    def __str__(self) -> str:
        return f"{self.image_id} of {self.dataset_id}"


class PlannedRecord(models.Model):
    """A record that a job has chosen and not yet copied into its dataset."""

    pk = models.CompositePrimaryKey("job_id", "number")
    job = models.ForeignKey(
        Job, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    number = models.IntegerField()
    interaction_id = models.UUIDField()
    other_id = models.UUIDField(null=True)
    metric_id = models.IntegerField(null=True)
    tied = models.CharField(max_length=10, blank=True)
    split = models.CharField(max_length=10, choices=DatasetItem.Split)

    class Meta:
        db_table = "planned_record"

    def __str__(self) -> str:
        return f"{self.number} of {self.job_id}"
