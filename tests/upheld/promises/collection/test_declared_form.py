"""Inputs are built from declarations, and take nothing that could do harm later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import QueryDict

from tests.upheld.promises.collection.planting import with_inputs
from upheld.policy import Policy, current, install
from upheld.policy.errors import UndeclaredField
from upheld.promises.collection import CleanText, DeclaredForm, declared_input

CARD = "4111 1111 1111 1111"


class Asking(DeclaredForm):
    key = "asking"
    email = declared_input("order.email", label="E-mail address")
    name = declared_input("order.name", label="Name", required=False, help_text="If you like.")
    note = CleanText(lines=True, required=False)


@pytest.fixture(autouse=True)
def _before() -> Iterator[Policy]:
    before = current()
    names = {("asking", "email"): "order.email", ("asking", "name"): "order.name",
             ("asking", "note"): None}  # fmt: skip
    install(with_inputs(names))
    yield before
    install(before)


def asked(**typed: str) -> Asking:
    data = QueryDict(mutable=True)
    data.update({"email": "anna@example.com", **typed})
    return Asking(data)


def test_the_inputs_say_what_they_are_to_browsers_and_ears() -> None:
    page = str(Asking()["email"]) + str(Asking()["name"])
    assert 'type="email"' in page and 'autocomplete="email"' in page and "required" in page
    assert 'autocomplete="name"' in page and 'aria-describedby="id_name_helptext"' in page
    assert 'maxlength="254"' in page and 'maxlength="200"' in page


def test_an_error_is_tied_to_its_input() -> None:
    form = asked(email="anna")
    assert not form.is_valid()
    assert 'aria-invalid="true"' in str(form["email"])
    assert "id_email_error" in str(form["email"])


def test_too_much_is_told_in_plain_words() -> None:
    (told,) = asked(name="x" * 500).errors["name"]
    assert told == "Please shorten this to 200 characters; it has 500."


def test_what_was_typed_is_stripped_and_in_one_spelling() -> None:
    form = asked(name="  Rene\u0301e ")
    assert form.is_valid() and form.cleaned_data["name"] == "Ren\u00e9e"


@pytest.mark.parametrize("name", [
    "a\nBcc: everyone@example.com", "a\r\nX: y", "a\x00b", "a\u2028b", "a\u202egnp.exe", "a\tb",
    "a\x7fb", "x" * 201,
])  # fmt: skip
def test_a_line_break_or_worse_is_refused(name: str) -> None:
    form = asked(name=name)
    assert not form.is_valid() and list(form.errors) == ["name"]


def test_several_lines_are_for_inputs_of_several_lines() -> None:
    form = asked(note="one\r\ntwo\tthree")
    assert form.is_valid() and form.cleaned_data["note"] == "one\ntwo\tthree"
    assert not asked(note="one\x00").is_valid()


@pytest.mark.parametrize("place", ["name", "note"])
@pytest.mark.parametrize("typed", [CARD, CARD.replace(" ", ""), f"please charge {CARD} soon"])
def test_a_card_number_is_refused_and_not_repeated(place: str, typed: str) -> None:
    form = asked(**{place: typed})
    assert not form.is_valid()
    assert "We never take one here" in form.errors[place][0]
    assert "1111" not in form.as_p() and "anna@example.com" in form.as_p()


@pytest.mark.parametrize("typed", ["+1 202-555-0143", "Order 2026-000123", "Anna 3rd"])
def test_what_only_looks_like_one_passes(typed: str) -> None:
    assert asked(name=typed).is_valid()


def test_a_form_whose_input_lost_its_line_does_not_show_itself(_before: Policy) -> None:
    install(_before)
    with pytest.raises(UndeclaredField, match=r"asking\.email"):
        Asking()


def test_a_form_needs_a_key() -> None:
    with pytest.raises(TypeError, match="needs a `key`"):
        type("Nameless", (DeclaredForm,), {"__module__": __name__})


def test_a_subclass_may_add_inputs_but_not_undeclared_ones() -> None:
    class More(Asking):
        phone = declared_input("order.email")

    with pytest.raises(UndeclaredField, match=r"asking\.phone"):
        More()


@pytest.mark.parametrize("put", [CleanText(), declared_input("order.email")])
def test_an_input_put_in_later_is_neither_shown_nor_taken(put: CleanText) -> None:
    form, shown = asked(phone="1"), Asking()
    for each in (form, shown):
        each.fields["phone" if isinstance(put, CleanText) else "note"] = put
    with pytest.raises(UndeclaredField, match=r"input asking\.(phone|note)"):
        form.is_valid()
    with pytest.raises(UndeclaredField):
        str(shown)
