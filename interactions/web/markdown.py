"""Markdown as HTML that is safe to show, whoever wrote it.

Three walls: the parser takes no HTML and makes none but its own; nh3 then lets only a short list
of tags, classes and addresses through; the page's content policy runs nothing inline.
"""

import re
from collections.abc import Sequence
from hashlib import sha256

import nh3
from django.core.cache import cache
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from .highlighting import CLASSES, highlighted
from .mathrules import add_math

MAX_LENGTH = 50_000  # characters; longer text is shown as it is
VERSION = 2  # of what comes out, so that a new release does not show an old one's cache
_A_DAY = 24 * 3600
_SIZES = ("one", "two", "three", "four", "five", "six")  # classes of headings

_TAGS = {
    "a", "blockquote", "br", "code", "del", "div", "em", "hr", "li", "ol", "p", "pre", "s",
    "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={
        "a": {"href", "title"},
        "ol": {"start"},
        # What may scroll sideways can be reached by keyboard.
        "pre": {"tabindex"},
        "div": {"tabindex"},
    },
    allowed_classes={
        "span": {*CLASSES, "unloaded"},
        "pre": {"code", "math"},
        "code": {"math"},
        "td": {"center", "right"},
        "th": {"center", "right"},
        "div": {"scroll"},
        "p": {"heading", *_SIZES},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noreferrer noopener",
    generic_attribute_prefixes=set(),
)


def render(text: str) -> SafeString | None:
    """`text` as safe HTML; None when it is too long to be parsed."""
    if len(text) > MAX_LENGTH:
        return None
    key = f"markdown:{VERSION}:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
    html: str | None = cache.get(key)
    if html is None:
        html = _CLEANER.clean(_markdown.render(text))
        cache.set(key, html, _A_DAY)
    return mark_safe(html)  # only ever what was cleaned


def _literal_star(state: StateInline, silent: bool) -> bool:
    """A star between two letters or digits of ASCII is one: `2*3*4` loses nothing."""
    at, text = state.pos, state.src
    if text[at] != "*" or not 0 < at < state.posMax - 1:
        return False
    if not re.fullmatch(r"[A-Za-z0-9)\]][*][A-Za-z0-9(<\[]", text[at - 1 : at + 2], re.ASCII):
        return False
    if not silent:
        state.pending += "*"
    state.pos += 1
    return True


def _image(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Never loaded: a link that says what it is, or its words where there is nothing to link."""
    token = tokens[at]
    address = str(token.attrGet("src") or "")
    words = escape(token.content or "image")
    if address.lower().startswith(("http://", "https://")):
        return f'<a href="{escape(address)}">{words}</a> <span class="unloaded">(image)</span>'
    return f'{words} <span class="unloaded">(image)</span>'


def _link_open(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[at].attrSet("title", str(tokens[at].attrGet("href") or ""))
    return self.renderToken(tokens, at, options, env)


def _cell(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Alignment by class: the page's content policy forbids the style attribute."""
    style = str(tokens[at].attrs.pop("style", ""))
    if side := style.removeprefix("text-align:").strip():
        tokens[at].attrSet("class", side)
    return self.renderToken(tokens, at, options, env)


def _heading(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """A paragraph that looks like one: the text's headings are not the page's."""
    size = _SIZES[int(tokens[at].tag[1]) - 1]
    return f'<p class="heading {size}">' if tokens[at].nesting == 1 else "</p>\n"


def _math(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    tag = tokens[at].tag
    return f'<{tag} class="math">{escape(tokens[at].content)}</{tag}>'


def _code(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    language = tokens[at].info.strip().split(maxsplit=1)
    code = highlighted(tokens[at].content, language[0] if language else "")
    return f'<pre class="code" tabindex="0"><code>{code}</code></pre>'


def _around_table(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    return (
        '<div class="scroll" tabindex="0"><table>' if tokens[at].nesting == 1 else "</table></div>"
    )


def _parser() -> MarkdownIt:
    # A line break stays one: models and people write them to be seen.
    made = MarkdownIt("commonmark", {"html": False, "breaks": True})
    made.enable(["table", "strikethrough"])
    made.inline.ruler.before("emphasis", "literal_star", _literal_star)
    add_math(made)
    rules = {
        "image": _image, "link_open": _link_open, "th_open": _cell, "td_open": _cell,
        "heading_open": _heading, "heading_close": _heading, "math_inline": _math,
        "math_block": _math, "fence": _code, "code_block": _code, "table_open": _around_table,
        "table_close": _around_table,
    }  # fmt: skip
    for name, rule in rules.items():
        made.add_render_rule(name, rule)
    return made


_markdown = _parser()
