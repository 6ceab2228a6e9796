"""What is being erased for good."""

from django.db import models

from projects.models import InProject, Project

from .job import Job


class ErasureTarget(models.Model):
    """An interaction that a job erases; the row goes when the job has ended.

    The interaction may be gone already: copies of it in a bin or in datasets are erased too.
    """

    pk = models.CompositePrimaryKey("job_id", "interaction_id")
    job = models.ForeignKey(
        Job, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    interaction_id = models.UUIDField()
    project = models.ForeignKey(
        Project, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )

    objects = InProject["ErasureTarget"].as_manager()

    class Meta:
        db_table = "erasure_target"

    def __str__(self) -> str:
        return f"{self.interaction_id} of {self.job_id}"
