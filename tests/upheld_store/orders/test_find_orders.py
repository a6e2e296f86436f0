"""The link to an order, mailed again: to its own buyer, not too often, and telling no one."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.upheld_store.buyer import Buyer
from upheld.db import entry_point
from upheld.jobs.models import Job
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan
from upheld_store.orders.mail_links import mail_links
from upheld_store.orders.mails import render_order_link, render_receipt
from upheld_store.orders.models import Order, OrderLink

pytestmark = pytest.mark.django_db

NOBODY = "nobody@example.com"


def find(buyer: Buyer, email: str) -> str:
    answer = buyer.client.post("/orders/find/", {"email": email})
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def run_jobs(minutes: int = 0) -> int:
    """Do what the keeper does with the jobs of this page; how many mails are queued then."""
    jobs = Job.objects.filter(name="mail_links")
    for job in jobs:
        with entry_point("job", "mail_links"):
            mail_links(now=timezone.now() + timedelta(minutes=minutes), **job.arguments)
    jobs.delete()
    return OutboxMail.objects.filter(kind="order_link").count()


def test_one_mail_an_order_with_a_new_link(buyer: Buyer, stock: dict[str, Plan]) -> None:
    old = buyer.buy(stock["plain"])
    find(buyer, "ADA@example.com")
    assert run_jobs() == 1
    order = Order.objects.get()
    new = f"/orders/{order.newest_token()}/"
    assert new != old
    for page in (old, new):
        assert buyer.client.get(page).status_code == 200


def test_the_answer_is_the_same_for_everyone(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["plain"])
    pages, statements = [], []
    for email in ("ada@example.com", NOBODY):
        with CaptureQueriesContext(connection) as captured:
            pages.append(find(buyer, email))
        words = [query["sql"].split()[:3] for query in captured.captured_queries]
        statements.append([w[:1] if "SAVEPOINT" in w else w for w in words])
    assert pages[0] == pages[1]
    assert statements[0] == statements[1], "time would tell who shops here"
    assert run_jobs() == 1


def test_not_twice_within_ten_minutes(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["plain"])
    for _ in range(3):
        find(buyer, "ada@example.com")
    assert Job.objects.filter(name="mail_links").count() <= 2  # two, if a stretch ended between
    assert run_jobs() == 1
    find(buyer, "ada@example.com")
    assert run_jobs(minutes=9) == 1
    find(buyer, "ada@example.com")
    assert run_jobs(minutes=11) == 2


def test_an_order_that_was_never_paid_mails_nobody(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Anyone can place one under anyone's address: it must not become a way to write to them."""
    buyer.to_page(stock["plain"], "victim@example.com")
    find(buyer, "victim@example.com")
    assert run_jobs() == 0
    assert OrderLink.objects.count() == 1


def test_only_the_orders_of_that_address(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["plain"])
    buyer.buy(stock["plain"], "other@example.com")
    buyer.buy(stock["licensed"])
    find(buyer, "ada@example.com")
    assert run_jobs() == 2


def test_a_job_about_no_order_does_nothing(buyer: Buyer, stock: dict[str, Plan]) -> None:
    with entry_point("job", "mail_links"):
        mail_links(order_id=str(uuid.uuid4()), now=timezone.now())
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize("email", ["", "x", "a@b", "a@example.com\nBcc: b@example.com"])
def test_no_address_is_said(buyer: Buyer, stock: dict[str, Plan], email: str) -> None:
    answer = buyer.client.post("/orders/find/", {"email": email})
    assert answer.status_code == 400
    assert not Job.objects.exists()


@pytest.mark.purpose("deliver_order")
def test_what_the_mails_say(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    order = Order.objects.get()
    for render in (render_receipt, render_order_link):
        mail = render(str(order.pk), timezone.now())
        assert mail.to == "ada@example.com" and order.number in mail.subject
        for body in (mail.text, mail.html):
            assert f"http://127.0.0.1:8000{page}" in body and "Ada Example" in body
    key = buyer.facts(page)["licenses"][0]["key"]
    receipt = render_receipt(str(order.pk), timezone.now())
    assert "19.00" in receipt.text and key not in receipt.text + receipt.html


@pytest.mark.purpose("deliver_order")
def test_a_name_is_only_a_name(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Placeholders and tags in it are words; it never reaches a header."""
    buyer.put(stock["plain"])
    name = "{{ order.number }} {number} <b>"
    form = {"email": "ada@example.com", "name": name, "shown": buyer.shown()}
    buyer.pay(buyer.client.post("/checkout/", form)["Location"])
    buyer.hear()
    mail = render_receipt(str(Order.objects.get().pk), timezone.now())
    assert name in mail.text and "&lt;b&gt;" in mail.html and "<b>" not in mail.html
    assert "{" not in mail.subject
