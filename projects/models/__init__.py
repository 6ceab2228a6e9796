"""Who and where."""

from .attempt import Attempt
from .event import Event, Seal
from .identity import ProviderIdentity
from .invitation import Invitation
from .key import ApiKey, ApiKeyUse
from .llm import Llm, ProjectLlm, Registration
from .llm_use import RegistrationUse
from .masking import MaskedCount
from .metric import Metric
from .people import Membership, Role, Team, User
from .prices import TokenPrices
from .project import InProject, Project, ProjectShare
from .second_factor import SecondFactor

__all__ = [
    "ApiKey",
    "ApiKeyUse",
    "Attempt",
    "Event",
    "InProject",
    "Invitation",
    "Llm",
    "MaskedCount",
    "Membership",
    "Metric",
    "Project",
    "ProjectLlm",
    "ProjectShare",
    "ProviderIdentity",
    "Registration",
    "RegistrationUse",
    "Role",
    "Seal",
    "SecondFactor",
    "Team",
    "TokenPrices",
    "User",
]
