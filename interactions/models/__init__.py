"""What was said."""

from .arrival import Arrival
from .feedback import Comparison, Feedback, FeedbackCount, FeedbackDelta
from .image import Image, InteractionImage
from .interaction import Interaction, InteractionBody, Source
from .label import InteractionLabel, Label, LabelCount, LabelDelta
from .search import SearchIds, SearchPosting, SearchSegment, SearchWords
from .view import ListPreference, SavedView

__all__ = [
    "Arrival",
    "Comparison",
    "Feedback",
    "FeedbackCount",
    "FeedbackDelta",
    "Image",
    "Interaction",
    "InteractionBody",
    "InteractionImage",
    "InteractionLabel",
    "Label",
    "LabelCount",
    "LabelDelta",
    "ListPreference",
    "SavedView",
    "SearchIds",
    "SearchPosting",
    "SearchSegment",
    "SearchWords",
    "Source",
]
