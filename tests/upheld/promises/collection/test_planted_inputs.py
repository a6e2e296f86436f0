"""Whatever a page asks undeclared is named, with the lines to add."""

from __future__ import annotations

from pathlib import Path

import pytest
from django import forms
from django.contrib import admin

from tests.upheld.promises.collection.planting import spoken, with_inputs
from upheld.policy import Policy, current
from upheld.promises.collection import DeclaredForm, declared_input
from upheld.promises.collection.form_inputs import form_classes, load_forms
from upheld.promises.collection.input_check import input_findings
from upheld.promises.collection.places import Places
from upheld.promises.collection.template_inputs import (
    COMPUTED,
    RawInput,
    inputs_of,
    template_folders,
    template_inputs,
)
from upheld_store.catalog.models import Plan, Product
from upheld_store.staff.forms import PlanForm

CATALOG = Path(__file__).parents[4] / "src/upheld_store/catalog/templates/catalog/list.html"


def _all_forms() -> list[type[forms.BaseForm]]:
    load_forms()
    return form_classes()


def said(
    *classes: type[forms.BaseForm], raw: list[RawInput] | None = None, policy: Policy | None = None
) -> str:
    """What the check says of the store with these planted in it."""
    there = [*template_inputs(template_folders()), *(raw or [])]
    return spoken(input_findings(policy or current(), [*_all_forms(), *classes], there, Places()))


def test_the_clean_tree_has_no_finding() -> None:
    assert said() == ""
    assert len(_all_forms()) >= 3


class Survey(DeclaredForm):
    key = "survey"
    email = declared_input("order.email")
    color = forms.CharField()


class Unknown(DeclaredForm):
    key = "unknown"
    shoe = declared_input("buyer.shoe_size")


class Plain(forms.Form):
    phone = forms.CharField()


class Nested(DeclaredForm):
    key = "checkout"
    email = declared_input("order.email")


def test_a_form_nobody_declared() -> None:
    text = said(Survey)
    assert "input survey.email is not declared in any inventory" in text
    assert '[inputs.survey]\n    email = "order.email"' in text
    assert 'color = { not_personal = "why" }' in text


def test_an_input_for_a_field_the_policy_does_not_name() -> None:
    text = said(Unknown, policy=with_inputs({("unknown", "shoe"): "buyer.shoe_size"}))
    assert "collects buyer.shoe_size, which the policy does not name" in text


def test_a_personal_field_declared_as_not_personal() -> None:
    text = said(Survey, policy=with_inputs({("survey", "email"): None, ("survey", "color"): None}))
    assert "collects order.email, but its inventory says that it is not personal" in text


def test_an_ordinary_input_for_a_personal_field() -> None:
    declared = {("survey", "email"): "order.email", ("survey", "color"): "order.name"}
    text = said(Survey, policy=with_inputs(declared))
    assert "is an ordinary input, but its inventory says that it collects order.name" in text


def test_an_input_for_another_field() -> None:
    declared = {("survey", "email"): "order.name", ("survey", "color"): None}
    assert "collects order.email, but its" in said(Survey, policy=with_inputs(declared))


def test_a_form_of_django_alone() -> None:
    text = said(Plain)
    assert "Plain.phone is an input of a form that is not a DeclaredForm" in text
    assert "Derive the form from upheld.promises.collection.DeclaredForm" in text
    key = f"{Plain.__module__}.Plain"
    assert "Plain.phone" not in said(Plain, policy=with_inputs({(key, "phone"): None}))


def test_what_a_staff_page_builds_from_columns_is_no_form_of_its_own() -> None:
    facts = {"model": Plan, "form": PlanForm, "can_delete": False}
    rows = type("Rows", (admin.StackedInline,), facts)(Product, admin.AdminSite())
    built = rows.get_formset(None).form
    assert [form.__module__ for form in built.__mro__].count("django.contrib.admin.options") == 1
    assert said() == ""


def test_two_forms_of_one_key() -> None:
    assert "has the key of upheld_store.checkout.forms.CheckoutForm" in said(Nested)


def test_an_input_that_no_page_has_any_more() -> None:
    text = said(policy=with_inputs({("checkout", "fax"): "order.name"}))
    assert "input checkout.fax is declared, but no page has it" in text


def test_a_collection_point_that_asks_nothing() -> None:
    current_forms = current().forms | {"raffle"}
    policy = with_inputs({})
    object.__setattr__(policy, "forms", current_forms)
    assert "raffle is a collection point of the policy" in said(policy=policy)


@pytest.mark.parametrize("markup", [
    '<input type="email" name="email">',
    "<input name=email>",
    '<form>\n<textarea\n {% if a %}rows="2"{% endif %} name="email"></textarea>',
    '<select class="{% if a > 1 %}b{% endif %}" name="email"></select>',
    '{% comment %}<input name="old">{% endcomment %}<button name="email" value="{{ x }}">',
    '{# <input name="old"> #}<INPUT NAME="email" value="{{ a|default:"b" }}">',
])  # fmt: skip
def test_an_input_in_a_template(markup: str) -> None:
    assert [name for _, name in inputs_of(markup)] == ["email"]
    raw = RawInput("catalog/list.html", CATALOG, 7, "email")
    text = said(raw=[raw])
    assert "the input email of catalog/list.html (line 7) is not declared" in text
    assert "catalog/inventory.toml" in text and '[inputs."catalog/list.html"]' in text


def test_what_is_not_sent_is_no_input() -> None:
    assert inputs_of('<input type="text"><button>Go</button>{{ field }}') == []


def test_the_line_of_an_input_survives_comments() -> None:
    text = "{% comment %}\n\n{% endcomment %}\n{# a #}\n<input name='b'>"
    assert inputs_of(text) == [(5, "b")]


def test_a_name_made_on_the_way_is_refused() -> None:
    assert [name for _, name in inputs_of('<input name="{{ prefix }}-mail">')] == ["…-mail"]
    text = said(raw=[RawInput("catalog/list.html", CATALOG, 7, "…-mail")])
    assert "gets its name when the page is made" in text


def test_attributes_made_on_the_way_are_refused() -> None:
    assert inputs_of("<input {{ widget.attributes }}>") == [(1, COMPUTED)]
    assert inputs_of('<input type="text" value="{{ typed }}">') == []


@pytest.mark.parametrize("file", ["part.inc", "form.htm", "noend", "mail.txt"])
def test_a_template_is_read_whatever_it_is_called(file: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text("<input name=ssn>")
    assert [(item.template, item.name) for item in template_inputs([tmp_path])] == [(file, "ssn")]


def test_a_theme_cannot_ask() -> None:
    theme = Path("/srv/store/theme/templates/catalog/list.html")
    text = said(raw=[RawInput("catalog/list.html", theme, 3, "phone")])
    assert "the theme's catalog/list.html asks for phone" in text and "Take the input out" in text
