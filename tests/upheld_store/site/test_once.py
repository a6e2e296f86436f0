"""What is drawn once for all pages knows nothing of the page it is drawn for."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.context import RequestContext

LOOK = "{% load once %}{% once look as look %}"


def test_it_is_drawn_once_for_each_value() -> None:
    drawn: list[int] = []

    class Shop(tuple[str, ...]):
        def name(self) -> str:
            drawn.append(1)
            return self[0]

    page = Template(LOOK + "<b>{{ look.name }}</b>{% endonce %} {{ visitor }}")
    for visitor in ("ada", "grace"):
        shown = page.render(Context({"look": Shop(["A & B"]), "visitor": visitor}))
        assert shown == f"<b>A &amp; B</b> {visitor}"
    assert len(drawn) == 1
    assert "<b>C</b>" in page.render(Context({"look": Shop(["C"]), "visitor": ""}))
    assert len(drawn) == 2
    for number in range(20):
        page.render(Context({"look": Shop([str(number)])}))
    assert len(page.nodelist[1].drawn) <= 8  # type: ignore[attr-defined]  # the node of the tag


def test_the_page_around_is_not_known_inside(rf: Any) -> None:
    inside = "{{ look }}{{ visitor|default:'nobody' }}{{ request.path|default:'nowhere' }}"
    page = Template(f"{LOOK}{inside}{{% endonce %}}")
    context = RequestContext(rf.get("/orders/secret/"), {"look": "x", "visitor": "ada"})
    context["request"] = rf.get("/orders/secret/")
    assert page.render(context) == "xnobodynowhere"


@pytest.mark.parametrize("words", ["once", "once look", "once look look", "once look as a b"])
def test_any_other_form_is_refused(words: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="endonce"):
        Template(f"{{% load once %}}{{% {words} %}}{{% endonce %}}")
