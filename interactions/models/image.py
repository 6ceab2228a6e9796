"""Images, stored once a project by the hash of their bytes."""

from typing import TypeAlias

from django.db import models

from projects.models import InProject, Project

from .interaction import Interaction


class Image(models.Model):
    """An image some interaction of the project holds; its bytes are a file, as they came."""

    class Format(models.TextChoices):
        """What we decode and show; the value is the file's extension."""

        PNG = "png", "PNG"
        JPEG = "jpg", "JPEG"
        WEBP = "webp", "WebP"
        GIF = "gif", "GIF"
        AVIF = "avif", "AVIF"

    class OtherFormat(models.TextChoices):
        """Formats that models are sent as images too, but that are only stored, not decoded."""

        TIFF = "tiff", "TIFF"
        BMP = "bmp", "BMP"
        HEIC = "heic", "HEIC"
        SVG = "svg", "SVG"
        JXL = "jxl", "JPEG XL"
        JP2 = "jp2", "JPEG 2000"
        ICO = "ico", "ICO"
        PDF = "pdf", "PDF"
        MP4 = "mp4", "MP4"
        UNKNOWN = "bin", "unknown format"

    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="images")
    sha256 = models.CharField(max_length=64, help_text="Of the bytes, in hexadecimal.")
    # Or one of OtherFormat, or one of Format that did not decode: `is_shown` tells.
    format = models.CharField(max_length=4, choices=Format)
    width = models.IntegerField()
    height = models.IntegerField()
    size = models.IntegerField(help_text="In bytes.")
    dhash = models.BigIntegerField(help_text="64-bit difference hash: near images differ little.")

    objects = InProject["Image"].as_manager()

    class Meta:
        db_table = "image"
        constraints = [
            models.UniqueConstraint(fields=["project", "sha256"], name="image_once_in_a_project")
        ]

    def __str__(self) -> str:
        return f"{self.sha256}.{self.format}"

    @property
    def path(self) -> str:
        """The name of the file with the bytes."""
        return f"images/{self.project_id}/{self.sha256[:2]}/{self.sha256}.{self.format}"

    @property
    def is_shown(self) -> bool:
        """Whether it decoded whole; of anything else the bytes are kept, and 0 for its sizes."""
        return self.width > 0

    @property
    def format_name(self) -> str:
        """Such as `PNG`, by what its bytes begin with."""
        return str(format_of(self.format).label)

    @property
    def media_type(self) -> str:
        """Such as `image/png`."""
        return _MEDIA_TYPES.get(self.format, f"image/{self.format}")


AnyFormat: TypeAlias = Image.Format | Image.OtherFormat

_MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "svg": "image/svg+xml",
    "ico": "image/vnd.microsoft.icon",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "bin": "application/octet-stream",
}


def format_of(extension: str) -> AnyFormat:
    """The format whose files end so."""
    is_decoded = extension in Image.Format.values
    return Image.Format(extension) if is_decoded else Image.OtherFormat(extension)


class InteractionImage(models.Model):
    """The image at one position of an interaction, in the order the model saw them."""

    pk = models.CompositePrimaryKey("interaction_id", "position")
    interaction = models.ForeignKey(
        Interaction,
        models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    position = models.SmallIntegerField()
    project = models.ForeignKey(
        Project,
        models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    image = models.ForeignKey(Image, models.DO_NOTHING, db_constraint=False, related_name="+")

    objects = InProject["InteractionImage"].as_manager()

    class Meta:
        db_table = "interaction_image"

    def __str__(self) -> str:
        return f"{self.image_id} at {self.position} of {self.interaction_id}"
