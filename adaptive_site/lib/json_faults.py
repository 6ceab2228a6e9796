"""What is wrong with some JSON, in words: parsers count characters and name states of their own."""

from json import JSONDecodeError

_SHOWN = 24  # characters before the place
# The first whose beginning a parser's message holds; orjson's, and those of Python's own.
_WORDS = (
    ("unexpected end of data", "a bracket or a quote is not closed"),
    ("Unterminated string", "a quote is not closed"),
    ("control character", "a text holds a line break or another control character"),
    ("after document", "something stands after its end"),
    ("Extra data", "something stands after its end"),
    ("trailing comma", "a comma stands before a closing bracket"),
    ("string key", "expected a name in double quotes"),
    ("property name", "expected a name in double quotes"),
    ("after key", "expected a colon after a name"),
    ("':' delimiter", "expected a colon after a name"),
    ("expected ','", "expected a comma or a closing bracket"),
    ("',' delimiter", "expected a comma or a closing bracket"),
    ("escape", "a backslash stands before a letter that it cannot stand before"),
    ("leading zero", "a number begins with a zero"),
    ("no digit", "a number lacks a digit"),
    ("UTF-8", "it is not UTF-8"),
    ("surrogate", "a text holds half of a character"),
    ("zero-length", "it is empty"),
    ("", "expected a value"),
)


def in_words(error: BaseException, raw: bytes) -> str:
    r"""What is wrong with `raw`, and after which piece of it; other errors as they say it.

    >>> import orjson
    >>> def told(raw):
    ...     try:
    ...         orjson.loads(raw)
    ...     except orjson.JSONDecodeError as error:
    ...         return in_words(error, raw)
    >>> told(b'{"a": [1, 2}')
    'expected a comma or a closing bracket after “{"a": [1, 2”'
    >>> told(b'{"messages": [{"role": "user", "content": "What is\n')
    'it is cut: a text does not end, after “…er", "content": "What is”'
    """
    if not isinstance(error, JSONDecodeError):
        return str(error)
    text = raw.decode("utf-8", "replace")
    words = next(words for message, words in _WORDS if message in error.msg)
    if error.pos >= len(text.rstrip()):
        words = "a text does not end" if "control character" in error.msg else words
        words = f"it is cut: {words}," if text.strip() else words
    if words == "expected a name in double quotes" and text[error.pos : error.pos + 1] == "'":
        words += ", not in single ones,"
    before = text[: error.pos].rstrip()
    if not before:
        begins = text.strip()[:_SHOWN]
        return f"{words.rstrip(',')}, got “{begins}”" if begins else words.rstrip(",")
    cut = "…" if len(before) > _SHOWN else ""
    return f"{words} after “{cut}{before[-_SHOWN:]}”"


def kind_of(value: object) -> str:
    """What a value of JSON is, in words.

    >>> kind_of([1]), kind_of(True), kind_of(None)
    ('a list', 'true or false', 'null')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    names = {dict: "an object", list: "a list", str: "a text"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "a number")
