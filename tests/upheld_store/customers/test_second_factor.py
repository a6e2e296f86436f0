"""The second step: authenticator app, recovery codes, and that their secrets are sealed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.upheld_store.account import PASSWORD, Visitor
from upheld.db.purpose import purpose_for_test
from upheld.promises.mail.models import OutboxMail

pytestmark = pytest.mark.django_db
EMAIL = "ada@example.com"


def code_of(secret: str, step: int = 0) -> str:
    """What an authenticator app shows."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step)))


@pytest.fixture
def ada() -> Visitor:
    visitor = Visitor()
    visitor.register(EMAIL)
    return visitor


def set_up_app(visitor: Visitor) -> str:
    """The secret of an app in use."""
    again = visitor.client.get("/account/security/app/")["Location"]
    visitor.client.post(again, {"password": PASSWORD})
    page = visitor.client.get("/account/security/app/").content.decode()
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found, page
    answer = visitor.client.post("/account/security/app/", {"code": code_of(found[1])})
    assert answer.status_code == 302, answer.content
    return found[1]


def test_the_app_is_asked_after_the_password(ada: Visitor) -> None:
    secret = set_up_app(ada)
    other = Visitor()
    assert other.sign_in(EMAIL)["Location"] == "/account/login/code/"
    assert not other.is_signed_in()
    page = other.client.get("/account/login/code/").content.decode()
    # in the store's own frame, and without a passkey that nobody has
    assert ">testserver<" not in page and "Terms" in page and "use_passkey" not in page
    assert other.client.post("/account/login/code/", {"code": "000000"}).status_code == 200
    assert not other.is_signed_in()
    other.client.post("/account/login/code/", {"code": code_of(secret, 1)})
    assert other.is_signed_in()


def test_a_recovery_code_works_once(ada: Visitor) -> None:
    set_up_app(ada)
    page = ada.client.get("/account/security/recovery-codes/").content.decode()
    code = re.findall(r"<code>(\w+)</code>", page)[0]
    for signed_in in (True, False):
        other = Visitor()
        other.sign_in(EMAIL)
        other.client.post("/account/login/code/", {"code": code})
        assert other.is_signed_in() is signed_in


def test_secrets_are_sealed_and_a_change_is_told(
    ada: Visitor, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]
) -> None:
    # What waits for a commit runs inside the request, but at the end of the `with` in a test.
    with purpose_for_test("manage_account"), django_capture_on_commit_callbacks(execute=True):
        secret = set_up_app(ada)
    with purpose_for_test("manage_account"):
        held = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in held
    assert OutboxMail.objects.filter(kind="account_notice").exists()


def test_changing_the_ways_to_sign_in_asks_again(ada: Visitor) -> None:
    for path in ("app/", "passkeys/add/", "recovery-codes/new/"):
        answer = ada.client.get(f"/account/security/{path}")
        assert answer["Location"].startswith("/account/login/again/"), path


def test_doing_without(ada: Visitor) -> None:
    set_up_app(ada)
    ada.client.post("/account/security/app/remove/")
    assert Visitor().sign_in(EMAIL)["Location"] == "/account/"
