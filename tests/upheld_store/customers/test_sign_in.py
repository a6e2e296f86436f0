"""Signing in tells nothing about anyone, and what keeps a person signed in ends when it must."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.upheld_store.account import PASSWORD, Visitor, code_at
from upheld.db.purpose import purpose_for_test
from upheld.promises.transport import visits
from upheld_store.customers import backend
from upheld_store.customers.models import Customer, RateCount, SignIn

pytestmark = pytest.mark.django_db
EMAIL = "ada.canary@example.com"


@pytest.fixture
def ada() -> Visitor:
    visitor = Visitor()
    visitor.register(EMAIL)
    return visitor


def test_signing_in_changes_the_session_key(ada: Visitor) -> None:
    other = Visitor()
    other.client.cookies["session"] = "fixed-by-someone-else-0123456789"
    assert other.sign_in(EMAIL)["Location"] == "/account/"
    assert other.client.cookies["session"].value != "fixed-by-someone-else-0123456789"
    assert other.is_signed_in()


def test_wrong_password_and_unknown_address_look_alike(ada: Visitor) -> None:
    answers = {}
    for email in ("warm-up@example.com", EMAIL, "nobody-here.canary@example.com"):
        with CaptureQueriesContext(connection) as seen:
            answer = Visitor().sign_in(email, "not the password")
        page = answer.content.decode().replace(email, "…")
        answers[email] = (answer.status_code, page, len(seen))
    assert answers[EMAIL] == answers["nobody-here.canary@example.com"]


def test_an_unknown_address_costs_a_digest_and_only_a_proof_of_ours_goes_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []
    monkeypatch.setattr(backend, "make_password", made.append)
    form = {"email": "nobody.canary@example.com", "password": "not the password"}
    Visitor().client.post("/account/login/", form, headers={"upheld.own_visit": "1"})
    assert made == ["not the password"]
    assert visits.Visitor().post("/account/login/", form).status == 400
    assert made == ["not the password"]


def test_signing_out_ends_the_session_for_whoever_copied_it(ada: Visitor) -> None:
    thief = Visitor()
    thief.client.cookies["session"] = ada.client.cookies["session"].value
    assert thief.is_signed_in()
    answer = ada.client.post("/account/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not thief.is_signed_in() and not SignIn.objects.exists()


def test_signing_out_needs_a_post(ada: Visitor) -> None:
    ada.client.get("/account/logout/")
    assert ada.is_signed_in()


def test_a_new_password_ends_every_other_session(ada: Visitor) -> None:
    other = Visitor()
    other.sign_in(EMAIL)
    again = ada.client.get("/account/password/")["Location"]
    assert again.startswith("/account/login/again/")
    ada.client.post(again, {"password": PASSWORD})
    answer = ada.client.post("/account/password/", {"password": "another calm heron"})
    assert answer.status_code == 302, answer.content
    assert ada.is_signed_in() and not other.is_signed_in()
    assert Visitor().sign_in(EMAIL).status_code == 400
    assert Visitor().sign_in(EMAIL, "another calm heron").status_code == 302


def test_a_forgotten_password(ada: Visitor) -> None:
    visitor = Visitor()
    page = visitor.client.post("/account/password/reset/", {"email": EMAIL})["Location"]
    form = {"code": code_at(page), "password": "another calm heron"}
    assert b"is set" in visitor.client.post(page, form).content
    assert not ada.is_signed_in()
    assert visitor.sign_in(EMAIL, "another calm heron").status_code == 302


def test_asking_for_a_password_looks_alike(ada: Visitor) -> None:
    answers = {}
    for email in ("warm-up@example.com", EMAIL, "nobody@example.com"):
        with CaptureQueriesContext(connection) as seen:
            answer = Visitor().client.post("/account/password/reset/", {"email": email})
        answers[email] = (answer.status_code, len(seen))
    assert answers[EMAIL] == answers["nobody@example.com"]


def test_sign_out_everywhere_else(ada: Visitor) -> None:
    other = Visitor()
    other.sign_in(EMAIL)
    page = ada.client.get("/account/security/").content.decode()
    assert page.count("<li>Since") == 2 and "127.0.0.1" not in page
    ada.client.post("/account/security/sign-out-everywhere/")
    assert ada.is_signed_in() and not other.is_signed_in()


def test_tries_are_limited_and_nobody_is_locked_out(ada: Visitor) -> None:
    for _ in range(20):
        Visitor().sign_in(EMAIL, "not the password")
    assert "very often" in Visitor().sign_in(EMAIL).content.decode()
    assert ada.is_signed_in()
    RateCount.objects.all().delete()
    assert Visitor().sign_in(EMAIL).status_code == 302


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(ada: Visitor, target: str) -> None:
    visitor = Visitor()
    answer = visitor.client.post(
        f"/account/login/?next={target}", {"email": EMAIL, "password": PASSWORD}
    )
    assert answer["Location"] == "/account/"


def test_another_site_signs_nobody_in(ada: Visitor) -> None:
    form = {"email": EMAIL, "password": PASSWORD}
    answer = Visitor().client.post(
        "/account/login/",
        form,
        HTTP_SEC_FETCH_SITE="cross-site",
        HTTP_ORIGIN="https://evil.example",
    )
    assert answer.status_code == 403 and "session" not in answer.cookies


def test_public_pages_know_nobody_who_is_signed_in(ada: Visitor) -> None:
    signed_in = ada.client.get("/privacy/")
    assert signed_in.content == Visitor().client.get("/privacy/").content
    assert not signed_in.cookies and "Cookie" not in signed_in.get("Vary", "")


def test_the_account_is_kept_by_no_cache(ada: Visitor) -> None:
    for path in ("/account/", "/account/profile/", "/account/security/", "/account/orders/"):
        assert ada.client.get(path)["Cache-Control"] == "no-store", path
    assert ada.client.get("/account/x.css").status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only  # looks into the file
def test_no_session_and_no_limit_holds_an_address() -> None:
    ada = Visitor()
    ada.register(EMAIL)
    Visitor().sign_in("nobody.canary@example.com", "not the password")
    file = Path(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    assert b"nobody.canary" not in data
    row: Any = SignIn.objects.values_list("key_digest", flat=True).get()
    assert ada.client.cookies["session"].value.encode() not in data and len(row) == 64
    with purpose_for_test("keep_signed_in"):
        assert EMAIL.encode() not in bytes(SignIn.objects.get().data)


def test_customers_are_numbers() -> None:
    columns = {field.column for field in Customer._meta.concrete_fields}
    assert columns == {
        "id", "subject_id", "is_active", "is_staff", "is_superuser", "joined_on", "active_month",
    }  # fmt: skip
