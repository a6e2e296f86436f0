"""An account comes into being with its address shown to be the person's own, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.upheld_store.account import NOW, PASSWORD, Visitor, code_at, letter_at
from upheld.db.purpose import purpose_for_test
from upheld.promises.mail.models import OutboxMail
from upheld_store.customers.mails import render_code
from upheld_store.customers.models import AccountLetter, Customer, LetterDetail, SignIn

pytestmark = pytest.mark.django_db


def test_the_code_opens_the_account_and_signs_in() -> None:
    visitor = Visitor()
    visitor.register("ada@example.com")
    assert visitor.is_signed_in() and Customer.objects.count() == 1
    with purpose_for_test("manage_account"):
        assert not LetterDetail.objects.exists()


def test_nothing_of_an_account_exists_before_the_code() -> None:
    visitor = Visitor()
    page = visitor.ask("ada@example.com")["Location"]
    assert not Customer.objects.exists() and not SignIn.objects.exists()
    assert "session" not in visitor.client.cookies
    assert visitor.client.post(page, {"code": "00000000"}).status_code == 400
    assert not Customer.objects.exists()


def test_five_tries_are_all() -> None:
    visitor = Visitor()
    page = visitor.ask("ada@example.com")["Location"]
    code = code_at(page)
    wrong = "1" * 8 if code != "1" * 8 else "2" * 8
    for _ in range(5):
        visitor.client.post(page, {"code": wrong})
    assert visitor.client.post(page, {"code": code}).status_code == 400


def test_a_code_runs_out_and_works_once() -> None:
    page = Visitor().ask("ada@example.com")["Location"]
    letter = letter_at(page)
    assert not letter.redeem(letter.code(), letter.made_at + timedelta(minutes=15))
    assert letter.redeem(letter.code(), letter.made_at + timedelta(minutes=14))
    assert not letter.redeem(letter.code(), letter.made_at + timedelta(minutes=14))


def test_known_and_unknown_look_alike() -> None:
    Visitor().register("ada@example.com")
    answers = {}
    for email in ("warm-up@example.com", "ada@example.com", "new@example.com"):
        visitor = Visitor()
        with CaptureQueriesContext(connection) as seen:
            first = visitor.ask(email)
            second = visitor.client.get(first["Location"])
        answers[email] = (first.status_code, second.content, len(seen))
    assert answers["ada@example.com"] == answers["new@example.com"]


def test_whoever_has_an_account_gets_a_letter_without_a_code() -> None:
    Visitor().register("ada@example.com")
    letter = letter_at(Visitor().ask("Ada@Example.com")["Location"])
    with purpose_for_test("manage_account"):
        content = render_code(str(letter.pk), NOW)
    assert letter.code() not in content.text + content.html
    assert "has an account already" in content.text and content.to == "ada@example.com"
    # and where the code is known all the same, it opens nothing
    page = f"/account/code/{letter.pk}/"
    assert Visitor().client.post(page, {"code": letter.code()}).status_code == 400
    assert Customer.objects.count() == 1


def test_a_card_number_and_a_short_password_are_refused() -> None:
    visitor = Visitor()
    assert visitor.ask("ada@example.com", "short").status_code == 400
    assert visitor.ask("ada@example.com", "password123").status_code == 400
    assert not AccountLetter.objects.exists() and not OutboxMail.objects.exists()


def test_the_age_question_comes_first() -> None:
    visitor = Visitor()
    del visitor.client.cookies["age"]
    assert b'name="birth_year"' in visitor.client.get("/account/register/").content
    answer = visitor.ask("ada@example.com", PASSWORD)
    assert answer.status_code == 403 and not AccountLetter.objects.exists()


def test_letters_to_one_address_are_few() -> None:
    statuses = [Visitor().ask("ada@example.com").status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
