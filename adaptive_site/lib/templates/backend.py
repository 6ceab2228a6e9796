"""Django's backend for Jinja2, which also makes a block of a page alone."""

from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends import jinja2
from django.template.backends.utils import csrf_input_lazy, csrf_token_lazy


class Jinja2(jinja2.Jinja2):
    """Templates of Jinja2; `page.html#rows` is the block `rows` of a page, as htmx swaps it."""

    def from_string(self, template_code: str) -> "Template":
        """A template that is given as text."""
        return Template(super().from_string(template_code).template, self)

    def get_template(self, template_name: str) -> "Template":
        """Read a template, or the block of one that stands behind `#`."""
        name, _, block = template_name.partition("#")
        found = super().get_template(name).template
        block = block.replace("-", "_")
        if block and block not in found.blocks:
            raise TemplateDoesNotExist(template_name, backend=self)
        return Template(found, self, block)


class Template(jinja2.Template):
    """A page, or one block of it."""

    def __init__(self, template: Any, backend: Jinja2, block: str = "") -> None:
        super().__init__(template, backend)
        self.block = block

    def render(
        self, context: dict[str, Any] | None = None, request: HttpRequest | None = None
    ) -> str:
        """The page as text; what the view gives counts more than what all pages are given."""
        given: dict[str, Any] = {}
        if request is not None:
            given |= {
                "request": request,
                "csrf_input": csrf_input_lazy(request),
                "csrf_token": csrf_token_lazy(request),
            }
            for processor in self.backend.template_context_processors:
                given |= processor(request)
        given |= context or {}
        template = self.template
        if not self.block:
            return template.render(given)
        made = template.new_context(given)
        try:
            return template.environment.concat(template.blocks[self.block](made))
        except Exception:  # raised again, told by the template's own lines, as `render` does
            template.environment.handle_exception()
