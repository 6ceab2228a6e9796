"""What `{% oneline %}` sends of a template that stands over many lines."""

import pytest
from django.template import Context, Template


def sent(source: str, **values: object) -> str:
    """The template as it is sent, with the tag at its top."""
    return Template("{% oneline %}\n" + source).render(Context(values))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<b>\n  a\n</b>\n\n<i>b</i>\n", "<b>a</b><i>b</i>"),
        ("<b>a</b> <i>b</i>", "<b>a</b> <i>b</i>"),
        ("some words\n  over lines", "some words over lines"),
        ("{{ n }}\n  of {{ n }}\n  {{ n }}", "3 of 3 3"),
        ("{% if n %}\n  a\n{% else %}\n  b\n{% endif %}\n.", "a."),
        ('a{{ " " }}\n<b>b</b>\n{{ " " }}c', "a <b>b</b> c"),
        ('<a\n  class="x"\n  {% if n %}hidden{% endif %}>\n  b\n</a>', '<a class="x" hidden>b</a>'),
        (
            '<a title="\n  {{ n }} of\n  four{% if n %}\n  , so\n{% endif %}\n">b</a>',
            '<a title="3 of four, so">b</a>',
        ),
        ("<pre>a\n  {{ n }}\n</pre>\n<b>c</b>", "<pre>a\n  3\n</pre><b>c</b>"),
        ('<textarea\n  rows="2">\n a</textarea>', '<textarea rows="2">\n a</textarea>'),
        ("{# a remark #}\n<p>a > b\n</p>", "<p>a > b</p>"),
    ],
)
def test_line_breaks_are_not_sent(source: str, expected: str) -> None:
    assert sent(source, n=3) == expected


def test_values_are_sent_as_they_are() -> None:
    assert sent("<b>\n  {{ value }}\n</b>", value=" a\n b ") == "<b> a\n b </b>"


def test_what_stands_above_the_tag_keeps_its_lines() -> None:
    assert Template("a\n<b>\n{% oneline %}\n</b>").render(Context()) == "a\n<b>\n</b>"


def test_nothing_is_left_to_do_when_a_page_is_made() -> None:
    template = Template("{% oneline %}\n{% if n %}\n  {{ n }}\n{% endif %}\n")
    assert len(template.nodelist) == 2
