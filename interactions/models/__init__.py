"""The tables of interactions, with labels, feedback, images, selections and views."""

from interactions.models.arrival import Arrival
from interactions.models.bulk_action import BulkAction, BulkActionChange, BulkActionImage

from .feedback import Comparison, Feedback, FeedbackCount, FeedbackDelta
from .image import Image, InteractionImage
from .interaction import Interaction, InteractionBody, Source
from .label import InteractionLabel, Label, LabelCount, LabelDelta
from .preview_renewal import PreviewRenewal
from .search import SearchIds, SearchPosting, SearchSegment, SearchWords
from .selection import Selection
from .undo_entry import UndoEntry
from .view import ListPreference, SavedView, TourSeen

__all__ = [
    "BulkAction",
    "BulkActionChange",
    "BulkActionImage",
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
    "PreviewRenewal",
    "SavedView",
    "SearchIds",
    "SearchPosting",
    "SearchSegment",
    "SearchWords",
    "Selection",
    "Source",
    "TourSeen",
    "UndoEntry",
]
