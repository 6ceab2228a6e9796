"""Markdown, code and turns: nothing dangerous comes out, nothing that was said is lost."""

import time

import pytest

from interactions.models import Interaction
from interactions.services.browsing import rows
from interactions.web.rendering import markdown
from interactions.web.rendering.highlighting import highlighted
from interactions.web.rendering.json_blocks import (
    CHARACTERS_FORMATTED,
    PIECE_LENGTH,
    Data,
    pieces,
)
from interactions.web.rendering.text_parts import TextPart
from interactions.web.rendering.turns import AddressPart, ImagePart, Turn, turns_of
from projects.models import Project
from tests import make

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "![x](https://tracker.example/p.png)",
    '[x](https://a.example "\\" onmouseover=alert(1) x=\\"")',
    '```"><script>alert(1)</script>\nx\n```',
    "```html\n<script>alert(1)</script>\n```",
    "$<script>alert(1)</script>$",
    "$$\n<img src=x onerror=alert(1)>\n$$",
    "<style>body{display:none}</style>",
    "| a |\n|:-:|\n| <b onclick=alert(1)>x</b> |",
    '<https://a.example/"onmouseover=alert(1)>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "```<script>alert(1)</script> onclick=x\ny\n```",
    '~~~" onmouseover=alert(1) x="\ny\n~~~',
    '[x](https://a.example "<img src=x onerror=alert(1)>")',
    "![<script>alert(1)</script>](https://a.example/p.png '<style>')",
    "[](javascript:alert(1))",
    "a   <script>alert(1)</script>\nb   <img src=x onerror=alert(1)>\nc   d",
    "def f():\n  '\"><script>alert(1)</script>'",
    "|a|\n|-|\n|1|<script>alert(1)</script>|",
    "<https://a.example/?x=<script>>",
    "1. <script>alert(1)</script>",
    "\\<script>alert(1)\\</script>",
]


def rendered(text: str) -> str:
    html = markdown.render(text)
    assert html is not None
    return str(html)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_script_style_handler_or_loaded_address_comes_out(text: str) -> None:
    html = rendered(text)
    inside_tags = " ".join(part.split(">", 1)[0] for part in html.split("<")[1:]).lower()
    for word in ("script", "style", "img", "onerror=", "javascript:", "data:", "src="):
        assert word not in inside_tags, html
    # What is left of "onmouseover" is inside a quoted title or address.
    assert not any(name.startswith("on") for name in inside_tags.replace('"', " ").split()[:1])


def test_html_is_shown_as_text() -> None:
    assert "&lt;b&gt;not bold&lt;/b&gt;" in rendered("<b>not bold</b>")


def test_special_tokens_and_replacement_characters_stay_visible() -> None:
    assert "&lt;|endoftext|&gt;&lt;/s&gt; \ufffd" in rendered("done<|endoftext|></s> \ufffd")


def test_links_leave_no_trace_and_say_where_they_lead() -> None:
    html = rendered("[a](https://a.example/?x=1&y=2)")
    assert 'rel="noreferrer noopener"' in html
    assert 'title="https://a.example/?x=1&amp;y=2"' in html
    assert "target=" not in html


def test_a_relative_link_is_no_link() -> None:
    assert "href" not in rendered("[a](/admin/logout/)")


def test_an_image_becomes_a_link() -> None:
    html = rendered("![chart](https://a.example/p.png)")
    assert "<img" not in html
    assert '<a href="https://a.example/p.png"' in html
    assert "chart" in html


@pytest.mark.parametrize(
    "formula",
    [
        r"$a_1 * b_2 * c_3$",
        r"\(a_b*c*d\)",
        r"\[ \frac{1}{2} \]",
        r"$\{x\}$",
        "$$\nx_1 = 2 \\\\\n= 3_4\n$$",
        "\\[ a_1\n- b_2\n\\]",
    ],
)
def test_a_formula_keeps_every_letter(formula: str) -> None:
    html = rendered(f"before\n\n{formula}\n\nafter")
    assert formula.replace("&", "&amp;") in html
    assert 'class="math"' in html


def test_prices_are_no_formula() -> None:
    assert "math" not in rendered("It costs $5 and then $6.")


def test_a_star_between_digits_is_kept() -> None:
    assert "12*5=&lt;&lt;12*5=60&gt;&gt;60" in rendered("12*5=<<12*5=60>>60")


def test_bold_within_japanese_is_bold() -> None:
    assert "<strong>重要</strong>" in rendered("これは**重要**です")


def test_alignment_is_a_class_and_not_a_style() -> None:
    html = rendered("| a |\n|--:|\n| 1 |")
    assert '<td class="right">' in html
    assert "style" not in html


def test_text_beyond_the_cap_is_not_parsed() -> None:
    assert markdown.render("a" * (markdown.LONGEST_MARKDOWN + 1)) is None


@pytest.mark.parametrize(
    "part",
    ["[", "*a_ ", "[a](", "<", "![", "\\(", "\\[\n", "$$\n", "$a ", ">", "- ", "a**b", "```\n"],
)
def test_no_text_takes_long_to_read(part: str) -> None:
    text = (part * markdown.LONGEST_MARKDOWN)[: markdown.LONGEST_MARKDOWN]
    start = time.thread_time()
    rendered(text)
    assert time.thread_time() - start < 3  # a fraction of it, but for machines under load


def test_code_is_coloured_and_unchanged() -> None:
    html = highlighted("\n\ndef f():\n\treturn '<b>'\n\n", "python")
    assert html.startswith("\n\n")
    assert '<span class="c-keyword">def</span>' in html
    assert "&lt;b&gt;" in html


def test_code_in_an_unknown_language_is_only_escaped() -> None:
    assert highlighted("<b>", "nonsense") == "&lt;b&gt;"


def test_pieces_hold_the_whole_text() -> None:
    text = "\n".join(f"line {number}" for number in range(10_000))
    made = pieces(text)
    assert len(made) > 2
    assert max(map(len, made)) <= PIECE_LENGTH
    assert "\n".join(made) == text
    assert "".join(pieces("x" * 50_000)) == "x" * 50_000


def turns(project: Project, interaction: Interaction, *, is_raw: bool = False) -> list[Turn]:
    return turns_of(project, rows.whole(project, interaction.id), is_raw=is_raw)


def test_parts_come_in_the_order_the_model_saw_them(project: Project) -> None:
    picture = make.data_uri(make.make_image())
    message = {
        "role": "user",
        "name": "c42",
        "content": [
            {"type": "text", "text": "this"},
            {"type": "image_url", "image_url": {"url": picture, "detail": "low"}},
            {"type": "text", "text": "or that"},
            {"type": "image_url", "image_url": "https://a.example/p.png"},
        ],
    }
    made = turns(project, make.make_interaction(project, messages=[message]))
    assert [turn.role for turn in made] == ["user", "assistant"]
    assert made[0].name == "c42"
    assert [type(part) for part in made[0].parts] == [TextPart, ImagePart, TextPart, AddressPart]
    assert isinstance(made[0].parts[1], ImagePart)
    assert made[0].parts[1].detail == "low"


def test_tool_calls_and_results_are_laid_out_as_json(project: Project) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}}
    messages = [
        {"role": "assistant", "content": None, "tool_calls": [call], "refusal": "none"},
        {"role": "tool", "tool_call_id": "c1", "content": '{"b":2}'},
    ]
    asked, answered, _ = turns(project, make.make_interaction(project, messages=messages))
    assert [part.name for part in asked.parts if isinstance(part, Data)] == [
        "look",
        "also in this message",
    ]
    assert isinstance(asked.parts[0], Data)
    assert asked.parts[0].pieces == ['{\n  "a": 1\n}']
    assert isinstance(answered.parts[0], Data)
    assert answered.call is asked.parts[0]
    assert asked.parts[0].result == answered.anchor != ""
    assert asked.parts[0].anchor not in ("", answered.anchor)


def test_tool_calls_written_as_text_are_laid_out_too(project: Project) -> None:
    text = '{"tool_calls": [{"name": "look", "arguments": "{\\"a\\":1}"}]}'
    _, answered = turns(project, make.make_interaction(project, completion=text))
    (part,) = answered.parts
    assert isinstance(part, Data)
    assert (part.name, part.preview, part.pieces) == ("look", "a: 1", ['{\n  "a": 1\n}'])


def test_malformed_tool_calls_are_shown_as_they_are(project: Project) -> None:
    messages = [
        {"role": "assistant", "content": "a", "tool_calls": "no list"},
        {"role": "assistant", "content": "b", "tool_calls": [1, {"function": {"arguments": [2]}}]},
    ]
    first, second, _ = turns(project, make.make_interaction(project, messages=messages))
    assert len(first.parts) == 2
    assert len(second.parts) == 3


def test_raw_text_is_letter_for_letter(project: Project) -> None:
    interaction = make.make_interaction(project, "**bold**", '{"a":1}')
    asked, answered = turns(project, interaction, is_raw=True)
    for turn, text in ((asked, "**bold**"), (answered, '{"a":1}')):
        (part,) = turn.parts
        assert isinstance(part, TextPart)
        assert (part.html, part.pieces) == (None, [text])


def test_a_long_system_prompt_is_folded_and_a_short_one_is_not(project: Project) -> None:
    long, short = (
        turns(
            project,
            make.make_interaction(
                project,
                messages=[
                    {"role": "system", "content": prompt},
                    {"role": "user", "content": "hi"},
                ],
            ),
        )[0]
        for prompt in ("Be kind.\n" * 50, "Be kind.")
    )
    assert long.summary.startswith("Be kind. Be kind.")
    assert short.summary == ""


def test_only_so_much_of_a_conversation_is_read_as_markdown_and_the_end_of_it_first(
    project: Project,
) -> None:
    text = "**bold** " * 5000
    messages = [{"role": "user", "content": text} for _ in range(15)]
    made = turns(project, make.make_interaction(project, completion=text, messages=messages))
    parts = [part for turn in made for part in turn.parts if isinstance(part, TextPart)]
    formatted = [part.html is not None for part in parts]
    assert formatted == [False] * (16 - CHARACTERS_FORMATTED // len(text)) + [True] * (
        CHARACTERS_FORMATTED // len(text)
    )
    assert all(part.pieces or part.html for part in parts)


def test_only_so_much_json_is_laid_out(project: Project) -> None:
    deep = "[" * 900 + "]" * 900
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": deep}}
    messages = [{"role": "assistant", "content": deep, "tool_calls": [call]} for _ in range(200)]
    made = turns(project, make.make_interaction(project, messages=messages))
    shown = sum(
        len(piece)
        for turn in made
        for part in turn.parts
        if isinstance(part, Data | TextPart)
        for piece in part.pieces
    )
    assert shown < 4_000_000


def test_hostile_markdown_costs_no_square() -> None:
    def cost(unit: str, size: int) -> float:
        started = time.process_time()
        markdown._markdown.render(unit * (size // len(unit)) + "x")
        return time.process_time() - started

    for unit in ("> a\n# b\n", "__a", "(\n\n  a\n\n", "|-"):
        # Squares are squares each time; what else runs on the machine is not.
        assert any(cost(unit, 48_000) < 8 * max(cost(unit, 12_000), 0.1) for _ in range(3)), unit
