"""What was said."""

from .feedback import Comparison, Feedback
from .image import Image, InteractionImage
from .interaction import Interaction, InteractionBody, Source
from .label import InteractionLabel, Label, LabelCount

__all__ = [
    "Comparison",
    "Feedback",
    "Image",
    "Interaction",
    "InteractionBody",
    "InteractionImage",
    "InteractionLabel",
    "Label",
    "LabelCount",
    "Source",
]
