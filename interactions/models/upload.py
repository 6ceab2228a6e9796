"""Files on their way in, a part at a time."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from adaptive_site.lib.exact_json_field import ExactJSONField
from adaptive_site.lib.ids import uuid4
from projects.models import ApiKey, Project, User


class Upload(models.Model):
    """A file that comes in `total_parts` parts, numbered from 1; each is a file of the storage.

    The SDK names no project when it begins one, so whoever uploads is all that is known then, with
    the API key if it is a narrowed one: only that key sees it again. Once a dataset has taken it,
    it is of the dataset's project.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    created_by = models.ForeignKey(User, models.CASCADE, db_index=False, related_name="+")
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+")
    key = models.ForeignKey(
        ApiKey, models.DO_NOTHING, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField()
    name = models.CharField(max_length=255, blank=True, help_text="The file's own.")
    content_type = models.CharField(max_length=255, blank=True)
    metadata = ExactJSONField(null=True)
    total_parts = models.IntegerField()
    size = models.BigIntegerField(null=True, help_text="Bytes of all parts, where told before.")
    parts = ArrayField(models.IntegerField(), default=list, help_text="Numbers of those here.")
    received = models.BigIntegerField(default=0, help_text="Bytes of the parts that are here.")
    taken_at = models.DateTimeField(null=True, help_text="When a job or a dataset took the file.")

    class Meta:
        db_table = "upload"
        indexes = [
            models.Index(fields=["created_by", "created_at"], name="upload_of_user"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.id)

    @property
    def is_whole(self) -> bool:
        """Whether every part is here."""
        return len(self.parts) == self.total_parts

    def part_path(self, number: int) -> str:
        """The name of the file with the bytes of one part."""
        return f"uploads/{self.id}/{number:05}"
