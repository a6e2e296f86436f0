"""P46 on the pages: given and taken back by a button, of the words that were shown, with receipts;
for customers and for guests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pyld import jsonld
from pytest_django import Settings

from tests.upheld_store.site.authorization import people
from upheld.policy import Policy, current, install
from upheld.policy.model import Purpose
from upheld.promises import consent
from upheld.promises.consent import ConsentRecord
from upheld.web.consent_page import text_of
from upheld_store.orders.models import Order

NEWS = Purpose("send_news", "P46", "send you news", "consent", ask="Yes, send me news.")
HERE = "/account/consents/"
DPV = "https://w3id.org/dpv#"

pytestmark = pytest.mark.django_db


@pytest.fixture
def version_3() -> Iterator[Policy]:
    before = current()
    email = before.fields["order.email"]
    more = replace(email, purposes=email.purposes | {"send_news"})
    policy = replace(
        before,
        version=3,
        purposes={"send_news": NEWS, **before.purposes},
        fields={**before.fields, "order.email": more},
    )
    install(policy)
    yield policy
    install(before)


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    return people()


def form(page: str) -> dict[str, str]:
    """The first form of the page as a browser would send it, its box ticked."""
    first = page[page.index('<section class="consent"') :]
    first = first[: first.index("</form>")]
    found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', first))
    return {**found, "agreed": "on"}


def send(client: Client, where: str, data: dict[str, str]) -> Any:
    return client.post(where, data, HTTP_SEC_FETCH_SITE="same-origin")


def test_given_and_taken_back(world: Any, version_3: Policy) -> None:
    ada = world.clients["ada"]
    page = ada.get(HERE).content.decode()
    assert "Yes, send me news." in page and "You do not agree." in page
    assert not re.search(r"<input[^>]*checked", page)
    assert send(ada, HERE, form(page)).status_code == 302
    page = ada.get(HERE).content.decode()
    assert "You agree." in page
    record = ConsentRecord.objects.get()
    assert consent.live(record.subject_id, "send_news") and record.policy_version == 3
    assert send(ada, HERE, form(page)).status_code == 302
    assert not consent.live(record.subject_id, "send_news")
    assert ConsentRecord.objects.count() == 2


def test_without_the_tick_nothing_is_recorded(world: Any, version_3: Policy) -> None:
    ada = world.clients["ada"]
    sent = form(ada.get(HERE).content.decode())
    del sent["agreed"]
    answer = send(ada, HERE, sent)
    assert answer.status_code == 400 and "tick the box" in answer.content.decode()
    assert not ConsentRecord.objects.exists()


def test_a_form_of_3_sent_under_4_is_3_or_shown_again(world: Any, version_3: Policy) -> None:
    ada = world.clients["ada"]
    sent = form(ada.get(HERE).content.decode())
    install(replace(version_3, version=4))
    send(ada, HERE, sent)
    assert ConsentRecord.objects.get().policy_version == 3
    other = replace(NEWS, ask="Yes, send me news and offers.")
    eve = world.clients["eve"]
    sent = form(eve.get(HERE).content.decode())
    install(replace(version_3, version=5, purposes={**version_3.purposes, "send_news": other}))
    answer = send(eve, HERE, sent)
    assert answer.status_code == 400 and "news and offers" in answer.content.decode()
    assert ConsentRecord.objects.count() == 1


def test_a_guest_has_the_same_at_the_order(world: Any, version_3: Policy) -> None:
    guest = world.clients["guest"]
    where = f"/orders/{world.things['link'].own}/consents/"
    assert send(guest, where, form(guest.get(where).content.decode())).status_code == 302
    order = Order.objects.by_token(world.things["link"].own)
    assert order is not None and consent.live(order.subject_id, "send_news")
    assert "You agree." in guest.get(where).content.decode()
    told = guest.get(f"/orders/{world.things['link'].own}/consents.json")
    (expanded,) = jsonld.expand(told.json())
    assert expanded[f"{DPV}hasConsentStatus"] == [{"@id": f"{DPV}ConsentGiven"}]
    (notice,) = expanded[f"{DPV}hasNotice"]
    assert "Yes, send me news." in str(notice) and "sha256:" in str(notice)
    assert told["Cache-Control"] == "no-store"


def test_nobody_answers_for_another(world: Any, version_3: Policy) -> None:
    eve, number = world.clients["eve"], world.things["order"].own
    sent = {**form(eve.get(HERE).content.decode()), "about": str(number)}
    assert send(eve, HERE, sent).status_code == 400
    assert not ConsentRecord.objects.exists()


def test_a_page_of_another_site_is_not_heard(world: Any, version_3: Policy) -> None:
    ada = world.clients["ada"]
    sent = form(ada.get(HERE).content.decode())
    assert ada.post(HERE, sent, HTTP_SEC_FETCH_SITE="cross-site").status_code == 403
    assert ada.get(HERE, sent).status_code == 200
    assert not ConsentRecord.objects.exists()


def test_where_nothing_rests_on_consent_the_page_says_so(world: Any) -> None:
    before = current()
    contract = {n: p for n, p in before.purposes.items() if p.basis != "consent"}
    install(replace(before, purposes=contract))
    try:
        assert (
            "Nothing that this store does rests" in world.clients["ada"].get(HERE).content.decode()
        )
    finally:
        install(before)


def test_the_words_of_an_earlier_version_are_found_again(version_3: Policy) -> None:
    record = consent.give(
        UUID(int=9),
        purpose="send_news",
        text=NEWS.ask,
        method="box",
        now=datetime.now(UTC),
    )
    assert text_of(record) == NEWS.ask
    record.text_hash = "0" * 64
    assert text_of(record) == ""
