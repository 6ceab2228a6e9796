"""How often a registered model was asked, and how often it did not answer, by the hour."""

from django.db import models

from .llm import Registration


class RegistrationUse(models.Model):
    """An hour in which a registered model was asked; of old hours only the last one is kept."""

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, db_index=False, related_name="uses"
    )
    hour = models.DateTimeField()
    asked = models.BigIntegerField(help_text="How often, refused and failed ones among them.")
    failed = models.BigIntegerField()
    last_at = models.DateTimeField()
    last_failed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, help_text="In words, without the provider's key.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "hour"], name="one_use_of_a_registration_an_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration} at {self.hour}"
