"""What goes, what stays and until when, in which order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection

from tests.upheld.promises.erasure.conftest import LATER, asked, everyone, keeper
from tests.upheld_store.account import Visitor
from tests.upheld_store.buyer import Buyer
from upheld.db import entry_point, reveal_without_purpose
from upheld.db.purpose import purpose_for_test
from upheld.ledger import LedgerEntry
from upheld.policy import current
from upheld.promises.erasure import ErasureRefused
from upheld.promises.erasure.keep import carry_out
from upheld.promises.erasure.models import ErasureState, Tombstone
from upheld.promises.erasure.receipt import receipt_of
from upheld.promises.mail.models import OutboxMail
from upheld.promises.retention.models import Hold
from upheld.vault.models import SealedValue
from upheld_store.catalog.models import Plan
from upheld_store.orders.hold_order import hold_order
from upheld_store.orders.models import Order, OrderContact
from upheld_store.payments.models import Payment, PaymentReference, Refund
from upheld_store.staff.hire import hire
from upheld_store.staff.roles import Role

pytestmark = pytest.mark.django_db
Bought = Callable[[str], str]
Registered = Callable[[str], Visitor]


def found_in_rows(text: str) -> list[str]:
    """Every table with a row in which the text stands, whatever the column."""
    tables = []
    with reveal_without_purpose(reason="a test looks everywhere", reviewed_by="the test"):
        for model in apps.get_models(include_auto_created=True):
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
                if any(text in str(row) for row in cursor.fetchall()):
                    tables.append(model._meta.db_table)
    return tables


def test_a_guest_goes_but_for_what_must_stay(bought: Bought) -> None:
    bought("ada@example.com")
    now = datetime.now(UTC)
    erasure = keeper(asked("ada@example.com", now), now)
    assert "store_orders_ordercontact" in found_in_rows("ada@example.com"), "the receipt's address"
    OutboxMail.objects.filter(kind="erasure_receipt").delete()  # the relay took it
    erasure = keeper(erasure, now)
    assert found_in_rows("ada@example.com") == []
    assert erasure.state == ErasureState.BEGUN
    rests = list(erasure.rests.values_list("model_label", "reason"))
    assert rests == [("store_payments.PaymentReference", "dispute")]
    erasure = keeper(erasure, now + LATER)
    assert erasure.state == ErasureState.DONE
    assert not erasure.subjects.exists() and not erasure.rests.exists()


def test_an_account_goes_with_everything_under_its_address(registered: Registered) -> None:
    visitor = registered("ada@example.com")
    visitor.client.post("/account/password/reset/", {"email": "ada@example.com"})
    Visitor().register("eve@example.com")
    now = datetime.now(UTC)
    erasure = keeper(asked("ada@example.com", now), now)
    assert not visitor.is_signed_in(), "the sessions end with the first round"
    OutboxMail.objects.all().delete()
    erasure = keeper(erasure, now)
    assert found_in_rows("ada@example.com") == []
    assert found_in_rows("202-555-0101") == []
    assert found_in_rows("eve@example.com") != [], "somebody else's rows are untouched"
    went = set(erasure.steps.filter(rows__gt=0).values_list("model_label", flat=True))
    assert {"account.EmailAddress", "store_customers.Customer", "upheld.SealedValue"} <= went
    events = list(LedgerEntry.objects.filter(event="SubjectErased").values_list("facts", flat=True))
    assert events == ['{"kept":1}']


def test_the_same_address_registers_anew_as_a_new_person(registered: Registered) -> None:
    registered("ada@example.com")
    before = everyone("ada@example.com")[0]
    now = datetime.now(UTC)
    erasure = asked("ada@example.com", now)
    keeper(erasure, now)
    OutboxMail.objects.all().delete()
    keeper(erasure, now)
    Visitor().register("ada@example.com")
    after = everyone("ada@example.com")[0]
    assert after.account and after.account != before.account
    assert not after.subjects & before.subjects
    keeper(erasure, now + LATER)
    assert everyone("ada@example.com") == [after], "the old erasure does not reach the new person"


def test_an_open_order_stays_until_it_is_settled(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.to_page(stock["plain"], "ada@example.com")
    now = datetime.now(UTC)
    erasure = asked("ada@example.com", now)
    keeper(erasure, now)
    OutboxMail.objects.all().delete()
    erasure = keeper(erasure, now)
    rests = {rest.model_label: rest for rest in erasure.rests.all()}
    contact = rests["store_orders.OrderContact"]
    assert contact.reason == "open_order"
    assert contact.until == (now + timedelta(days=30)).date()
    Order.objects.update(state="canceled")
    Payment.objects.update(state="failed")
    erasure = keeper(erasure, now + timedelta(hours=1))
    assert erasure.state == ErasureState.DONE
    assert found_in_rows("ada@example.com") == []


def test_a_hold_stops_one_order_and_goes_by_itself(bought: Bought) -> None:
    bought("ada@example.com")
    bought("ada@example.com")
    now = datetime.now(UTC)
    held, _free = Order.objects.order_by("placed_at")
    with entry_point("command", "hold"):
        hold_order(held.number, "a court asks", (now + timedelta(days=10)).date(), now)
    erasure = asked("ada@example.com", now)
    keeper(erasure, now)
    OutboxMail.objects.all().delete()
    erasure = keeper(erasure, now)
    assert set(OrderContact.objects.values_list("pk", flat=True)) == {held.pk}
    with purpose_for_test("answer_request"):
        stays = receipt_of(erasure, now).stays
    assert any("a court asks" in kept.why for kept in stays)
    erasure = keeper(erasure, now + timedelta(days=11))
    assert not OrderContact.objects.exists()
    assert not Hold.objects.exists(), "the hold's own words go too"


def test_staff_are_refused_with_a_sentence(registered: Registered) -> None:
    registered("ada@example.com")
    with entry_point("command", "create-owner"):
        hire("ada@example.com", Role.OWNER, datetime.now(UTC))
    with pytest.raises(ErasureRefused, match="works here"):
        asked("ada@example.com")


def test_who_comes_to_work_here_in_the_window_keeps_the_account(registered: Registered) -> None:
    registered("ada@example.com")
    now = datetime.now(UTC)
    erasure = asked("ada@example.com", now, at_once=False)
    with entry_point("command", "create-owner"):
        hire("ada@example.com", Role.OWNER, now)
    erasure = keeper(erasure, now + timedelta(days=4))
    assert erasure.state == ErasureState.REVOKED
    assert "account_emailaddress" in found_in_rows("ada@example.com")


def test_the_window_is_kept_and_can_be_used(bought: Bought) -> None:
    bought("ada@example.com")
    now = datetime.now(UTC)
    erasure = asked("ada@example.com", now, at_once=False)
    days = current().erasure.undo_days
    with entry_point("job", "erasures"):
        carry_out(now + timedelta(days=days) - timedelta(seconds=1))
    erasure.refresh_from_db()
    assert erasure.state == ErasureState.ASKED
    assert not erasure.revoke(now + timedelta(days=days)), "too late"
    assert erasure.revoke(now + timedelta(days=days) - timedelta(seconds=1))
    with entry_point("job", "erasures"):
        carry_out(now + timedelta(days=days + 1))
    assert "store_orders_ordercontact" in found_in_rows("ada@example.com")
    assert not Tombstone.objects.exists()


def test_asking_twice_is_asking_once(bought: Bought) -> None:
    bought("ada@example.com")
    assert asked("ada@example.com", at_once=False) == asked("ADA@example.com", at_once=False)
    assert OutboxMail.objects.filter(kind="erasure_asked").count() == 1


def test_what_is_bought_in_the_window_goes_too(bought: Bought) -> None:
    bought("ada@example.com")
    now = datetime.now(UTC)
    erasure = asked("ada@example.com", now, at_once=False)
    bought("Ada@example.com")
    keeper(erasure, now + timedelta(days=4))
    OutboxMail.objects.all().delete()
    keeper(erasure, now + timedelta(days=4))
    assert not OrderContact.objects.exists()


def test_the_address_goes_without_its_receipt_after_a_while(bought: Bought) -> None:
    bought("ada@example.com")
    now = datetime.now(UTC)
    erasure = asked("ada@example.com", now)
    keeper(erasure, now)
    keeper(erasure, now + timedelta(days=2))
    assert OrderContact.objects.exists()
    keeper(erasure, now + timedelta(days=3))
    assert not OrderContact.objects.exists()
    assert not OutboxMail.objects.filter(kind="erasure_receipt").exists()


@pytest.mark.parametrize(
    ("wish", "state"), [("in_a_week", "asked"), ("refused", "refused"), ("at_once", "confirmed")]
)
def test_the_gateways_part(bought: Bought, buyer: Buyer, wish: str, state: str) -> None:
    bought("ada@example.com")
    buyer.trouble(redaction=wish)
    now = datetime.now(UTC) + LATER
    erasure = asked("ada@example.com", now)
    keeper(erasure, now)
    OutboxMail.objects.all().delete()
    erasure = keeper(erasure, now)
    assert [each.state for each in erasure.redactions.all()] == [state]
    done = erasure.state == ErasureState.DONE
    assert done == (state == "confirmed"), "incomplete until the gateway has confirmed"
    assert PaymentReference.objects.exists() != done
    with purpose_for_test("answer_request"):
        assert receipt_of(erasure, now).is_complete == done
    if state == "asked":
        buyer.gateway.book.clock = (now + timedelta(days=8)).timestamp
        erasure = keeper(erasure, now + timedelta(days=8))
        assert erasure.state == ErasureState.DONE
    if state == "refused":
        erasure.redactions.get().settle("must_keep", now)
        erasure = keeper(erasure, now)
        assert erasure.state == ErasureState.DONE
    assert not PaymentReference.objects.exists()


def test_a_gateway_that_does_not_answer_is_asked_again(bought: Bought, buyer: Buyer) -> None:
    bought("ada@example.com")
    buyer.trouble(api="500")
    now = datetime.now(UTC) + LATER
    erasure = asked("ada@example.com", now)
    keeper(erasure, now)
    OutboxMail.objects.all().delete()
    erasure = keeper(erasure, now)
    assert erasure.state == ErasureState.BEGUN
    buyer.trouble(reset=True)
    assert keeper(erasure, now).state == ErasureState.DONE


def test_the_account_of_a_refund_on_its_way_stays_until_it_is_there(bought: Bought) -> None:
    bought("ada@example.com")
    now = datetime.now(UTC)
    payment = Payment.objects.get()
    refund = Refund.objects.create(
        payment=payment, reason="requested", amount_minor=100, currency="USD", asked_at=now
    )
    sealed = SealedValue.objects.filter(table_name="store_payments_payment").first()
    assert sealed is not None
    SealedValue.objects.filter(pk=sealed.pk).update(
        table_name="store_payments_refund", row_key=str(refund.pk)
    )
    erasure = asked("ada@example.com", now)
    keeper(erasure, now)
    OutboxMail.objects.all().delete()
    keeper(erasure, now)
    assert list(SealedValue.objects.values_list("pk", flat=True)) == [sealed.pk]
    assert erasure.rests.filter(model_label="upheld.SealedValue", reason="open_refund").exists()
    Refund.objects.update(state="done")
    keeper(erasure, now)
    assert not SealedValue.objects.exists()
