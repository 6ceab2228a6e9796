"""Changes of records in words, such as `Approved 1,204 records`."""

REMOVED = "removed"
_REVIEWS = {
    "approved": "Approved {}",
    "rejected": "Rejected {}",
    "waiting": "Had {} wait for review",
    "": "Took the review of {} back",
}
_DOING = {
    "Approved {}": "Approve {}",
    "Rejected {}": "Reject {}",
    "Had {} wait for review": "Have {} wait for review",
    "Took the review of {} back": "Take the review of {} back",
    "Removed {}": "Remove {}",
    "Took {} back": "Take {} back",
}


def counted(n: int) -> str:
    """`1 record`, `1,204 records`."""
    return f"{n:,} record{'' if n == 1 else 's'}"


def said(what: str, to: str | None, subject: str) -> str:
    """What was done to `subject`."""
    return _form(what, to).format(subject)


def to_do(what: str, to: str | None, subject: str) -> str:
    """What is to be done to `subject`."""
    form = _form(what, to)
    return _DOING.get(form, form).format(subject)


def _form(what: str, to: str | None) -> str:
    if what == "review":
        return _REVIEWS[to or ""]
    if what == "split":
        return f"Put {{}} into {to}"
    if what == REMOVED:
        return "Removed {}" if to == REMOVED else "Put {} back"
    return "Took the original answer of {} again" if to is None else "Corrected the answer of {}"
