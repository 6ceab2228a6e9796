"""Users, the teams they are in, and the roles they have there."""

import uuid
from collections.abc import Collection
from typing import Any, ClassVar, Protocol, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac


class Reader(Protocol):
    """Who asks, as far as a query has to know; `projects.services.access` decides the rest."""

    @property
    def user(self) -> "User": ...
    @property
    def is_administrator(self) -> bool: ...
    @property
    def is_scoped(self) -> bool: ...
    @property
    def readable(self) -> Collection[int]: ...


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail addresses are compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make and save a user; without a password nobody can log in as them."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make and save an administrator, who may do everything in every project."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this e-mail address, in any case."""
        return self.at(username or "").get()

    def known_as(self, id_or_email: str) -> "User | None":
        """The user in use with this UUID or e-mail address."""
        try:
            return self.filter(is_active=True, uuid=uuid.UUID(id_or_email)).first()
        except ValueError:
            found = self.at(id_or_email).filter(is_active=True)
            return found.first() if "@" in id_or_email else None

    def visible_to(self, caller: Reader) -> models.QuerySet["User"]:
        """The users in use whom `caller` may see: themselves and their teams' members.

        By a key that is narrowed to some projects only members of teams that these are shared
        with.
        """
        found = self.filter(is_active=True).order_by("email")
        if caller.is_administrator:
            return found
        colleagues = Membership.objects.filter(team__memberships__user=caller.user)
        if caller.is_scoped:
            colleagues = colleagues.filter(team__shares__project__in=caller.readable)
        ids = colleagues.values("user")
        return found.filter(models.Q(id=caller.user.id) | models.Q(id__in=ids))

    def at(self, email: str) -> models.QuerySet["User"]:
        """The one with this e-mail address, in any case, as the constraint compares them.

        Not `iexact`, which compares in upper case: that of a dotless ı is I, so another's
        address would be found.
        """
        return self.alias(lowered=Lower("email")).filter(lowered=Lower(models.Value(email)))


class User(AbstractBaseUser, PermissionsMixin):
    """A person, or a service account, known by an e-mail address."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_service_account = models.BooleanField(default=False)
    is_staff = models.BooleanField("may use the admin console", default=False)
    is_active = models.BooleanField(default=True)
    sign_outs = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often the user was signed out everywhere."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_any_case",
                violation_error_message="A user with this e-mail address exists.",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry: another one after a new password or a sign-out everywhere."""
        if not self.sign_outs:  # as Django makes it, so that sessions outlived the upgrade
            return super()._get_session_auth_hash(secret)  # type: ignore[misc, no-any-return]
        salt = "projects.models.User.session"
        stamp = f"{self.password}\n{self.sign_outs}"
        return salted_hmac(salt, stamp, secret=secret, algorithm="sha256").hexdigest()


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams."""

    def visible_to(self, caller: Reader) -> Self:
        """The teams that `caller` is in, and those that share a project with them, by key.

        By a key that is narrowed to some projects only the latter.
        """
        found = self.order_by("key")
        if caller.is_administrator:
            return found
        theirs = models.Q(shares__project__in=caller.readable)
        if not caller.is_scoped:
            theirs |= models.Q(memberships__user=caller.user)
        return found.filter(theirs).distinct()

    def where_may(self, caller: Reader, *permissions: str) -> Self:
        """The teams in which the role of `caller` has one of these permissions, by name."""
        found = self.order_by("name", "id")
        if caller.is_administrator:
            return found
        own = caller.user.memberships.filter(role__permissions__overlap=list(permissions))
        return found.filter(id__in=own.values("team"))


class Team(models.Model):
    """People who share projects."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    of_project = models.ForeignKey(
        "projects.Project",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.CASCADE,
        db_index=False,  # teams are few
        related_name="own_teams",
        help_text="The project whose people of one role these are, if it was made for them.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A named set of permissions such as `interaction:read`."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    permissions = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user in a team, with the role that bounds what they may do in its projects."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "team"], name="one_role_in_a_team"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} as {self.role}"
