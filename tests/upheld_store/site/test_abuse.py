"""What someone with bad intent tries on the pages of people: waiting in another's account, links
that act, links that lead away, a session fixed before, codes tried out, fields nobody offered.

Where there is a guard to take out, doing so is the negative control: the attempt succeeds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.upheld_store.account import PASSWORD, Visitor, letter_at
from tests.upheld_store.customers.test_second_factor import code_of, set_up_app
from tests.upheld_store.site.authorization import (
    MINE,
    ROWS,
    SIGNED_IN,
    STAFF,
    all_routes,
    path_to,
    people,
)
from tests.upheld_store.site.test_authorization import questions
from tests.upheld_store.staff.desk import EMAIL, an_order, member
from upheld.db.purpose import purpose_for_test
from upheld_store.catalog.models import Category, Plan, Product
from upheld_store.customers import backend, views
from upheld_store.customers.models import AccountLetter, Customer, RateCount
from upheld_store.orders.models import Order, OrderContact

pytestmark = pytest.mark.django_db

# What a GET writes all the same: the session of whoever is there, and counts without a person.
_OF_NO_ACT = re.compile(r'"?(store_customers_(signin|ratekey|ratecount)|store_delivery_download)"?')
_WRITE = re.compile(r"^\s*(?:/\*.*?\*/)?\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.I)


def writes_of(ask: Callable[[], Any]) -> list[str]:
    """The statements by which this request changes something."""
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if _WRITE.match(sql) and not _OF_NO_ACT.search(sql.split("WHERE", maxsplit=1)[0]):
            found.append(sql[:90])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ask()
    return found


@pytest.mark.sqlite_only  # a walk is long, and what a page does is the same on both
def test_no_link_acts() -> None:
    """Whoever follows every link, a mail scanner or a browser that reads ahead, changes nothing:
    as owner, as customer, as guest with a link."""
    world, found = people(), []
    follows = {SIGNED_IN: "ada", MINE: "ada", STAFF: "owner"}
    for route, row, method, which, path in questions(world):
        if method == "GET" and which in ("", "own"):
            client = world.clients[follows.get(row.who, "guest")]
            wrote = writes_of(lambda c=client, p=path: c.get(p).getvalue())  # type: ignore[misc]
            found += [f"{route}: {sql}" for sql in wrote]
    assert found == []


def test_a_link_that_acts_is_found() -> None:
    """Negative control: what signs everyone out shows up as a write."""
    world = people()
    path = path_to("staff:end_sessions", ["number"], world.things["customer"].own)
    lift = path_to("staff:lift_hold", ["hold_id"], world.things["hold"].own)
    assert ROWS["staff:lift_hold"].who == "staff" and "staff:lift_hold" in dict(all_routes())
    assert writes_of(lambda: world.clients["owner"].post(lift)) != []
    assert writes_of(lambda: world.clients["owner"].get(path)) == []


def test_nobody_waits_in_anothers_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger registers Ada's address: no account, no order, until the code from her mailbox.
    Without the check of the code the stranger would be in, with her order."""
    order, stranger = an_order(), Visitor()
    page = stranger.ask(EMAIL)["Location"]
    assert stranger.client.post(page, {"code": "00000000"}).status_code == 400
    order.refresh_from_db()
    assert order.customer is None and not Customer.objects.exists()
    assert stranger.sign_in(EMAIL).status_code == 400
    monkeypatch.setattr(AccountLetter, "redeem", lambda *args: True)
    stranger.client.post(page, {"code": "00000000"})
    order.refresh_from_db()
    assert order.customer == Customer.objects.get()


def test_an_address_is_joined_with_nobodys_but_free_orders() -> None:
    """Who takes an address over later does not get what is another account's."""
    ada, eve = Visitor(), Visitor()
    ada.register(EMAIL)
    order = an_order()
    Order.objects.filter(pk=order.pk).update(customer=Customer.objects.get())
    eve.register("eve@example.com")
    again = eve.client.get("/account/profile/address/")["Location"]
    eve.client.post(again, {"password": PASSWORD})
    page = eve.client.post("/account/profile/address/", {"email": EMAIL})["Location"]
    eve.client.post(page, {"code": letter_at(page).code()})
    assert order.number not in eve.client.get("/account/orders/").content.decode()


AWAY = ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]


def _where(visitor: Visitor, path: str, form: dict[str, str]) -> str:
    return str(visitor.client.post(path, form).get("Location", ""))


@pytest.mark.parametrize("away", AWAY)
def test_no_sign_in_leads_away(away: str) -> None:
    ada = Visitor()
    ada.register(EMAIL)
    secret = set_up_app(ada)
    once_more = f"/account/login/again/?next={away}"
    assert _where(ada, once_more, {"password": PASSWORD}) == "/account/"
    again = f"/account/login/again/code/?next={away}"
    assert _where(ada, again, {"code": code_of(secret, 1)}).startswith("/account/")
    other = Visitor()
    form = {"email": EMAIL, "password": PASSWORD}
    assert _where(other, f"/account/login/?next={away}", form).startswith("/account/login/code/")
    code = {"code": code_of(secret, -1)}
    assert _where(other, f"/account/login/code/?next={away}", code) in ("/account/", "")


def test_the_check_of_the_target_is_what_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control."""
    Visitor().register(EMAIL)
    monkeypatch.setattr(views, "url_has_allowed_host_and_scheme", lambda *a, **k: True)
    form = {"email": EMAIL, "password": PASSWORD}
    assert _where(Visitor(), "/account/login/?next=//evil.example", form) == "//evil.example"


def test_a_session_known_before_is_another_after_signing_in() -> None:
    """Someone plants the session of a sign-in begun on their own machine; the victim completes
    it. The key that the attacker knows opens nothing then."""
    ada = Visitor()
    ada.register(EMAIL)
    secret = set_up_app(ada)
    victim, attacker = Visitor(), Visitor()
    victim.sign_in(EMAIL)
    planted = victim.client.cookies["session"].value
    attacker.client.cookies["session"] = planted
    victim.client.post("/account/login/code/", {"code": code_of(secret, 1)})
    assert victim.is_signed_in() and victim.client.cookies["session"].value != planted
    assert not attacker.is_signed_in()


def test_the_new_key_is_what_keeps_the_attacker_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: with the key kept, the planted session is the victim's."""
    from upheld_store.customers.sessions import SessionStore

    ada = Visitor()
    ada.register(EMAIL)
    secret = set_up_app(ada)
    monkeypatch.setattr(SessionStore, "cycle_key", lambda self: None)
    monkeypatch.setattr(SessionStore, "flush", lambda self: None)
    victim, attacker = Visitor(), Visitor()
    victim.sign_in(EMAIL)
    attacker.client.cookies["session"] = victim.client.cookies["session"].value
    victim.client.post("/account/login/code/", {"code": code_of(secret, 1)})
    assert attacker.is_signed_in()


def test_the_session_cookie_is_read_by_no_script_and_sent_from_no_other_site() -> None:
    ada = Visitor()
    ada.register(EMAIL)
    cookie = ada.client.cookies["session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert not cookie["domain"]


def test_codes_of_the_second_step_cannot_be_tried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even by signing in again in between; and nobody is locked out for longer."""
    ada = Visitor()
    ada.register(EMAIL)
    secret = set_up_app(ada)

    def tries() -> bool:
        guesser = Visitor()
        guesser.sign_in(EMAIL)
        for number in range(12):
            guesser.client.post("/account/login/code/", {"code": f"{number:06d}"})
        guesser.client.post("/account/login/code/", {"code": code_of(secret, 1)})
        return guesser.is_signed_in()

    assert not tries()
    RateCount.objects.all().delete()
    from allauth.core.internal import ratelimit

    monkeypatch.setattr(ratelimit, "consume", lambda *args, **options: object())
    assert tries()


def test_a_claimed_address_does_not_get_round_the_limit() -> None:
    """`X-Forwarded-For` counts only from a proxy that the owner named."""
    Visitor().register(EMAIL)
    statuses = {
        Visitor()
        .client.post(
            "/account/login/",
            {"email": EMAIL, "password": "not the password"},
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        )
        .status_code
        for number in range(21)
    }
    assert 429 in statuses
    assert backend  # the digest is computed for each, known or not


def test_fields_that_no_form_offers_change_nothing() -> None:
    ada = Visitor()
    ada.register(EMAIL)
    customer, order = Customer.objects.get(), an_order()
    Order.objects.filter(pk=order.pk).update(customer=customer)
    more = {
        "is_staff": "on", "is_superuser": "on", "subject_id": "0" * 32, "email": "eve@example.com",
        "customer": "1", "state": "refunded", "total_minor": "0", "order": "1", "id": "1",
    }  # fmt: skip
    ada.client.post("/account/profile/", {"name": "Ada", "phone": "", **more})
    ada.client.post(f"/account/orders/{order}/", {"name": "Ada", **more})
    again, after = Customer.objects.get(), Order.objects.get()
    assert (again.is_staff, again.is_superuser) == (False, False)
    assert again.subject_id == customer.subject_id
    assert (after.state, after.total_minor, after.customer) == ("paid", 1900, customer)
    with purpose_for_test("deliver_order"):
        contact = OrderContact.objects.get()
        assert (contact.name, contact.email) == ("Ada", EMAIL)


def test_a_row_of_another_page_is_not_edited_in_passing() -> None:
    """The form of one product names a plan of another: it is refused, and nothing is saved."""
    shelf = Category.objects.create(slug="tools", name="Tools")
    plans = []
    for slug in ("knife", "fork"):
        made = Product.objects.create(slug=slug, name=slug, summary="x", category=shelf)
        plans.append(
            Plan.objects.create(product=made, name="Single", price_minor=900, currency="USD")
        )
    knife, fork = plans
    _, client = member("owner")
    form = {
        "name": "knife", "slug": "knife", "summary": "x", "category": shelf.pk, "published": "on",
        "plans-TOTAL_FORMS": 1, "plans-INITIAL_FORMS": 1, "plans-0-id": fork.pk,
        "plans-0-product": knife.product_id, "plans-0-name": "Taken", "plans-0-price_minor": 1,
        "plans-0-currency": "USD", "plans-0-position": 0, "plans-0-active": "on",
    }  # fmt: skip
    client.post(f"/staff/catalog/product/{knife.product_id}/", form)
    fork.refresh_from_db()
    assert (fork.name, fork.price_minor, fork.product_id) == ("Single", 900, fork.product_id)


@pytest.mark.parametrize(
    "query",
    ["orders__contact__email__startswith=a", "o=1", "category__slug=tools", "e=1", "password=x"],
)
def test_no_list_is_filtered_or_sorted_by_what_an_address_says(query: str) -> None:
    """Only the declared words of a list choose: nothing is found out by asking."""
    an_order()
    _, client = member("owner")
    for path in ("/staff/orders/", "/staff/customers/", "/staff/catalog/product/"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code in (200, 302, 400), (path, answer.status_code)
        assert EMAIL.encode() not in answer.content
    assert client.get(f"/staff/orders/?{query}").content == client.get("/staff/orders/").content
