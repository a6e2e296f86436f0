"""One company gets an address from the box to the withdrawal, and from nobody else and at no other
time."""

from __future__ import annotations

import dataclasses
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from tests.upheld_store.buyer import Buyer
from upheld import keeping
from upheld.policy import current, install
from upheld.promises import consent
from upheld.promises.disclosure import Disclosure, gate
from upheld_store.catalog.models import Plan
from upheld_store.checkout import share_address
from upheld_store.checkout.share_address import PURPOSE, find_shares
from upheld_store.orders.models import Order
from upheld_store.site.checks import check_site
from upheld_store.site.environment import read_environment

pytestmark = pytest.mark.django_db(transaction=True)
COMPANY = "fernhill_press"
BOX = r'name="consent_shown" value="([^"]+)"'


class Company(BaseHTTPRequestHandler):
    """Takes addresses, or answers with an error."""

    got: ClassVar[list[Any]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Company.got.append(json.loads(body))
        self.send_response(Company.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(autouse=True)
def company(settings: Any) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Company)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    Company.got.clear()
    Company.status = 200
    settings.UPHELD_SHARE_URL = f"http://127.0.0.1:{server.server_address[1]}/partner/readers"
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def answer(buyer: Buyer, page: str, words: str, **more: str) -> Any:
    form = {"about": Order.objects.get().number, "purpose": PURPOSE, "answer": words, **more}
    return buyer.client.post(f"{page}consents/", form)


def agree(buyer: Buyer, page: str) -> None:
    shown = re.search(BOX, buyer.client.get(f"{page}consents/").content.decode())
    assert shown
    given = answer(buyer, page, "give", agreed="on", consent_shown=shown[1])
    assert given.status_code == 302, given.content


def keep() -> None:
    keeping.keep(datetime.now(UTC))


def sent() -> list[Any]:
    return list(Disclosure.objects.filter(recipient=COMPANY).values_list("fields", "purpose"))


def test_from_the_box_to_the_withdrawal(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["plain"], "ada@example.com")
    asked = buyer.client.get(f"{page}consents/").content.decode()
    assert "Fernhill Press" in asked and "checked" not in asked
    keep()
    assert (Company.got, sent()) == ([], [])
    agree(buyer, page)
    keep()
    keep()
    assert Company.got == [{"email": "ada@example.com"}] and sent() == [(["order.email"], PURPOSE)]
    shown = buyer.client.get(page).content.decode()
    assert "Fernhill Press, which prints some of what we sell" in shown
    assert answer(buyer, page, "take_back").status_code == 302
    keep()
    agree(buyer, page)
    assert answer(buyer, page, "take_back").status_code == 302
    keep()  # taken back before anything left: the very next send is none
    assert len(Company.got) == 1 and len(sent()) == 1


def test_an_empty_box_is_a_no(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["plain"])
    shown = re.search(BOX, buyer.client.get(f"{page}consents/").content.decode())
    assert shown
    assert answer(buyer, page, "give", consent_shown=shown[1]).status_code == 400
    keep()
    assert Company.got == []


def test_taken_back_between_finding_and_sending(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["plain"])
    agree(buyer, page)
    assert find_shares(timezone.now()) == 1
    assert answer(buyer, page, "take_back").status_code == 302
    keep()
    assert (Company.got, sent()) == ([], [])


def test_without_the_question_of_consent_it_would_leave(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the one above: act and gate both ask."""
    page = buyer.buy(stock["plain"])
    agree(buyer, page)
    assert find_shares(timezone.now()) == 1
    assert answer(buyer, page, "take_back").status_code == 302
    monkeypatch.setattr(share_address.consent, "live", lambda *_: True)
    monkeypatch.setattr(gate, "_refuse_without_consent", lambda *_: None)
    keep()
    assert len(Company.got) == 1


def test_what_the_company_did_not_take_is_tried_again_on_one_record(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = buyer.buy(stock["plain"])
    agree(buyer, page)
    Company.status = 500
    keep()
    Company.status = 200
    record = consent.ConsentRecord.objects.get()
    assert share_again(record.pk) and len(Company.got) == 2 and len(sent()) == 1


def share_again(consent_id: int) -> bool:
    from upheld.db import entry_point

    with entry_point("job", "share_address"):
        return share_address.share_address(consent_id, timezone.now())


def test_a_store_that_shares_with_nobody_asks_nobody() -> None:
    environment, policy = read_environment(), current()
    assert [f for f in check_site(environment, policy) if f.clause == "P30"] == []
    facts = dataclasses.replace(environment.facts, share_url="")
    (found,) = check_site(dataclasses.replace(environment, facts=facts), policy)
    assert "no company takes it" in found.problem
    facts = dataclasses.replace(environment.facts, share_url="https://elsewhere.example.com/")
    (found,) = check_site(dataclasses.replace(environment, facts=facts), policy)
    assert "elsewhere.example.com is no declared host" in found.problem
    without = {n: r for n, r in policy.recipients.items() if n != COMPANY}
    (found,) = check_site(environment, dataclasses.replace(policy, recipients=without))
    assert "names no company" in found.problem


def test_where_the_policy_names_no_company_nothing_is_looked_for() -> None:
    policy = current()
    without = {n: r for n, r in policy.recipients.items() if n != COMPANY}
    install(dataclasses.replace(policy, recipients=without))
    try:
        assert find_shares(timezone.now()) == 0
    finally:
        install(policy)
