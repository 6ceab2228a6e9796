"""What is sent of a template that stands over many lines."""

import jinja2
import pytest

from adaptive_site.lib.templates.joining import JoinLines

ENVIRONMENT = jinja2.Environment(autoescape=True, extensions=[JoinLines])


def sent(source: str, **values: object) -> str:
    """The template as it is sent."""
    return ENVIRONMENT.from_string(source).render(values)


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
        ("<p>{{\n  n\n}}\n</p>", "<p>3</p>"),
        ("{# a remark #}\n<p>a > b\n</p>", "<p>a > b</p>"),
    ],
)
def test_line_breaks_are_not_sent(source: str, expected: str) -> None:
    assert sent(source, n=3) == expected


def test_values_are_sent_as_they_are() -> None:
    assert sent("<b>\n  {{ value }}\n</b>", value=" a\n b ") == "<b> a\n b </b>"


def test_a_fault_is_told_by_its_line() -> None:
    with pytest.raises(jinja2.TemplateSyntaxError) as fault:
        ENVIRONMENT.from_string("<b>\n  a\n</b>\n{{ n ]\n")
    assert fault.value.lineno == 4
