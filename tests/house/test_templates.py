"""Templates parse, and hold nothing that the content security policy would stop."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template import engines

from tests.house.files import ROOT, name_of, named

TEMPLATES = [path for path in named(".html") if "templates" in path.parts]
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
REMOTE = re.compile(r"(?:https?:)?//")


class Marks(HTMLParser):
    """Collects what is not allowed in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        given = dict(attrs)
        where = f"line {self.getpos()[0]}: <{tag}"
        self.faults += [f"{where} {name}=>" for name in given if name.startswith("on")]
        if "style" in given or tag == "style":
            self.faults.append(f"{where} style>")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.faults.append(f"{where}> is inline")
        loads = given.get("src") or (given.get("href") if tag == "link" else None) or ""
        if REMOTE.match(loads) or loads.startswith("javascript:"):
            self.faults.append(f"{where}> loads {loads}")
        self.faults += [f"{where} hx-get> has no href" for _ in self._htmx_alone(tag, given)]

    @staticmethod
    def _htmx_alone(tag: str, given: dict[str, str | None]) -> list[str]:
        return ["a"] if tag == "a" and "hx-get" in given and "href" not in given else []


def faults_of(text: str) -> list[str]:
    marks = Marks()
    # A template's own tags may stand where HTML allows none.
    marks.feed(TAG.sub(lambda tag: "\n" * tag[0].count("\n"), text))
    return marks.faults


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_template_parses(path: Path) -> None:
    folder = next(parent for parent in path.parents if parent.name == "templates")
    engine = "jinja2" if folder == ROOT / "templates" else "django"  # that of the admin console
    engines[engine].get_template(path.relative_to(folder).as_posix())


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_template_holds_inline_script_or_style(path: Path) -> None:
    assert not faults_of(path.read_text("utf-8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_comments_in_templates_are_not_sent(path: Path) -> None:
    assert "<!--" not in path.read_text("utf-8")


def test_no_stylesheet_loads_from_elsewhere() -> None:
    remote = re.compile(r"url\(\s*['\"]?(?:https?:)?//|@import")
    css = [path for path in named(".css") if ROOT / "static" in path.parents]
    assert not [name_of(path) for path in css if remote.search(path.read_text("utf-8"))]


def test_the_reader_of_marks_sees_them() -> None:
    assert faults_of('<p style="x">') and faults_of("<b onclick=x>") and faults_of("<script>")
    assert faults_of('<script src="//a">') and faults_of("<style>") and faults_of("<a hx-get=x>")
    assert not faults_of('<script src="{% static "a.js" %}" {% if x > 1 %}async{% endif %}>')


# A time as the person's clock says it; `iso_time` is for programs.
LOCAL = re.compile(r"\|date\(")


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_time_of_a_persons_zone_is_called_utc(path: Path) -> None:
    text = path.read_text()
    assert "UTC" not in text or not LOCAL.search(text), "say {{ zone }}"
