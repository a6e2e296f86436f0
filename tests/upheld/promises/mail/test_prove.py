"""P07 is proven by looking and by trying, and goes red when a guard is gone."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.upheld.promises.mail.conftest import ANNA, NOW, place_order
from upheld.db.purpose import no_purpose
from upheld.policy import current, install
from upheld.policy.model import Purpose
from upheld.promises import consent
from upheld.promises.mail import OutboxMail, SentMail, compose, grounds, letter, prove
from upheld.promises.mail.grounds import Contract
from upheld.promises.proof import Proof

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("deliver_order")]
ORDERS = "store_orders_order"


def proof() -> Proof:
    (found,) = prove.prove(current(), NOW)
    return found


def sent(key: str, subject: UUID = ANNA, days_ago: int = 1, **values: object) -> SentMail:
    facts = {"ground_kind": "contract", "ground_table": ORDERS} | values
    return SentMail.objects.create(
        kind="receipt",
        subject_id=subject,
        ground_key=key,
        message_id=f"<{uuid4()}@x>",
        sent_at=NOW - timedelta(days=days_ago),
        **facts,
    )


def test_each_mail_is_matched_and_mails_without_a_ground_are_tried() -> None:
    order = place_order()
    for _ in range(3):
        sent(str(order.pk))
    found = proof()
    assert (found.promise_id, found.state, found.kind) == ("P07", "kept", "tested")
    assert found.figure.startswith("3 mails of the last year looked at, 0 without")
    assert found.population is not None and found.population > 3
    assert not OutboxMail.objects.exists()


def test_a_store_that_sent_nothing_is_tried_all_the_same() -> None:
    with no_purpose():  # the proof needs no personal data
        found = proof()
    assert found.state == "kept" and found.population is not None and found.population >= 5


def test_a_mail_without_an_order_is_found() -> None:
    order = place_order()
    for wrong in (
        sent(str(uuid4())),
        sent(str(order.pk), subject=UUID(int=2)),
        sent(str(order.pk), ground_table="store_catalog_plan"),
        sent(str(ANNA), ground_kind="consent"),
    ):
        assert proof().state == "broken"
        wrong.delete()
    assert proof().state == "kept"


def test_last_years_mails_are_looked_at_and_no_older_ones() -> None:
    old = sent(str(uuid4()), days_ago=366)
    assert proof().state == "kept"
    SentMail.objects.filter(pk=old.pk).update(sent_at=NOW - timedelta(days=364))
    assert proof().state == "broken"


def test_a_consent_must_have_been_live_at_the_time(request: pytest.FixtureRequest) -> None:
    held = current()
    request.addfinalizer(lambda: install(held))
    install(
        dataclasses.replace(
            held,
            purposes={**held.purposes, "send_news": Purpose("send_news", "P16", "news", "consent")},
            mails={"receipt": dataclasses.replace(held.mails["receipt"], purpose="send_news")},
        )
    )
    word = {"purpose": "send_news", "text": "Yes.", "method": "form"}
    consent.give(ANNA, now=NOW - timedelta(days=9), **word)
    consent.withdraw(ANNA, now=NOW - timedelta(days=3), **word)
    good = {"ground_kind": "consent", "ground_table": "upheld_consent_record"}
    sent(str(ANNA), days_ago=5, **good)
    assert proof().state == "kept"
    sent(str(ANNA), days_ago=2, **good)
    assert proof().state == "broken"


@pytest.mark.parametrize("guard", ["order", "compose", "letter"])
def test_without_its_guards_the_proof_goes_red(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: each of the three guards removed by itself."""
    if guard == "order":
        monkeypatch.setattr(grounds, "contract_exists", lambda *args: True)
    elif guard == "compose":
        monkeypatch.setattr(letter, "stands", lambda *args: True)
    else:
        monkeypatch.setattr(letter.Letter, "queue", lambda self: None)
    found = proof()
    assert found.state == "broken" and ", 0 let through" not in found.figure


def test_without_any_mail_it_is_unproven() -> None:
    (found,) = prove.prove(dataclasses.replace(current(), mails={}), NOW)
    assert (found.state, found.population) == ("unproven", None)


def test_what_the_relay_refused_is_counted() -> None:
    order = place_order()
    ground = Contract(ORDERS, str(order.pk))
    row = compose("receipt", subject=ANNA, ground=ground, now=NOW).queue()
    row.refuse(550)
    assert "1 refused by the relay" in proof().figure
