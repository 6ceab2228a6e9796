"""What training would suffer from, as tests in SQL of one record.

The builder warns of the same when records come in (`building/texts/findings.py`); a test holds
both against each other. An answer is looked at as it is in files: corrected, it has no fault more.
"""

from adaptive_site.lib.database.sql import Sql
from interactions.services.datasets.finding.record_tests import ANSWER, IMAGES, OTHER, in_messages
from interactions.textindex.message_texts import has_text

LONG_TOKENS = 8_192
_EMPTY = "TEXT !~ '[^[:space:]]'"
_THOUGHTS = "'%<think>%', '%</think>%', '%<thinking>%', '%[THINK]%', '%<|channel|>analysis%'"
_LINKED = f"""EXISTS (SELECT FROM jsonb_array_elements({IMAGES}) AS l(link), LATERAL (SELECT
    CASE jsonb_typeof(link) WHEN 'object' THEN link ->> 'url' ELSE link #>> '{{}}' END AS url) u
    WHERE url !~ '^(image:|data:)')"""
# Instructions first, then a user and an assistant in turn, the user being last; what tools say
# belongs to the assistant's turn that called them.
_ROLES = (
    "(SELECT string_agg(CASE m.message ->> 'role' WHEN 'system' THEN 's' WHEN 'developer' THEN 's'"
    " WHEN 'tool' THEN 't' WHEN 'function' THEN 't' WHEN 'user' THEN 'u' WHEN 'assistant' THEN 'a'"
    " ELSE 'x' END, '' ORDER BY m.at)"
    " FROM jsonb_array_elements(content -> 'messages') WITH ORDINALITY AS m(message, at))"
    " !~ '^s*(ua(t+a)*t*)*(u|ua(t+a)*t+)$'"
)


def _either(test: str) -> str:
    """Whether a test, in which TEXT stands for a text, holds of an answer."""
    return f"({test.replace('TEXT', ANSWER)} OR {test.replace('TEXT', OTHER)})"


def _in_texts(test: str) -> str:
    """Whether a test, in which TEXT stands for a text, holds of a message or an answer."""
    return f"({in_messages(has_text('m.message', test))} OR {_either(test)})"


def _quoted(answer: str) -> str:
    """Whether an answer that is no short choice stands in a text of its prompt."""
    found = in_messages(has_text("m.message", f"strpos(TEXT, btrim({answer})) > 0"))
    return f"(length(btrim({answer})) >= 40 AND {found})"


_EMAIL = r"(?<![\w.+-])[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,24})\y"
_RESERVED = r"^(?:.*\.)?(?:example\.(?:com|org|net)|example|test|invalid)$"
_PHONE = (
    r"((?<![\w.+])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}"
    r"|\(\d{3}\) ?\d{3}[-.]\d{4}|\d{3}(?:-\d{3}-|\.\d{3}\.)\d{4})(?![\w-]))"
)
_CARD = r"((?<![\w.-])[3-6]\d{3}(?:[ -]?\d){9,15}(?![\w-]|\.\d))"
_LUHN = """(SELECT sum(CASE WHEN (length(d) - g) % 2 = 0 THEN n WHEN n > 4 THEN 2 * n - 9
    ELSE 2 * n END) FROM generate_series(1, length(d)) g, LATERAL (SELECT substr(d, g, 1)::int n) y
    ) % 10 = 0"""


def _found(mark: str, pattern: str, is_one: str) -> str:
    """Whether a text has a match of the pattern, `d` its digits, that is one; where `mark` is."""
    return _in_texts(
        f"(TEXT ~ '{mark}' AND EXISTS (SELECT FROM"
        f" regexp_matches(TEXT, '{pattern}', 'g') AS h(hit),"
        rf" LATERAL (SELECT regexp_replace(hit[1], '\D', '', 'g') AS d) f WHERE {is_one}))"
    )


# By the name in an address: what a record does, and the test.
_FAULTS: dict[str, tuple[str, str]] = {
    "empty": (
        "empty answer",
        f"({_either(_EMPTY)}"
        " AND NOT coalesce(content #> '{answer,parts}' ? 'tool_calls', FALSE))",
    ),
    "thoughts": ("thoughts in the answer", _either(f"TEXT LIKE ANY (ARRAY[{_THOUGHTS}])")),
    "long": (f"more than {LONG_TOKENS:,} tokens", f"tokens > {LONG_TOKENS}"),
    "quoted": ("answers with a text of its prompt", f"({_quoted(ANSWER)} OR {_quoted(OTHER)})"),
    "roles": ("roles do not alternate", _ROLES),
    "linked": ("image only linked to", _LINKED),
    "email": (
        "e-mail addresses",
        "(content::text LIKE '%@%' OR correction LIKE '%@%') AND "
        + _found("@", _EMAIL, f"hit[1] !~* '{_RESERVED}'"),
    ),
    "phone": (
        "phone numbers",
        _found(r"\d{4}|\d[ .-]\d{2}", _PHONE, "length(d) BETWEEN 8 AND 15"),
    ),
    "card": (
        "card numbers",
        _found(r"[3-6]\d{3}", _CARD,
               rf"length(d) BETWEEN 13 AND 19 AND d !~ '^(.)\1*$' AND {_LUHN}"),
    ),
}  # fmt: skip
FAULTS: dict[str, str] = {name: words for name, (words, _) in _FAULTS.items()}


def fault_test(name: str) -> Sql:
    """Whether a record has the fault; never null."""
    return Sql(f"coalesce({_FAULTS[name][1].replace('%', '%%')}, FALSE)")
