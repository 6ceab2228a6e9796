"""Models (LLMs): their names, who answers for them, and the projects they may be used in."""

from typing import Any, Self
from uuid import UUID, uuid4

from django.db import models

from adaptive_site.lib.exact_json_field import ExactJSONField

from .people import Reader, Team, User
from .prices import TokenPrices
from .project import InProject, Project


class LlmQuerySet(models.QuerySet["Llm"]):
    """Models."""

    def in_project(self, project: Project) -> Self:
        """Those attached to `project`."""
        return self.filter(attachments__project=project)


class Llm(models.Model):
    """A large language model, by the name people call it.

    The row is the name alone: interactions of any project may carry it, and it leads nowhere.
    Who answers for it is each project's own matter, and stands in that project's `ProjectLlm`.
    A model that was looked up in a project (`ProjectLlm.resolved`) knows the answer.
    """

    class Provider(models.TextChoices):
        """Who answers; the values are the SDK's, but for the two that are ours."""

        NONE = "", "nobody: a name in imported interactions"
        ECHO = "ECHO", "this server's echo, to try things with"
        OPEN_AI = "OPEN_AI", "an OpenAI-compatible server"
        GOOGLE = "GOOGLE", "Google's OpenAI-compatible address"
        ANTHROPIC = "ANTHROPIC", "Anthropic's OpenAI-compatible address"

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    # Of a model looked up in a project; not stored here.
    registration: "Registration | None" = None
    is_online: bool = True

    objects = LlmQuerySet.as_manager()

    class Meta:
        verbose_name = "model"

    def __str__(self) -> str:
        return self.name

    @property
    def shown_id(self) -> UUID:
        """The UUID that clients know it by: the registration's, of one that is registered."""
        return self.registration.uuid if self.registration else self.uuid

    @property
    def shown_name(self) -> str:
        """What whoever registered it calls it, else its own name."""
        return self.registration.name if self.registration else self.name

    @property
    def provider(self) -> str:
        """Who answers for it here; "" when nobody does."""
        return self.registration.provider if self.registration else self.Provider.NONE

    @property
    def base_url(self) -> str:
        """The provider's address; "" for the usual one."""
        return self.registration.base_url if self.registration else ""

    @property
    def external_id(self) -> str:
        """What the provider calls it; "" for the key."""
        return self.registration.external_id if self.registration else ""

    @property
    def extra_params(self) -> dict[str, Any]:
        """What is sent with every request."""
        return self.registration.extra_params if self.registration else {}

    @property
    def encrypted_api_key(self) -> bytes:
        """The provider's key, sealed."""
        return bytes(self.registration.encrypted_api_key) if self.registration else b""

    @property
    def may_be_private(self) -> bool:
        """Whether it may be asked at an address of a private network."""
        return self.registration is not None and self.registration.may_be_private

    @property
    def is_disabled(self) -> bool:
        """Whether administrators let it be asked nowhere."""
        return self.registration is not None and self.registration.is_disabled


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Registered models."""

    def lent_to(self, caller: Reader) -> Self:
        """The registered models that somebody else lets `caller` attach."""
        return self.filter(_lent(caller))

    def attachable_by(self, caller: Reader) -> Self:
        """The registered models that `caller` may attach to projects they manage, by key.

        Their own and those lent to them; administrators may attach every one. To read a project,
        or to chat in it, lends nobody its models.
        """
        found = self.select_related("llm", "owner").order_by("llm__key", "id")
        if caller.is_administrator:
            return found
        return found.filter(models.Q(owner=caller.user) | _lent(caller))


def _lent(caller: Reader) -> models.Q:
    """What is shared with everybody or a team of theirs; to administrators, the operator's too."""
    mine = caller.user.memberships.values("team")
    shared = Registration.teams.through.objects.filter(team__in=mine).values("registration")
    lent = models.Q(id__in=shared) | models.Q(is_for_all=True)
    return lent | models.Q(owner=None) if caller.is_administrator else lent


class Registration(models.Model):
    """A model at a provider: where it is asked, by whose key, and who may attach it.

    It is its owner's, and attachable by nobody else until it is shared. Without an owner it is
    the operator's.
    """

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    llm = models.ForeignKey(
        Llm, on_delete=models.PROTECT, related_name="registrations", verbose_name="model"
    )
    owner = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="registrations",
        help_text="Who may attach and share it; empty: administrators alone.",
    )
    teams = models.ManyToManyField(
        Team,
        blank=True,
        related_name="registrations",
        verbose_name="shared with",
        help_text="Their members may attach it to projects they manage.",
    )
    is_for_all = models.BooleanField(
        "shared with everybody", default=False, help_text="Any project may attach it."
    )
    name = models.CharField(max_length=200)
    provider = models.CharField(max_length=10, choices=Llm.Provider)
    # Not a URLField, whose check refuses host names without a dot.
    base_url = models.CharField(
        max_length=200,
        blank=True,
        help_text="Such as https://api.openai.com/v1; empty for the provider's own.",
    )
    may_be_private = models.BooleanField(
        "may be in a private network",
        default=False,
        help_text="Loopback and private addresses are asked of this one.",
    )
    external_id = models.CharField(
        max_length=200, blank=True, help_text="What the provider calls the model."
    )
    encrypted_api_key = models.BinaryField(default=b"", editable=False)
    extra_params = ExactJSONField(
        default=dict, blank=True, help_text="Sent with every request to the provider."
    )
    is_disabled = models.BooleanField(
        "disabled",
        default=False,
        help_text="Asked in no project until an administrator enables it.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = "registered model"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "llm"], nulls_distinct=False, name="registered_once_by_an_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProjectLlmQuerySet(InProject["ProjectLlm"]):
    """Models of projects."""

    def resolvable(self) -> Self:
        """Each with the model and who answers for it, which `resolved` takes."""
        return self.select_related("llm", "registration")

    def listed(self) -> Self:
        """The default first, then those that may be asked, with all that a page says of them."""
        found = self.select_related("llm", "registration", "registration__owner")
        return found.prefetch_related("registration__teams").order_by(
            "-is_default", "registration", "llm__key"
        )

    def askable(self) -> Self:
        """Those that somebody answers for and that are on line, by project and key."""
        found = self.filter(desired_online=True, registration__is_disabled=False)
        return (
            found.resolvable()
            .select_related("project")
            .order_by("project__name", "project_id", "llm__key")
        )


class ProjectLlm(models.Model):
    """A model that may be used, and logged, in a project, and who answers for it there."""

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="llm_links")
    llm = models.ForeignKey(Llm, on_delete=models.CASCADE, related_name="attachments")
    registration = models.ForeignKey(
        Registration,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,  # the table is small
        related_name="attachments",
        verbose_name="answered by",
        help_text="Empty: nobody, it is a name in interactions.",
    )
    is_default = models.BooleanField(default=False)
    desired_online = models.BooleanField(default=True)
    # US dollars for a million tokens, as `TokenPrices` takes them.
    prompt_price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    cached_price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    completion_price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectLlmQuerySet.as_manager()

    class Meta:
        verbose_name = "model of a project"
        verbose_name_plural = "models of projects"
        constraints = [
            models.UniqueConstraint(fields=["project", "llm"], name="llm_once_in_a_project"),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(is_default=True),
                name="one_default_llm_in_a_project",
            ),
            models.CheckConstraint(
                condition=models.Q(prompt_price=None, completion_price=None, cached_price=None)
                | models.Q(prompt_price__isnull=False, completion_price__isnull=False)
                & models.Q(prompt_price__gte=0, completion_price__gte=0)
                & (models.Q(cached_price=None) | models.Q(cached_price__gte=0)),
                name="prices_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.llm} in {self.project}"

    @property
    def prices(self) -> TokenPrices | None:
        """What its tokens cost in the project; None where nobody has said."""
        if self.prompt_price is None or self.completion_price is None:
            return None
        return TokenPrices(self.prompt_price, self.completion_price, self.cached_price)

    @property
    def is_disabled(self) -> bool:
        """Whether administrators let it be asked nowhere."""
        return self.registration is not None and self.registration.is_disabled

    @property
    def resolved(self) -> Llm:
        """The model, which knows who answers for it in this project."""
        self.llm.registration = self.registration
        self.llm.is_online = self.desired_online and not self.is_disabled
        return self.llm
