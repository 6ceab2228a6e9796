"""Markdown as HTML that is safe to show, whoever wrote it.

Three walls: the parser takes no HTML and makes none but its own; nh3 then lets only a short list
of tags, classes and addresses through; the page's content policy runs nothing inline.
"""

from collections.abc import Sequence
from hashlib import sha256

import nh3
from django.core.cache import cache
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from interactions.web.rendering.formulas import add_math
from interactions.web.rendering.highlighting import CODE_CLASSES, highlighted
from interactions.web.rendering.markdown_rules import DEEPEST_BLOCK, add_rules
from interactions.web.rendering.preformatted import WIDEST_LINE, add_columns

LONGEST_MARKDOWN = 50_000  # characters; longer text is shown as it is
CACHE_VERSION = 4  # of what comes out, so that a new release does not show an old one's cache
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
        # What may scroll sideways can be reached by keyboard.
        "pre": {"tabindex"},
        "div": {"tabindex"},
    },
    allowed_classes={
        "span": {*CODE_CLASSES, "unloaded", "target", "marker"},
        "pre": {"code", "math", "plain", "wide"},
        "code": {"math"},
        "td": {"center", "right"},
        "th": {"center", "right"},
        "div": {"scroll"},
        "p": {"heading", "info", *_SIZES},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noreferrer noopener",
    generic_attribute_prefixes=set(),
)


def render(text: str) -> SafeString | None:
    """`text` as safe HTML; None when it is too long to be parsed."""
    if len(text) > LONGEST_MARKDOWN:
        return None
    key = f"markdown:{CACHE_VERSION}:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
    html: str | None = cache.get(key)
    if html is None:
        html = _CLEANER.clean(_markdown.render(text))
        cache.set(key, html, _A_DAY)
    return mark_safe(html)  # only ever what was cleaned


def _image(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Never loaded: its words and its address, as a link where there is something to link."""
    token = tokens[at]
    address = str(token.attrGet("src") or "")
    words = f"{escape(token.content)}{_target(self, [token], 0, options, env)}"
    if address.lower().startswith(("http://", "https://")):
        words = f'<a href="{escape(address)}">{words}</a>'
    return f'<span class="unloaded">{words}</span>'


def _target(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Where a link leads, with its title, as it was written."""
    said = tokens[at].meta.get("target") or tokens[at].content
    return f'<span class="target">{escape(said)}</span>'


def _link_open(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[at].attrSet("title", str(tokens[at].attrGet("href") or ""))
    return self.renderToken(tokens, at, options, env)


def _break(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    return "<br>"  # without a newline, which would be another where blanks are kept


def _item(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """A list item with the number that the text has, whatever a browser would count."""
    token = tokens[at]
    if not token.info:
        return "<li>"
    return f'<li><span class="marker">{escape(token.info + token.markup)}</span>'


def _plain(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    text = tokens[at].content
    kind = "plain wide" if max(map(len, text.split("\n"))) > WIDEST_LINE else "plain"
    return f'<pre class="{kind}" tabindex="0">{escape(text)}</pre>'


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
    info = tokens[at].info.strip()
    code = highlighted(tokens[at].content, info.split(maxsplit=1)[0] if info else "")
    label = f'<p class="info">{escape(info)}</p>' if info else ""
    return f'{label}<pre class="code" tabindex="0"><code>{code}</code></pre>'


def _around_table(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    return (
        '<div class="scroll" tabindex="0"><table>' if tokens[at].nesting == 1 else "</table></div>"
    )


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST_BLOCK})
    made.enable(["table", "strikethrough"])
    add_math(made)
    add_rules(made)
    add_columns(made)
    rules = {
        "image": _image, "link_open": _link_open, "target": _target, "hardbreak": _break,
        "list_item_open": _item, "plain_text": _plain, "heading_open": _heading,
        "heading_close": _heading, "math_inline": _math, "math_block": _math, "fence": _code,
        "code_block": _code, "table_open": _around_table, "table_close": _around_table,
    }  # fmt: skip
    for name, rule in rules.items():
        made.add_render_rule(name, rule)
    return made


_markdown = _parser()
