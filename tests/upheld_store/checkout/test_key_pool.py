"""A plan that sells keys of a pool: set aside before payment, each sold once, and money that came
too late goes back by itself (case 13)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.upheld_store.buyer import Buyer
from tests.upheld_store.checkout.books import assert_books_agree, refund
from tests.upheld_store.pool import numbered, pooled, put_in
from upheld import jobs
from upheld.ledger.models import LedgerEntry
from upheld.promises.mail.models import OutboxMail
from upheld.web.content import read_version
from upheld_store.catalog.models import KeyPool, Plan
from upheld_store.checkout import place_order as placing
from upheld_store.licensing.models import LicenseKey, PooledKey
from upheld_store.licensing.reserve_keys import release_reservations
from upheld_store.orders.models import Order
from upheld_store.payments.mails import render_refund
from upheld_store.payments.models import Refund

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("deliver_order")]


def another(buyer: Buyer) -> Buyer:
    return Buyer(buyer.gateway)


def refused(buyer: Buyer, plan: Plan, quantity: int = 1) -> str:
    """The page that says no before the gateway is reached."""
    buyer.put(plan, quantity)
    answer = buyer.send()
    assert answer.status_code == 409, answer.content
    return str(answer.content.decode())


def run_out(minutes: float = 31) -> int:
    """The time of every reservation is over, and the keeper comes."""
    later = timezone.now() + timedelta(minutes=minutes)
    return release_reservations(later)


def test_each_buyer_gets_a_key_of_the_pool_as_written(buyer: Buyer, stock: dict[str, Plan]) -> None:
    pooled(stock["licensed"], "NW-one-a", "NW-two-b")
    pages = [buyer.buy(stock["licensed"]), another(buyer).buy(stock["licensed"])]
    keys = [entry["key"] for page in pages for entry in buyer.facts(page)["licenses"]]
    assert keys == ["NW-one-a", "NW-two-b"]
    assert not [row for row in PooledKey.objects.all() if row.sealed or row.line_id]


def test_the_last_one_is_set_aside_before_payment(buyer: Buyer, stock: dict[str, Plan]) -> None:
    pooled(stock["licensed"], "NW-last")
    url = buyer.to_page(stock["licensed"])
    late = another(buyer)
    page = refused(late, stock["licensed"])
    assert "Licensed thing (Single) is sold out" in page and "nothing was charged" in page
    assert 'value="ada@example.com"' in page  # nothing typed is lost
    assert Order.objects.count() == 1 and len(buyer.gateway.book.sessions()) == 1
    page = buyer.come_back(buyer.pay(url))["Location"]
    assert [entry["key"] for entry in buyer.facts(page)["licenses"]] == ["NW-last"]


def test_fewer_than_wanted_is_said_with_the_number(buyer: Buyer, stock: dict[str, Plan]) -> None:
    pooled(stock["licensed"], *numbered(2))
    page = refused(buyer, stock["licensed"], 3)
    assert "only 2 can be had" in page and not Order.objects.exists()
    assert not PooledKey.objects.exclude(line=None).exists()


def test_two_plans_may_share_a_pool(buyer: Buyer, stock: dict[str, Plan]) -> None:
    pool = pooled(stock["licensed"], *numbered(3))
    Plan.objects.filter(pk=stock["plain"].pk).update(pool=pool, licensed=True)
    buyer.put(stock["plain"], 2)
    assert "only 1 can be had" in refused(buyer, stock["licensed"], 2)
    page = buyer.buy(stock["licensed"])
    keys = [entry["key"] for entry in buyer.facts(page)["licenses"]]
    assert sorted(keys) == numbered(3)


def test_pages_say_that_it_is_sold_out_and_that_it_is_not(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    pooled(stock["licensed"], *numbered(2))
    product = "/products/licensed/"
    buyer.put(stock["licensed"], 1)
    version = read_version()
    buyer.send()
    assert read_version() == version  # one is left: no page is made anew
    assert "Sold out" not in buyer.client.get(product).content.decode()
    second = another(buyer)
    second.put(stock["licensed"], 1)
    second.send()
    assert read_version() == version + 1
    page = buyer.client.get(product).content.decode()
    assert "Sold out" in page and 'name="plan"' not in page
    for path in ("/cart/", "/checkout/"):
        assert "None is free" in buyer.client.get(path).content.decode()
    assert run_out() == 2
    assert "Sold out" not in buyer.client.get(product).content.decode()


def test_whoever_comes_back_to_the_checkout_keeps_their_key(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    """They see that none is free, because theirs is set aside, and can pay."""
    pooled(stock["licensed"], "NW-mine")
    url = buyer.to_page(stock["licensed"])
    assert buyer.send()["Location"] == url
    until = PooledKey.objects.get().reserved_until
    assert until and until > timezone.now() + timedelta(minutes=29)


def test_a_reservation_that_ran_out_goes_to_the_next(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Without waiting for the keeper; and whoever was too late hears it before paying."""
    pooled(stock["licensed"], "NW-only")
    buyer.to_page(stock["licensed"])
    PooledKey.objects.update(reserved_until=timezone.now() - timedelta(seconds=1))
    faster = another(buyer)
    page = faster.buy(stock["licensed"])
    assert len(faster.facts(page)["licenses"]) == 1
    answer = buyer.send()
    assert answer.status_code == 409 and "Sold out meanwhile" in answer.content.decode()


def test_late_but_nobody_took_it(buyer: Buyer, stock: dict[str, Plan]) -> None:
    pooled(stock["licensed"], "NW-patient")
    url = buyer.to_page(stock["licensed"])
    assert run_out(29) == 0
    assert run_out(31) == 1
    page = buyer.come_back(buyer.pay(url))["Location"]
    assert len(buyer.facts(page)["licenses"]) == 1


def paid_too_late(buyer: Buyer, stock: dict[str, Plan]) -> str:
    """The key went to somebody else, then the first buyer paid after all."""
    pooled(stock["licensed"], "NW-only")
    url = buyer.to_page(stock["licensed"])
    run_out()
    another(buyer).buy(stock["licensed"])
    return str(buyer.come_back(buyer.pay(url))["Location"])


def test_paid_too_late_goes_back_by_itself(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = paid_too_late(buyer, stock)
    facts = buyer.facts(page)
    assert (facts["state"], facts["licenses"], facts["downloads"]) == ("review", [], [])
    assert LedgerEntry.objects.filter(event="OrderWithheld").count() == 1
    ran = jobs.run_due(timezone.now, may_go_on=iter([True, True, False]).__next__)
    assert ("carry_out_refund", "") in [(job.name, job.error) for job in ran]
    assert buyer.facts(page)["state"] == "refunded"
    back = Refund.objects.get()
    assert (back.reason, back.amount_minor) == ("not_deliverable", 1900)
    mail = OutboxMail.objects.get(kind="refund")
    text = render_refund(mail.ground_key, timezone.now()).text
    assert "could not deliver" in text and "$19.00" in text
    assert OutboxMail.objects.filter(kind="receipt").count() == 1
    assert LicenseKey.objects.count() == 1
    assert_books_agree(buyer.gateway)


def test_what_a_withheld_order_had_set_aside_is_free_again(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    """Two copies wanted, one of them gone: the other goes back into the pool."""
    pooled(stock["licensed"], *numbered(2))
    buyer.put(stock["licensed"], 2)
    url = buyer.send()["Location"]
    PooledKey.objects.filter(copy=1).update(reserved_until=timezone.now())
    another(buyer).buy(stock["licensed"])
    buyer.come_back(buyer.pay(url))
    left = PooledKey.objects.get(sold_at=None)
    assert (left.line_id, left.reserved_until) == (None, None)
    assert not KeyPool.objects.get().sold_out


def test_a_refunded_key_is_not_sold_again(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """The buyer has seen it. Nor can it be imported once more."""
    pool = pooled(stock["licensed"], "NW-seen")
    page = buyer.buy(stock["licensed"])
    refund(Order.objects.get(), None)
    assert buyer.facts(page)["licenses"] == []
    assert put_in(pool, "NW-seen").added == 0
    refused(another(buyer), stock["licensed"])


def test_a_free_plan_may_sell_from_a_pool(buyer: Buyer, stock: dict[str, Plan]) -> None:
    pooled(stock["free"], "NW-gift")
    buyer.put(stock["free"])
    page = buyer.send()["Location"]
    assert [entry["key"] for entry in buyer.facts(page)["licenses"]] == ["NW-gift"]
    refused(another(buyer), stock["free"])


def test_the_order_page_says_until_when(buyer: Buyer, stock: dict[str, Plan]) -> None:
    pooled(stock["licensed"], "NW-one")
    buyer.put(stock["licensed"])
    buyer.trouble(api="500")
    assert buyer.send().status_code == 503
    buyer.trouble(reset=True)
    page = Order.objects.get().page_path(Order.objects.get().first_token())
    assert re.search(
        r"set aside until \d+ \w+, \d\d:\d\d UTC", buyer.client.get(page).content.decode()
    )


def test_what_the_plan_said_when_it_was_bought_counts(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """The owner takes the plan off the pool meanwhile: the buyer gets what they ordered."""
    pooled(stock["licensed"], "NW-ordered")
    url = buyer.to_page(stock["licensed"])
    Plan.objects.filter(pk=stock["licensed"].pk).update(pool=None)
    page = buyer.come_back(buyer.pay(url))["Location"]
    assert [entry["key"] for entry in buyer.facts(page)["licenses"]] == ["NW-ordered"]


def test_without_setting_aside_the_money_comes_first(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: nobody is told before payment, and one of two pays for nothing."""
    monkeypatch.setattr(placing, "reserve_keys", lambda *_: None)
    pooled(stock["licensed"], "NW-only")
    late = another(buyer)
    urls = [each.to_page(stock["licensed"]) for each in (buyer, late)]
    first = buyer.come_back(buyer.pay(urls[0]))["Location"]
    second = late.come_back(late.pay(urls[1]))["Location"]
    assert [buyer.facts(page)["state"] for page in (first, second)] == ["paid", "review"]
    assert LicenseKey.objects.count() == 1
