"""The one character that PostgreSQL's text cannot hold."""

REPLACEMENT = "\ufffd"


def without_nul(text: str) -> str:
    """`text` with every NUL visibly replaced, as it is stored and looked for."""
    return text.replace("\0", REPLACEMENT)
