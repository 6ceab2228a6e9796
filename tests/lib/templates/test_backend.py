"""Pages and their blocks, as views ask for them."""

import pytest
from django.http import HttpRequest
from django.template import TemplateDoesNotExist, engines
from django.template.loader import render_to_string
from django.test import RequestFactory


@pytest.fixture
def request_of_a_page() -> HttpRequest:
    return RequestFactory().get("/")


def rendered(source: str, **values: object) -> str:
    return str(engines["jinja2"].from_string(source).render(values))


def test_a_block_of_a_page_is_made_alone() -> None:
    whole = "interactions/go.html"
    assert engines["jinja2"].get_template(f"{whole}#destinations").render({"page": None}) == (
        '<p class="muted" role="status">No page, action, saved view or project has that name.</p>'
    )


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(TemplateDoesNotExist):
        render_to_string("nothing.html")
    with pytest.raises(TemplateDoesNotExist, match="nothing.html"):
        render_to_string("nothing.html#rows")
    with pytest.raises(TemplateDoesNotExist, match="go.html#nothing"):
        render_to_string("interactions/go.html#nothing")


@pytest.mark.parametrize("text", ["<b>", "a & b", "\"'", "</script>", "{{ 7 * 7 }}"])
def test_values_are_escaped_and_never_read_as_a_template(text: str) -> None:
    made = rendered('<a title="{{ text }}">{{ text }}</a>', text=text)
    assert "<b>" not in made and "</script>" not in made and "49" not in made
    assert made.count('"') == 2 and "'" not in made


def test_what_a_view_gives_counts_more_than_what_all_pages_are_given(
    request_of_a_page: HttpRequest,
) -> None:
    page = engines["jinja2"].from_string("{{ zone }} {{ zone_name }}")
    assert page.render({"zone": "here"}, request_of_a_page) == "here UTC"


def test_what_is_missing_is_nothing() -> None:
    assert rendered("{{ page.links.none }}{% if page.none %}a{% endif %}.") == "."
