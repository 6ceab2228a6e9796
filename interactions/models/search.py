"""The index of texts: segments of interactions, and which of their rows hold which term.

A worker writes it and nothing ever changes it but to merge segments; it is read by
`interactions/textindex/candidates.py`.
"""

from django.db import models

from projects.models import Project


class SearchSegment(models.Model):
    """Up to 65,536 interactions in the order of their ids: row 0, row 1, …"""

    id = models.AutoField(primary_key=True)
    project = models.ForeignKey(
        Project, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    size = models.IntegerField()
    least_id = models.UUIDField()
    greatest_id = models.UUIDField()
    starts = models.BinaryField(help_text="The first id of each block of ids.")
    # Others stand for it; readers that began before may still need what it holds.
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "search_segment"
        indexes = [models.Index(fields=["project"], name="search_segment_project")]

    def __str__(self) -> str:
        return f"{self.size} interactions"


class SearchIds(models.Model):
    """The ids of 64 rows of a segment, one after the other."""

    pk = models.CompositePrimaryKey("project_id", "segment_id", "block")
    project = models.ForeignKey(
        Project, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    segment_id = models.IntegerField()
    block = models.IntegerField()
    ids = models.BinaryField()

    class Meta:
        db_table = "search_ids"

    def __str__(self) -> str:
        return f"{self.block} of {self.segment_id}"


class SearchPosting(models.Model):
    """Neighbouring terms of a segment, and the rows that hold them; see `textindex/postings.py`."""

    pk = models.CompositePrimaryKey("project_id", "segment_id", "first_term")
    project = models.ForeignKey(
        Project, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    segment_id = models.IntegerField()
    first_term = models.TextField(db_collation="C")
    terms = models.TextField()
    sizes = models.BinaryField()
    numbers = models.BinaryField()

    class Meta:
        db_table = "search_posting"

    def __str__(self) -> str:
        return f"{self.first_term}… of {self.segment_id}"


class SearchWords(models.Model):
    """Words and grams of a project's segments, one a line, in which parts of words are found.

    A line begins and ends with a newline, the first and the last too. All that any segment has
    are in here, dense characters and their pairs excepted, which nobody looks for by a part.
    """

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(
        Project, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    words = models.TextField()

    class Meta:
        db_table = "search_words"
        indexes = [models.Index(fields=["project"], name="search_words_project")]

    def __str__(self) -> str:
        return self.words[:80]
