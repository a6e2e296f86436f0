"""`{% once site.look as look %}…{% endonce %}`: a part of every page, drawn anew only when what it
is about has changed."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from django import template
from django.utils.safestring import SafeString

register = template.Library()
_KEPT_MAX = 8


class _Once(template.Node):
    """Keeps what was drawn, by the value that it was drawn from."""

    def __init__(self, value: Any, name: str, nodelist: template.NodeList) -> None:
        self.value, self.name, self.nodelist = value, name, nodelist
        self.drawn: dict[Hashable, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        """Nothing of the page around is known inside, neither a variable nor the request: what
        one visitor sees cannot stay for the next."""
        value = self.value.resolve(context)
        found = self.drawn.get(value)
        if found is None:
            alone = template.Context({self.name: value}, autoescape=context.autoescape)
            with alone.bind_template(context.template):  # type: ignore[arg-type]  # never None here
                found = self.nodelist.render(alone)
            if len(self.drawn) >= _KEPT_MAX:
                self.drawn.clear()
            self.drawn[value] = found
        return found


@register.tag
def once(parser: Any, token: Any) -> _Once:
    """Raises `TemplateSyntaxError` for any other form than `once VALUE as NAME`."""
    words = token.split_contents()
    if len(words) != 4 or words[2] != "as":
        raise template.TemplateSyntaxError("It is {% once VALUE as NAME %} … {% endonce %}.")
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return _Once(parser.compile_filter(words[1]), words[3], nodelist)
