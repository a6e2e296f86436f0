"""The owner's Markdown → HTML. Raw HTML stays text; pictures are left out, so that no page
can be made to fetch anything from elsewhere."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict


def _outside_link(
    self: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    environment: MutableMapping[str, Any],
) -> str:
    # Links that leave go straight out, marked and without referrer (P27).
    if not str(tokens[at].attrGet("href") or "").startswith(("/", "#")):
        tokens[at].attrSet("rel", "external noreferrer")
    return self.renderToken(tokens, at, options, environment)


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_inline"])
_MARKDOWN.add_render_rule("link_open", _outside_link)


def render(text: str) -> SafeString:
    """HTML of one text. Headings start at h3: a page has h1 and h2 of its own."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    return mark_safe(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
