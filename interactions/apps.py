"""What was said: interactions with their labels, feedback, comparisons and images."""

from django.apps import AppConfig


class InteractionsConfig(AppConfig):
    """The app `interactions`."""

    name = "interactions"
    verbose_name = "Interactions"
