"""The owner's Markdown → HTML, the policy's and the store's. Raw HTML stays text. Pictures are left
out, so that no page can be made to fetch anything from elsewhere. Links that leave are marked."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict


def _link_open(
    self: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    environment: MutableMapping[str, Any],
) -> str:
    target = str(tokens[at].attrGet("href") or "")
    # `//elsewhere.example` leaves, too.
    if not target.startswith(("/", "#", "mailto:", "tel:")) or target.startswith("//"):
        tokens[at].attrSet("rel", "external noreferrer")
    return self.renderToken(tokens, at, options, environment)


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image"])
_MARKDOWN.add_render_rule("link_open", _link_open)


def render(text: str, *, top: int = 4) -> SafeString:
    """HTML of one text. Its headings start at h`top`; a clause's at h4, for its page has the three
    above."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + top - 1, 6)}"
    return SafeString(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def render_inline(text: str) -> SafeString:
    """HTML of a few words, without a paragraph around them."""
    return SafeString(_MARKDOWN.renderInline(text))
