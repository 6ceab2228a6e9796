"""The audit log."""

from django.db import models

from adaptive_site.lib.exact_json_field import ExactJSONField

from .people import User
from .project import InProject, Project


class Event(models.Model):
    """Something a person did that another may ask about later."""

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    verb = models.CharField(max_length=100, help_text="Such as `feedback.withdrawn`.")
    subject = models.CharField(max_length=200, help_text="The id of what it was done to.")
    details = ExactJSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = InProject["Event"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["project", "-created_at"], name="event_newest_first"),
            models.Index(fields=["project", "subject", "id"], name="event_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"
