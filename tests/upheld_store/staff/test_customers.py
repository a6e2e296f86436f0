"""Staff see customers by number; who is behind one is shown for a reason that the person reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.upheld_store.account import Visitor
from tests.upheld_store.buyer import Buyer
from tests.upheld_store.staff.desk import EMAIL, NAME, an_order, member
from tests.upheld_store.staff.test_entrance import GUARDED, path_of
from upheld.db.purpose import purpose_for_test
from upheld.ledger.models import LedgerEntry
from upheld.promises.mail.models import OutboxMail
from upheld.promises.purpose import record_reveal as act
from upheld.promises.purpose.models import Reveal
from upheld_store.catalog.models import Plan
from upheld_store.customers.models import Customer
from upheld_store.orders.models import Order

pytestmark = pytest.mark.django_db

PHONE = "+1 202 555 0177"
WHY = {"cause": "asked", "reason": "a ticket about the file"}
HIDDEN = (EMAIL.encode(), NAME.encode(), b"Hidden", b"555 0177")


@pytest.fixture
def ada() -> Visitor:
    visitor = Visitor()
    visitor.register(EMAIL)
    visitor.client.post("/account/profile/", {"name": NAME, "phone": PHONE})
    return visitor


def the_customer() -> Customer:
    return Customer.objects.get(is_staff=False)


def test_list_and_page_show_numbers_and_no_name(ada: Visitor) -> None:
    order, customer = an_order(), the_customer()
    Order.objects.filter(pk=order.pk).update(customer=customer)
    _, client = member("sales")
    for path in ("", "?q=abcde", f"?q={customer.pk}", f"{customer.pk}/"):
        page = client.get(f"/staff/customers/{path}")
        assert page.status_code == 200, path
        assert f"customer {customer.pk}" in page.content.decode().lower(), path
        assert not [word for word in HIDDEN if word in page.content], path
    assert order.number.encode() in client.get(f"/staff/customers/{customer.pk}/").content
    for query in ("zzz", "999999999999999999999", "٣", "%"):
        nobody = client.get("/staff/customers/", {"q": query}).content.decode()
        assert "No account is like that" in nobody, query
    # neither a part of the address nor the whole of it finds anyone in the list
    assert "No account is like that" in client.get(f"/staff/customers/?q={EMAIL}").content.decode()


def test_contact_is_shown_after_it_was_recorded(ada: Visitor) -> None:
    customer = the_customer()
    staff, client = member("support")
    page = client.post(f"/staff/customers/{customer.pk}/reveal/", WHY)
    shown = page.content.decode()
    assert EMAIL in shown and NAME in shown and PHONE in shown
    assert page["Cache-Control"] == "no-store"
    row = Reveal.objects.of_subjects([customer.subject_id])[0]
    assert (row.staff_number, row.role, row.cause) == (staff.pk, "support", "asked")
    assert row.fields == "customer.email customer.name customer.phone"
    entry = LedgerEntry.objects.order_by("-pk")[0]
    assert entry.event == "DataRevealed" and EMAIL not in entry.facts
    again = client.get(f"/staff/customers/{customer.pk}/").content
    assert not [word for word in HIDDEN if word in again] and b"Shown before" in again


def test_what_cannot_be_recorded_is_neither_shown_nor_found(
    ada: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: with the record broken, no page tells anything."""
    _, client = member("support")
    client.raise_request_exception = False

    def fails(*args: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(act, "append", fails)
    customer = the_customer()
    page = client.post(f"/staff/customers/{customer.pk}/reveal/", WHY)
    assert page.status_code >= 500 and EMAIL.encode() not in page.content
    page = client.post("/staff/customers/find/", {"email": EMAIL, **WHY})
    assert page.status_code >= 500 and f"customer {customer.pk}".encode() not in page.content
    assert not Reveal.objects.exists()


def test_an_exact_address_finds_account_and_orders_and_is_recorded(ada: Visitor) -> None:
    order, customer = an_order(), the_customer()
    _, client = member("privacy_officer")
    page = client.post("/staff/customers/find/", {"email": EMAIL.title(), **WHY}).content.decode()
    assert f"customer {customer.pk}" in page and order.number in page
    found = {(row.about_row, row.fields) for row in Reveal.objects.all().defer("reason")}
    assert found == {(str(customer.pk), "customer.email"), (str(order.pk), "order.email")}
    before = Reveal.objects.count()
    page = client.post(
        "/staff/customers/find/", {"email": "nobody@example.com", **WHY}
    ).content.decode()
    assert "Nobody here" in page and Reveal.objects.count() == before
    # a part of an address is none
    part = client.post("/staff/customers/find/", {"email": "ada.hidden@example", **WHY})
    assert part.status_code == 400


def test_no_address_stands_in_a_url(ada: Visitor) -> None:
    _, client = member("owner")
    page = client.get("/staff/customers/find/", {"email": EMAIL, **WHY}).content.decode()
    assert "Found" not in page and EMAIL not in page and not Reveal.objects.exists()


def test_an_unverified_address_leads_to_no_account() -> None:
    with purpose_for_test("manage_account"):
        squatter = Customer.objects.make(an_order().placed_at.date())
        EmailAddress.objects.create(user=squatter, email=EMAIL, verified=False)
    _, client = member("owner")
    page = client.post("/staff/customers/find/", {"email": EMAIL, **WHY}).content.decode()
    assert f"customer {squatter.pk}" not in page


@pytest.mark.parametrize("role", ["sales", "privacy_officer"])
def test_roles_that_may_not_see_a_contact(role: str, ada: Visitor) -> None:
    customer = the_customer()
    _, client = member(role)
    page = client.post(f"/staff/customers/{customer.pk}/reveal/", WHY)
    assert page.status_code == 403 and not Reveal.objects.exists()
    assert b"Show the contact" not in client.get(f"/staff/customers/{customer.pk}/").content


def test_sign_out_everywhere(ada: Visitor) -> None:
    other = Visitor()
    other.sign_in(EMAIL)
    customer = the_customer()
    _, client = member("support")
    answer = client.post(f"/staff/customers/{customer.pk}/sign-out/", follow=True)
    assert b"Sessions ended: 2" in answer.content
    assert not ada.is_signed_in() and not other.is_signed_in()


def test_a_lost_second_step_is_taken_away_and_the_person_told(ada: Visitor) -> None:
    customer = the_customer()
    with purpose_for_test("manage_account"):
        Authenticator.objects.create(user=customer, type="totp", data={"secret": "x"})
    _, support = member("support")
    path = f"/staff/customers/{customer.pk}/second-step/"
    assert support.post(path).status_code == 403
    assert Visitor().sign_in(EMAIL)["Location"] == "/account/login/code/"
    staff, owner = member("owner")
    assert owner.post(path).status_code == 303
    assert Visitor().sign_in(EMAIL)["Location"] == "/account/" and not ada.is_signed_in()
    assert OutboxMail.objects.filter(kind="account_notice").count() == 1
    # whoever works here keeps it
    assert owner.post(f"/staff/customers/{staff.customer_id}/second-step/").status_code == 404
    assert Authenticator.objects.filter(user=staff.customer).exists()


def test_the_person_is_told_who_looked_and_why(ada: Visitor) -> None:
    order, customer = an_order(), the_customer()
    Order.objects.filter(pk=order.pk).update(customer=customer)
    assert "Nobody of our staff" in ada.client.get("/account/looks/").content.decode()
    staff, client = member("support")
    client.post(f"/staff/customers/{customer.pk}/reveal/", WHY)
    client.post(f"/staff/orders/{order}/reveal/", {**WHY, "cause": "delivery"})
    told = ada.client.get("/account/looks/").content.decode()
    assert told.count("support</div>") == 2
    for words in ("you asked us for help", "did not arrive", "help you when you ask"):
        assert words in told
    # by role, never by number or in the words that staff wrote
    assert "a ticket" not in told and f"staff {staff.pk}" not in told
    eve = Visitor()
    eve.register("eve@example.com")
    assert "Nobody of our staff" in eve.client.get("/account/looks/").content.decode()


def test_a_guest_is_told_on_the_order_page(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page, order = buyer.buy(stock["plain"]), Order.objects.get()
    assert "Who of our staff" not in buyer.client.get(page).content.decode()
    _, client = member("support")
    client.post(f"/staff/orders/{order}/reveal/", {**WHY, "cause": "payment"})
    told = buyer.client.get(page).content.decode()
    assert "Who of our staff" in told and "had to be cleared up" in told
    assert "your e-mail address, your name" in told and "a ticket" not in told


def test_the_number_of_statements_does_not_grow_with_the_list(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    _, client = member("owner")
    counts = []
    for _ in range(2):
        for _ in range(6):
            Customer.objects.make(an_order(f"R{Order.objects.count()}").placed_at.date())
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/staff/customers/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_no_page_hands_out_more_than_one_person(ada: Visitor) -> None:
    """There is no export of many people, so none needs a second step: whatever staff open answers
    with a page, and no page names two people."""
    for n in range(4):
        order = an_order(f"ABCD{n}-FGHJK")
        with purpose_for_test("deliver_order"):
            order.contact.email = f"canary.{n}@example.com"
            order.contact.save()
    an_order()
    _, client = member("owner")
    for route in GUARDED:
        for method in ("get", "post"):
            answer = getattr(client, method)(path_of(route), WHY)
            assert answer.get("Content-Type", "text/html").startswith("text/html"), route
            assert "Content-Disposition" not in answer, route
            people = set(re.findall(rb"[\w.]+@example\.com", answer.content))
            assert len(people - {b"name@example.com"}) <= 1, (route, people)


def test_absent_and_not_a_number_look_alike() -> None:
    _, client = member("owner")
    for page in ("", "reveal/", "sign-out/", "second-step/"):
        send = client.post if page else client.get
        assert send(f"/staff/customers/987654/{page}", WHY).status_code == 404
    assert client.get("/staff/customers/x/").status_code == 404
