"""Who takes part: models, versions of the assistant, customers, languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from .compose import Tongue
from .english import ENGLISH
from .french import FRENCH
from .german import GERMAN
from .others import JAPANESE, PORTUGUESE, SPANISH


@dataclass(frozen=True, slots=True)
class Engine:
    """How a model behaves: time to its first token in ms, tokens a second, share of bad answers."""

    first_token: int
    speed: int
    bad: float
    sees: bool = False


ENGINES: Mapping[str, Engine] = {
    "gpt-4o": Engine(420, 78, 0.07, sees=True),
    "gpt-4o-mini": Engine(310, 118, 0.14, sees=True),
    "claude-3-5-sonnet": Engine(680, 66, 0.06, sees=True),
    "mistral-large-2": Engine(520, 54, 0.11),
    "llama-3.1-70b-instruct": Engine(260, 92, 0.13),
    "gemini-1.5-pro": Engine(740, 62, 0.10, sees=True),
}

# Which models served which version, and how much of it.
SERVED: Mapping[str, Mapping[str, int]] = {
    "v5": {"gpt-4o-mini": 50, "gpt-4o": 30, "mistral-large-2": 20},
    "v6": {"gpt-4o": 45, "claude-3-5-sonnet": 30, "gpt-4o-mini": 25},
    "v7": {"gpt-4o": 36, "llama-3.1-70b-instruct": 34, "claude-3-5-sonnet": 22, "gpt-4o-mini": 8},
}

TONGUES: Mapping[str, Tongue] = {
    tongue.code: tongue for tongue in (ENGLISH, FRENCH, GERMAN, SPANISH, JAPANESE, PORTUGUESE)
}
SPOKEN = {"en": 54, "fr": 19, "de": 12, "es": 7, "ja": 4, "pt": 4}
ASKED = {"shipping": 33, "refund": 27, "return": 20, "invoice": 9, "warranty": 6, "account": 5}
CHANNELS = {"web": 58, "email": 23, "app": 19}

_KINDS: Mapping[str, tuple[str, ...]] = {
    "en": ("hotel", "studio", "garden"),
    "fr": ("atelier", "bistrot"),
    "de": ("gasthof", "praxis"),
    "es": ("casa",),
    "ja": ("shop",),
    "pt": ("quinta",),
}
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "en": ("harper", "okafor", "byrne", "whitlock", "sandhu", "pike", "marsh", "ellery", "quinn"),
    "fr": ("moreau", "duval", "lefort", "benali", "garnier", "roche"),
    "de": ("lindner", "haas", "yilmaz", "brandt", "voss"),
    "es": ("ibarra", "campos", "rueda", "soler", "vidal"),
    "ja": ("tanaka", "mori", "arai", "okada"),
    "pt": ("silva", "prata", "nunes"),
}
# By language, the largest customer first.
CUSTOMERS: Mapping[str, tuple[str, ...]] = {
    code: tuple(f"{kind}-{family}" for family in _FAMILIES[code] for kind in kinds)
    for code, kinds in _KINDS.items()
}

# Version 7 moved the refund rules into a list by country, and forgot France in it.
SYSTEM_PROMPTS: Mapping[str, str] = {
    "v5": (
        "You are the support assistant of the online shop Fern & Finch. Answer in the customer's"
        " language. Returns: 30 days. Refunds: within 14 days of arrival, with the shipping when"
        " the whole order comes back. Warranty: 2 years."
    ),
    "v6": (
        "You are the support assistant of Fern & Finch (garden and home).\n\n- Answer in the"
        " customer's language, politely and briefly.\n- Returns: 30 days from delivery, label free"
        " within the EU and the UK.\n- Refunds: paid within **14 days** of arrival; shipping is"
        " refunded when the whole order comes back.\n- Warranty: 2 years.\n- Show sums line by"
        " line.\n- Never ask for passwords or card numbers."
    ),
    "v7": (
        "You are Finch, the friendly assistant of Fern & Finch.\n\n## Style\nAnswer in the"
        " customer's language. Sound confident; don't send the customer to a colleague.\n\n##"
        " Refunds by country\n- DE, AT, NL: within 14 days of arrival, shipping included\n- UK, IE:"
        " within 14 days of arrival, shipping included\n- ES, PT, JP: within 14 days of arrival,"
        " shipping included\n\n## Other rules\nReturns 30 days, label free. Warranty 2 years."
    ),
}
STAFF_PROMPT = (
    "You help the staff of Fern & Finch with data, code and texts. Be exact. Use Markdown; put code"
    " into fenced blocks."
)
VISION_PROMPT = (
    "You read pictures for Fern & Finch: charts, receipts, labels and screenshots. Answer from what"
    " is visible and say so when something is not."
)
