"""Markdown taken out of the beginning of a text."""

import pytest

from interactions.services.recording.plain_text import without_markup


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Only words, 2 * 3 = 6.", "Only words, 2 * 3 = 6."),
        ("## Answer ##\n**Yes**, *surely*", "Answer\nYes, surely"),
        ("Title\n=====\ntext\n---\nmore", "Title\ntext\nmore"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a · b\n1 · 2"),
        ("a | b\n--- | ---\n1 | 2", "a | b\n1 | 2"),
        ("- one\n- [x] two\n* three\n> so *he* said", "• one\n• two\n• three\nso he said"),
        ("[a link](https://x.example) ![a cat](c.png)", "a link a cat"),
        ("see `f(**x)` and ``a ` b``", "see f(**x) and a ` b"),
        ("one<br>two ~~three~~ \\*four\\*", "one two three *four*"),
        ("**重要**です", "重要です"),
        ("**מודגש** וכן הלאה", "מודגש וכן הלאה"),
        # Code keeps its signs, fenced or not.
        ("```python\n# sum\ndef f(**k): return 2**3\n```\nIt **works**.",
         "# sum\ndef f(**k): return 2**3\nIt works."),
        ("def f(*args, **kw): return x**2 * y**2", "def f(*args, **kw): return x**2 * y**2"),
        (">>> rows[0](a)\n#include <a.h>", ">>> rows[0](a)\n#include <a.h>"),
        ("snake_case __init__ a*b*c", "snake_case __init__ a*b*c"),
        # What is only signs, and what has no end.
        ("---", "---"),
        ("```", "```"),
        ("**not closed", "**not closed"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_signs_go_and_the_words_stay(text: str, plain: str) -> None:
    assert without_markup(text) == plain
