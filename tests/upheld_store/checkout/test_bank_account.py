"""Where money goes back to that came by transfer: asked of the buyer, sealed, shown to staff once
and on record, gone with its day's vault (P20)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.upheld_store.buyer import Buyer
from tests.upheld_store.checkout.books import refund
from tests.upheld_store.staff.desk import member
from upheld.db.purpose import purpose_for_test
from upheld.ledger.models import LedgerEntry
from upheld.policy.errors import UndeclaredPurpose
from upheld.promises.mail.models import OutboxMail
from upheld.promises.purpose.models import Reveal
from upheld.vault.models import SealedValue
from upheld_store.catalog.models import Plan, ReleaseFile
from upheld_store.checkout.match_transfer import match_transfer
from upheld_store.orders.models import Order
from upheld_store.payments import bank_account
from upheld_store.payments.bank_account import account_of
from upheld_store.payments.mails import render_refund_account
from upheld_store.payments.models import Refund, RefundState

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("take_payment")]

IBAN = "GB82 WEST 1234 5698 7654 32"
PLAIN = IBAN.replace(" ", "")


@pytest.fixture
def at(buyer: Buyer, stock: dict[str, Plan], settings: Any) -> str:
    """The page of an order that was paid by transfer."""
    settings.UPHELD_GATEWAYS = ("transfer",)
    buyer.put(stock["licensed"])
    found = str(buyer.send()["Location"])
    match_transfer(Order.objects.get().number, 1900, timezone.now())
    return found


@pytest.fixture
def waiting(at: str) -> Refund:
    return refund(Order.objects.get(), 500)


def give(buyer: Buyer, at: str, waiting: Refund, iban: str) -> Any:
    return buyer.client.post(f"{at}refunds/{waiting.pk}/account/", {"iban": iban})


def test_the_buyer_is_asked_by_mail_and_on_the_page(buyer: Buyer, at: str, waiting: Refund) -> None:
    mail = OutboxMail.objects.get(kind="refund_account")
    text = render_refund_account(mail.ground_key, timezone.now()).text
    assert "$5.00" in text and at in text and "do not mail it" in text and "60 days" in text
    shown = buyer.client.get(at).content.decode()
    assert "Where shall $5.00 go?" in shown and "is on its way" in shown
    assert give(buyer, at, waiting, IBAN.lower()).status_code == 303
    shown = buyer.client.get(at).content.decode()
    assert "ending in" in shown and "5432" in shown and PLAIN not in shown
    assert 'value="GB82' not in shown


def test_it_is_sealed_and_stands_nowhere_else(buyer: Buyer, at: str, waiting: Refund) -> None:
    give(buyer, at, waiting, IBAN)
    row = SealedValue.objects.get(field="payment.bank_account")
    assert (row.table_name, row.row_key) == ("store_payments_refund", str(waiting.pk))
    assert row.day == timezone.now().date()
    assert PLAIN.encode() not in bytes(row.ciphertext)


@pytest.mark.parametrize(
    "iban",
    ["", "GB82 WEST 1234 5698 7654 33", "4242 4242 4242 4242", "GB82", "x" * 80, "DE00\x00", "²"],
)
def test_what_is_no_account_is_not_kept(buyer: Buyer, at: str, waiting: Refund, iban: str) -> None:
    answer = give(buyer, at, waiting, iban)
    shown = answer.content.decode()
    assert answer.status_code == 400 and ("not an IBAN" in shown or "Type the IBAN" in shown)
    assert not SealedValue.objects.filter(field="payment.bank_account").exists()


def test_only_for_the_order_whose_link_it_is(
    buyer: Buyer, at: str, waiting: Refund, stock: dict[str, Plan]
) -> None:
    other = Buyer(buyer.gateway)
    other.put(stock["plain"])
    elsewhere = str(other.send("grace@example.com")["Location"])
    assert give(other, elsewhere, waiting, IBAN).status_code == 404
    assert buyer.client.get(f"{at}refunds/{waiting.pk}/account/").status_code == 405
    Refund.objects.update(state=RefundState.DONE)
    assert give(buyer, at, waiting, IBAN).status_code == 404


def test_a_later_account_lives_no_longer_than_the_first(
    buyer: Buyer, at: str, waiting: Refund
) -> None:
    give(buyer, at, waiting, IBAN)
    first, later = timezone.now().date(), timezone.now() + timedelta(days=30)
    bank_account.give_account(waiting, "DE02120300000000202051", later)
    waiting.refresh_from_db()
    assert waiting.account_sealed_on == first
    found = account_of(waiting, later)
    assert found and found.end == "2051" and "2051" not in repr(found)


def opened(waiting: Refund, now: datetime) -> bool:
    waiting.refresh_from_db()
    return account_of(waiting, now) is not None


def test_on_day_60_nobody_can_read_it(buyer: Buyer, at: str, waiting: Refund) -> None:
    give(buyer, at, waiting, IBAN)
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    assert opened(waiting, midnight + timedelta(days=60, seconds=-1))
    assert not opened(waiting, midnight + timedelta(days=60))


def test_no_other_purpose_reads_it(buyer: Buyer, at: str, waiting: Refund) -> None:
    give(buyer, at, waiting, IBAN)
    waiting.refresh_from_db()
    read = account_of.__wrapped__  # type: ignore[attr-defined]  # without its own purpose
    with purpose_for_test("support"), pytest.raises(UndeclaredPurpose):
        read(waiting, timezone.now())


def path_of(waiting: Refund) -> str:
    return f"/staff/refunds/{waiting.pk}/"


def test_staff_see_it_once_and_on_record_and_mark_it_sent(
    buyer: Buyer, at: str, waiting: Refund
) -> None:
    give(buyer, at, waiting, IBAN)
    _, client = member("sales")
    assert "Send it" in client.get("/staff/transfers/").content.decode()
    shown = client.get(path_of(waiting)).content.decode()
    assert "given, hidden" in shown and IBAN not in shown and not Reveal.objects.exists()
    shown = client.post(path_of(waiting), {"do": "show"}).content.decode()
    assert IBAN in shown
    look = Reveal.objects.defer("reason").get()
    assert (look.fields, look.purpose) == ("payment.bank_account", "take_payment")
    assert LedgerEntry.objects.filter(event="DataRevealed").count() == 1
    assert client.post(path_of(waiting), {"do": "sent"}).status_code == 303
    assert client.post(path_of(waiting), {"do": "sent"}).status_code == 404
    waiting.refresh_from_db()
    assert waiting.state == RefundState.DONE
    assert OutboxMail.objects.filter(kind="refund").count() == 1


def test_without_the_record_nothing_is_shown(
    buyer: Buyer, at: str, waiting: Refund, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(buyer, at, waiting, IBAN)

    def full(*_: Any, **__: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("upheld_store.staff.send_back_views.record_reveals", full)
    _, client = member("owner")
    client.raise_request_exception = False
    assert IBAN.encode() not in client.post(path_of(waiting), {"do": "show"}).content


def test_staff_type_it_where_the_buyer_told_it_otherwise(at: str, waiting: Refund) -> None:
    _, client = member("owner")
    assert "not given yet" in client.get(path_of(waiting)).content.decode()
    wrong = client.post(path_of(waiting), {"do": "account", "iban": "GB00"})
    assert wrong.status_code == 400 and "not an IBAN" in wrong.content.decode()
    assert client.post(path_of(waiting), {"do": "account", "iban": IBAN}).status_code == 303
    assert "given, hidden" in client.get(path_of(waiting)).content.decode()
    _, support = member("support")
    assert support.get(path_of(waiting)).status_code == 403


def test_what_cannot_be_delivered_asks_for_the_account_too(
    buyer: Buyer, stock: dict[str, Plan], settings: Any
) -> None:
    settings.UPHELD_GATEWAYS = ("transfer",)
    buyer.put(stock["plain"])
    at = str(buyer.send()["Location"])
    ReleaseFile.objects.filter(name="plain.txt").delete()
    match_transfer(Order.objects.get().number, 700, timezone.now())
    assert buyer.facts(at)["state"] == "review"
    assert Refund.objects.get().reason == "not_deliverable"
    assert OutboxMail.objects.filter(kind="refund_account").count() == 1
    assert "Where shall $7.00 go?" in buyer.client.get(at).content.decode()


def test_without_its_check_digits_any_number_would_be_kept(
    buyer: Buyer, at: str, waiting: Refund, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the form; the vault's own check still stands behind it."""
    monkeypatch.setattr(bank_account, "is_iban", lambda _: True)
    buyer.client.raise_request_exception = False
    give(buyer, at, waiting, "GB82WEST12345698765433")
    assert not SealedValue.objects.filter(field="payment.bank_account").exists()


def test_a_strangers_browser_cannot_send_it(at: str, waiting: Refund) -> None:
    elsewhere = Client(HTTP_SEC_FETCH_SITE="cross-site")
    answer = elsewhere.post(f"{at}refunds/{waiting.pk}/account/", {"iban": IBAN})
    assert answer.status_code == 403 and not SealedValue.objects.filter(
        field="payment.bank_account"
    )
