"""The tables of interactions, with labels, feedback, images, selections and views."""

from interactions.models.bulk_action import BulkAction, BulkActionChange, BulkActionImage

from .dataset import (
    Dataset,
    DatasetBatch,
    DatasetImage,
    DatasetItem,
    DatasetVersion,
    PlannedRecord,
)
from .feedback import Comparison, Feedback, FeedbackCount, FeedbackDelta
from .image import Image, InteractionImage
from .interaction import Interaction, InteractionBody, Source
from .job import ErasureRecord, ErasureTarget, Job, TakenBackup
from .label import InteractionLabel, Label, LabelCount, LabelDelta, LegalHold
from .search import SearchIds, SearchPosting, SearchSegment, SearchWords
from .selection import Selection
from .undo_entry import UndoEntry
from .upload import Upload
from .view import ListPreference, SavedView, TourSeen
from .waiting_work import Arrival, PreviewRenewal, Retention

__all__ = [
    "BulkAction",
    "BulkActionChange",
    "BulkActionImage",
    "Arrival",
    "Comparison",
    "Dataset",
    "DatasetBatch",
    "DatasetImage",
    "DatasetItem",
    "DatasetVersion",
    "ErasureRecord",
    "ErasureTarget",
    "Feedback",
    "FeedbackCount",
    "FeedbackDelta",
    "Image",
    "Interaction",
    "InteractionBody",
    "InteractionImage",
    "InteractionLabel",
    "Job",
    "Label",
    "LabelCount",
    "LabelDelta",
    "LegalHold",
    "ListPreference",
    "PlannedRecord",
    "PreviewRenewal",
    "Retention",
    "SavedView",
    "SearchIds",
    "SearchPosting",
    "SearchSegment",
    "SearchWords",
    "Selection",
    "Source",
    "TakenBackup",
    "TourSeen",
    "UndoEntry",
    "Upload",
]
