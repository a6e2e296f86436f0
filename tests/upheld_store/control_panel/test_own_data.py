"""The pages on which people see, take and end what is held of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.upheld_store.account import PASSWORD, Visitor
from tests.upheld_store.buyer import Buyer
from upheld.db.purpose import purpose_for_test
from upheld.promises.erasure.models import Erasure, ErasureState
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(buyer: Buyer, stock: dict[str, Plan]) -> Visitor:
    """Bought something, and has an account."""
    buyer.buy(stock["licensed"], "ada@example.com")
    visitor = Visitor()
    visitor.register("ada@example.com")
    visitor.client.post("/account/profile/", {"name": "Ada Example", "phone": "+1 202-555-0101"})
    visitor.client.post("/account/login/again/", {"password": PASSWORD})
    return visitor


def body(response: object) -> str:
    return b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]


def test_a_stranger_is_asked_to_sign_in() -> None:
    for path in ("", "copy/json/", "copy/page/", "erase/", "keep/"):
        answer = Visitor().client.post(f"/account/data/{path}")
        assert answer.status_code in (302, 303) and "/account/login/" in answer["Location"], path


def test_the_file_has_everything(ada: Visitor) -> None:
    answer = ada.client.post("/account/data/copy/json/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "no-store"
    found = json.loads(body(answer))
    said = {each.get("field"): each for record in found["records"] for each in record["values"]}
    assert said["customer.email"]["schema:email"] == "ada@example.com"
    assert said["customer.phone"]["value"] == "+1 202-555-0101"
    assert said["payment.card_last4"]["value"] == "4242", "sealed values while they live"
    assert said["customer.password"]["value"] is None and said["customer.password"]["not_shown"]
    assert any(r["table"] == "upheld_disclosure" for r in found["records"])
    assert found["fields"]["order.email"]["dpv:hasPersonalData"] == "pd:EmailAddress"


def test_the_page_can_be_read(ada: Visitor) -> None:
    page = body(ada.client.post("/account/data/copy/page/"))
    assert page.count("<h1>") == 1 and page.rstrip().endswith("</html>")
    assert "ada@example.com" in page and "4242" in page and "Your license keys" in page


def test_nothing_of_others_is_in_it(ada: Visitor, buyer: Buyer, stock: dict[str, Plan]) -> None:
    Buyer(buyer.gateway).buy(stock["plain"], "eve@example.com")
    assert "eve@example.com" not in body(ada.client.post("/account/data/copy/json/"))


def test_a_get_takes_nothing(ada: Visitor) -> None:
    for path in ("copy/json/", "erase/", "keep/"):
        assert ada.client.get(f"/account/data/{path}")["Location"] == "/account/data/"
    assert not Erasure.objects.exists()


def test_an_erasure_is_asked_for_seen_and_taken_back(ada: Visitor) -> None:
    assert ada.client.post("/account/data/erase/").status_code == 303
    erasure = Erasure.objects.get()
    page = ada.client.get("/account/data/").content.decode()
    assert "Keep my account" in page
    assert OutboxMail.objects.filter(kind="erasure_asked").count() == 1
    assert (
        "Take it back" in ada.client.get(f"/privacy/erasures/{erasure.token()}/").content.decode()
    )
    assert ada.client.post("/account/data/keep/").status_code == 303
    erasure.refresh_from_db()
    assert erasure.state == ErasureState.REVOKED
    assert "Keep my account" not in ada.client.get("/account/data/").content.decode()


def test_an_old_sign_in_is_asked_for_again(ada: Visitor) -> None:
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
    with purpose_for_test("keep_signed_in"):
        session = ada.client.session
        session["account_authentication_methods"] = [{"method": "password", "at": hour_ago}]
        session.save()
    for path in ("", "copy/json/", "erase/"):
        answer = ada.client.post(f"/account/data/{path}")
        assert answer.status_code == 303 and "/again/" in answer["Location"], path
    assert not Erasure.objects.exists()
