"""Every visible character of a text is on the page, in its order, whatever Markdown thinks."""

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interactions.web.rendering import markdown
from interactions.web.rendering.preformatted import has_columns
from tests.running.examples import examples

# What Markdown draws instead of writing: bold and struck text, code, headings, quotations, items,
# rules, the lines of tables, and the square brackets around a link's words. Nothing else.
DRAWN = set("*_~`#>|-+:[]!")

FRAGMENTS = [
    "[Alice]: hello", "[1]: https://a.example/x 'title'", "[^1]: note", "[x][1]", "[x]", "[ ] task",
    '```python title="a"', "```", "~~~ sh {1}", "~~~", "    code", "\tcode", "  two", "   three",
    "| a | b |", "|---|:-:|", "| 1 | 2 | 3 \\| 4 | 5", "a | b", "--|--", "---", "===", "* * *",
    "___", "# One ##", "## C#", "####### seven", "#tag", "1. one", "1) one", "007. bond", "- item",
    "* item", "+ item", "2024. A year", "> quote", ">no quote", ">>> print(1)", "> > two",
    "<!-- hidden -->", "<b>tag</b>", "<div hidden>", "&amp; &lt; &#35; &nbsp;",
    "\\* \\_ \\[ \\q \\\\", "end\\", "end  ", "[](https://a.example/)",
    '[words](https://a.example/ö%20?a=1&b=2 "a title")', "[w](<a b> 'c')", "[w](/relative)",
    "[w](javascript:alert(1))", "![alt *x*](https://a.example/p.png)",
    "![](data:image/png;base64,AAAA)", "[![a](https://b.example/c.png)](https://d.example)",
    "<https://a.example/%20x>", "<mailto:a@b.example>", "<a@b.example>", "**bold**", "__strong__",
    "__init__", "*a*", "_a_", "2*3*4", "COUNT(*), SUM(*)", "~~gone~~", "`code`", "`` a`b ``", "``",
    "$x_1$", "$$\nx\n$$", "\\(a\\)", "\\[\na\n\\]", "$5 and $6", "key: value", "  nested: 1",
    "def f(x):", "        return x", "name    age", "bob     3", "+-----+", "|  x  |", "──┐",
    "\u200b", "a\u200bb", "\u202eabc", "\xad", "\ufeff", "😀", "é", "", "", '{"a":1,"a":2}',
    "- - - a", "1. - > nested", "> 1. a", "- ```", "  ```", "***", "**", "*", "_", "!", "[", "](",
    ")",
]  # fmt: skip

lines = st.lists(
    st.sampled_from(FRAGMENTS)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
    | st.text("*_`~#>|-+:[]()!<>\\&$ ab1.\t", max_size=12),
    max_size=12,
).flatmap(
    lambda parts: st.lists(
        st.sampled_from(["\n", "\n", "\n", "\n\n", " ", "", "\n  ", "\n    ", "\r\n"]),
        min_size=len(parts),
        max_size=len(parts),
    ).map(lambda seams: "".join(part + seam for part, seam in zip(parts, seams, strict=True)))
)


def shown(page: str) -> str:
    """The text of a page."""
    return html.unescape(re.sub(r'<[^>"]*(?:"[^"]*"[^>"]*)*>', " ", page))


def missing(text: str, page: str) -> str:
    """The characters of `text` that `page` has not, where the others come in the same order."""
    found, left = "".join(page.split()), []
    at = 0
    for character in "".join(text.split()):
        if at < len(found) and found[at] == character:
            at += 1
        else:
            left.append(character)
    assert at == len(found), f"{found[at : at + 40]!r} is on the page alone"
    return "".join(left)


@given(lines)
@settings(max_examples=examples(400), deadline=None)
@example("> " * 60 + "deep")
@example("- " * 60 + "deep")
@example("1. " * 40 + "[a](b)")
@example("x\n" + "> - " * 30 + "deep\n\ny")
@example("| a |\n|---|\n" + "| 1 " * 40)
@example("[" * 50 + "a" + "](b)" * 50)
@example("*" * 50 + "a" + "*" * 50)
def test_every_visible_character_is_on_the_page_in_order(text: str) -> None:
    page = markdown.render(text)
    assert page is not None
    assert set(missing(text, shown(page))) <= DRAWN


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("[Alice]: hello\n[Bob]: hi", "[Alice]: hello [Bob]: hi"),
        ("as said [1]\n\n[1]: https://a.example", "as said [1] [1]: https://a.example"),
        ("```python file=a.py\nx\n```", "python file=a.py x"),
        ("|a|\n|-|\n|1|2|", "a 1 2"),
        ("[](https://a.example/)", "(https://a.example/)"),
        ("[t](https://a.example/ 'title')", "t (https://a.example/ 'title')"),
        ("![chart](https://a.example/c.png)", "chart (https://a.example/c.png)"),
        ("a &amp; b &#35;", "a &amp; b &#35;"),
        ("<!-- hidden -->", "<!-- hidden -->"),
        ("C:\\_temp\\*", "C:\\_temp\\*"),
        ("Title\n=====\n\ntext", "Title ===== text"),
        ("# C ##", "C ##"),
        ("1. a\n1. b\n5. c", "1. a 1. b 5. c"),
        ("3) a", "3) a"),
        (">100 users", ">100 users"),
        (">>> print(1)\n1", ">>> print(1) 1"),
        ("__init__ and __name__", "__init__ and __name__"),
        ("SELECT COUNT(*), SUM(*)", "SELECT COUNT(*), SUM(*)"),
        ("- [ ] do\n- [x] done", "[ ] do [x] done"),
        ("<https://a.example/%20>", "< https://a.example/%20 >"),
        ("---\ntitle: x\n---", "title: x"),
    ],
)
def test_what_stands_on_the_page(text: str, whole: str) -> None:
    assert shown(str(markdown.render(text))).split() == whole.split()


@pytest.mark.parametrize(
    "text",
    [
        "Area is x**2 + y**2.", "2**3, 4**5 and (a)**n * b[0]**n", "π**2 + ρ**2",
        "rm /tmp/*.log /var/*.log", "src/**/*.py and lib/**/*.ts", "*.txt, *.md", "[*.c, *.h]",
        "C:\\*.txt D:\\*.txt", "SELECT t.*, u.* FROM t", "use .*foo.* here", "/* a */ b /* c */",
        "def f(*args, **kwargs): g(*args, **kwargs)", "char *a, *b; char **c, **d", "*ptr = *q;",
        "* * * * *", "* * * * * /usr/bin/x", "*/5 * * * * x", "0 * * * *", "a\n* * * * *",
        "{*}, {*}", "'*' and '*'", '"*" or "*"', "2 * 3 * 4", "*, *", "a ~~ b ~~ c", "x~~2, y~~3",
        "/~~x and /~~y", "~/a ~/b", "__init__.py and __main__.py", "snake_case_name", "_id, _rev",
        "_.map(_.x)", "foo__bar__baz",
    ],
)  # fmt: skip
def test_operators_globs_and_names_are_no_emphasis(text: str) -> None:
    assert shown(str(markdown.render(text))).split() == text.split()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *it*", "<strong>bold</strong> and <em>it</em>"),
        ("**a**b, (**x**)", "<strong>a</strong>b, (<strong>x</strong>)"),
        ("**Note:** a", "<strong>Note:</strong> a"),
        ("***both***", "<em><strong>both</strong></em>"),
        ("日本**語**です", "日本<strong>語</strong>です"),
        ("**a *b* c.**", "<strong>a <em>b</em> c.</strong>"),
        ("_private_ and ~~gone~~", "<em>private</em> and <s>gone</s>"),
    ],
)
def test_words_between_marks_are_drawn(text: str, html: str) -> None:
    assert markdown.render(text) == f"<p>{html}</p>\n"


@given(st.lists(st.sampled_from("xyn29)]"), min_size=2, max_size=6), st.sampled_from(["*", "**"]))
def test_what_is_between_operands_stays(operands: list[str], operator: str) -> None:
    text = f" {operator}".join(f"{one}{operator}{one}" for one in operands)
    text = text.replace(f" {operator}", " + ")
    assert missing(text, shown(str(markdown.render(text)))) == ""


PYTHON = 'def f(x):\n    if x:\n        return "a"\n\n    return None'
YAML = "services:\n  web:\n    ports:\n      - 80\n    # note\nvolumes:\n  - data"
SQL = "SELECT a,\n       b\n  FROM t\n WHERE c = 1"
TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x()\nValueError: no'
JAVA = "java.lang.Error: x\n\tat a.b(C.java:1)\n\tat d.e(F.java:2)"
TABLE = "name      age\nalice      30\nbob         4"
BOX = "┌───┐\n│ a │\n└───┘"
ART = "+---+---+\n| a | b |\n+---+---+"
SPACED = "function f(n) {\n\n  if (n) return 1\n\n  return f(n - 1)\n}"
TREE = "src\n├── a.py\n└── b.py"


@pytest.mark.parametrize("text", [PYTHON, YAML, SQL, TRACE, JAVA, TABLE, BOX, ART, TREE, SPACED])
def test_indents_and_columns_are_kept(text: str) -> None:
    page = str(markdown.render(f"Look:\n\n{text}\n\nAnd **then**?"))
    assert f">{text}</pre>" in html.unescape(page)
    assert "<strong>then</strong>" in page


@pytest.mark.parametrize(
    "text",
    [
        "Two sentences.  Wide apart.\nAs typists do.  Yes.",
        "Steps:\n  - one\n  - two",
        "- a\n  rest of a\n  - b\n    rest of b",
        "1. one\n   more\n\n   and more\n2. two",
        "**Note:** a\n  hanging indent",
        "> a\n>   b",
        "| a   | b   |\n|-----|-----|\n| 1   | 2   |",
        "Rates:\n| a    | b   |\n|------|-----|\n| 1    | 2   |",
        "A long line " * 20 + "\n  and the rest of it",
        "Roses are red\nViolets are blue",
    ],
)
def test_prose_and_lists_are_no_columns(text: str) -> None:
    assert not has_columns(text.split("\n"))
    assert "<pre" not in str(markdown.render(text))


def test_blanks_within_a_paragraph_are_kept() -> None:
    assert "a  b<br>   c" in str(markdown.render("a  b\n   c **d**"))
