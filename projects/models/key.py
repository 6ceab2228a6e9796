"""API keys."""

from functools import cached_property
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from .people import User
from .project import Project


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """API keys."""

    def in_use(self) -> Self:
        """Those that are neither revoked nor expired."""
        return self.exclude(expires_at__lte=timezone.now()).filter(revoked_at=None)


class ApiKey(models.Model):
    """A secret that acts as its user; only its digest is kept (`services/api_keys.py`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=12, help_text="Its first characters, to tell it by.")
    digest = models.BinaryField(max_length=32, unique=True)
    permissions = ArrayField(
        models.CharField(max_length=100),
        null=True,
        blank=True,
        help_text="The most it may do of what its user may. Empty: all of that.",
    )
    # Not told from the absence of projects: a key for one that was deleted is for none.
    is_for_every_project = models.BooleanField("works in every project of its user", default=True)
    projects = models.ManyToManyField(Project, blank=True, related_name="+")
    # Ids, not relations: they come with the key, of which each request asks.
    shut_out_of = ArrayField(
        models.IntegerField(),
        default=list,
        blank=True,
        editable=False,
        help_text="Ids of the projects whose owners let this key in no more.",
    )
    requests_a_minute = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_scoped(self) -> bool:
        """Whether it permits less than its user may."""
        has_all = self.permissions is None and self.is_for_every_project
        return not has_all or bool(self.shut_out_of)

    @property
    def has_expired(self) -> bool:
        """Whether its last moment is over."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @cached_property
    def project_ids(self) -> frozenset[int]:
        """The projects it is for, when it is not for every one."""
        return frozenset(self.projects.values_list("id", flat=True))


class ApiKeyUse(models.Model):
    """When and from where a key was last used; apart from it, since that is no change of rights."""

    key = models.OneToOneField(ApiKey, on_delete=models.CASCADE, related_name="use")
    used_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)

    def __str__(self) -> str:
        return f"{self.key} at {self.used_at}"
