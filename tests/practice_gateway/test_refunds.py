"""Refunds and the list of events: what was paid goes back, and no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.practice_gateway.caller import Caller
from tests.practice_gateway.conftest import Clock, Store

CARD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "Ada Example"}


def ask(
    caller: Caller, method: str, path: str, form: dict[str, str] | None = None, key: str = ""
) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": "Bearer sk_test_x"} | ({"Idempotency_Key": key} if key else {})
    status, _, body = caller.ask(method, f"/v1{path}", form, **headers)
    return status, json.loads(body)


def paid(caller: Caller) -> str:
    """The payment of a session that was paid."""
    session = caller.open(**{"payment_intent_data[metadata][order]": "ABCDE-FGHJK"})
    caller.ask("POST", f"/pay/{session['id']}", CARD)
    status, found = caller.call("GET", f"/{session['id']}")
    assert (status, found["payment_status"]) == (200, "paid")
    return str(found["payment_intent"])


def test_in_parts_and_no_more(caller: Caller, store: Store) -> None:
    intent = paid(caller)
    form = {"payment_intent": intent, "amount": "900", "metadata[refund]": "r1"}
    status, made = ask(caller, "POST", "/refunds", form)
    assert (status, made["status"], made["metadata"]) == (200, "succeeded", {"refund": "r1"})
    assert ask(caller, "GET", f"/refunds/{made['id']}")[1] == made
    too_much = {"payment_intent": intent, "amount": "1001"}
    assert ask(caller, "POST", "/refunds", too_much)[0] == 400
    assert ask(caller, "POST", "/refunds", {"payment_intent": intent, "amount": "1000"})[0] == 200
    listed = ask(caller, "GET", f"/refunds?payment_intent={intent}")[1]["data"]
    assert [refund["amount"] for refund in listed] == [1000, 900]
    sent = [json.loads(body) for body, _ in store.got]
    charges = [e["data"]["object"] for e in sent if e["type"] == "charge.refunded"]
    assert [charge["metadata"] for charge in charges] == [{"order": "ABCDE-FGHJK"}] * len(charges)


def test_a_key_repeats_its_refund_for_a_day(caller: Caller, clock: Clock) -> None:
    form = {"payment_intent": paid(caller), "amount": "100"}
    first = ask(caller, "POST", "/refunds", form, "key-1")[1]
    assert ask(caller, "POST", "/refunds", form, "key-1")[1] == first
    assert ask(caller, "POST", "/refunds", form | {"amount": "5"}, "key-1")[0] == 400
    clock.ahead = 24 * 3600 + 1
    assert ask(caller, "POST", "/refunds", form, "key-1")[1]["id"] != first["id"]


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", "much"])
def test_amounts_that_are_none(caller: Caller, amount: str) -> None:
    form = {"payment_intent": paid(caller), "amount": amount}
    assert ask(caller, "POST", "/refunds", form)[0] == 400


def test_unknown_things(caller: Caller) -> None:
    assert ask(caller, "POST", "/refunds", {"payment_intent": "pi_x"})[0] == 400
    assert ask(caller, "POST", "/refunds", {})[0] == 400
    assert ask(caller, "GET", "/refunds/re_x")[0] == 404
    assert ask(caller, "GET", "/refunds?payment_intent=pi_x")[0] == 404
    assert ask(caller, "GET", "/events/evt_x")[0] == 404
    assert ask(caller, "GET", "/refunds?limit=much")[1]["data"] == []


def test_a_pending_refund(caller: Caller) -> None:
    assert caller.control(refund="pending")[0] == 200
    assert caller.control(refund="maybe")[0] == 400
    made = ask(caller, "POST", "/refunds", {"payment_intent": paid(caller)})[1]
    assert (made["status"], made["amount"]) == ("pending", 1900)


def test_events_that_were_not_delivered(caller: Caller, clock: Clock) -> None:
    caller.control(lose=True)
    paid(caller)
    paid(caller)
    kind = "types[0]=checkout.session.completed&delivery_success=false"
    first = ask(caller, "GET", f"/events?{kind}&limit=1")[1]
    assert (len(first["data"]), first["has_more"]) == (1, True)
    after = first["data"][0]["id"]
    second = ask(caller, "GET", f"/events?{kind}&limit=1&starting_after={after}")[1]
    assert (len(second["data"]), second["has_more"]) == (1, False)
    assert ask(caller, "GET", f"/events/{after}")[1] == first["data"][0]
    assert ask(caller, "GET", "/events?delivery_success=true")[1]["data"] == []
    assert ask(caller, "GET", f"/events?created[gte]={int(clock()) + 60}")[1]["data"] == []
    caller.control(reset=True, resend=after)
    for _ in range(200):
        left = ask(caller, "GET", f"/events?{kind}")[1]["data"]
        if len(left) == 1:
            break
    assert [event["id"] for event in left] == [second["data"][0]["id"]]


def test_only_the_hosted_page_is_practiced(caller: Caller) -> None:
    assert caller.open(ui_mode="hosted_page")
    assert caller.call("POST", "", {"mode": "payment", "ui_mode": "embedded_page"})[0] == 400
