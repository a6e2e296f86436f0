"""Webhooks: signed, retried, and troubled as the control wishes."""

from __future__ import annotations

import hashlib
import hmac
import time

import pytest

from practice_gateway.sender import RETRY_SECONDS, post_over_http
from tests.practice_gateway.caller import Caller
from tests.practice_gateway.conftest import Clock, Store
from tests.practice_gateway.test_hosted_page import CARD, path_of


def eventually(store: Store, count: int) -> None:
    """Wait until the store got so many webhooks."""
    deadline = time.monotonic() + 5
    while len(store.got) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(store.got) == count


def pay(caller: Caller) -> None:
    caller.ask("POST", path_of(caller.open()), CARD)


def test_signed_over_time_and_body(caller: Caller, store: Store) -> None:
    pay(caller)
    eventually(store, 1)
    body, headers = store.got[0]
    at, mac = (part.partition("=")[2] for part in headers["Stripe-Signature"].split(","))
    wanted = hmac.new(b"whsec_test", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert mac == wanted
    assert b'"type": "checkout.session.completed"' in body


def test_retried_until_taken(caller: Caller, store: Store, clock: Clock) -> None:
    store.status = 503
    pay(caller)
    eventually(store, 1)
    store.status = 200
    clock.ahead += RETRY_SECONDS[0]
    eventually(store, 2)
    assert store.got[0][0] == store.got[1][0]
    deadline = time.monotonic() + 5
    while caller.practice.sender.events[0].answers != [503, 200] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert caller.control()[1]["events"][0]["answers"] == [503, 200]


def test_lost_and_sent_again(caller: Caller, store: Store) -> None:
    caller.control(lose=True)
    pay(caller)
    time.sleep(0.1)
    assert store.got == []
    events = caller.control(reset=True)[1]["events"]
    assert events[0]["lost"] is True
    assert caller.control(resend=events[0]["id"])[0] == 200
    eventually(store, 1)
    assert caller.control(resend="evt_none")[0] == 404


def test_doubled(caller: Caller, store: Store) -> None:
    caller.control(copies=3)
    pay(caller)
    eventually(store, 3)
    assert len({body for body, _ in store.got}) == 1


def test_out_of_order(caller: Caller, store: Store) -> None:
    caller.control(reorder=2)
    session = caller.open()
    caller.ask("POST", path_of(session), CARD | {"do": "decline"})
    caller.ask("POST", path_of(session), CARD)
    eventually(store, 2)
    assert [b"completed" in body for body, _ in store.got] == [True, False]


def test_delayed(caller: Caller, store: Store, clock: Clock) -> None:
    caller.control(delay_seconds=60)
    pay(caller)
    time.sleep(0.1)
    assert store.got == []
    clock.ahead += 60
    caller.control(reset=True)
    pay(caller)  # wakes the sender, whose clock is the test's
    eventually(store, 2)


def test_waiting_answers_the_buyer_after_the_store(caller: Caller, store: Store) -> None:
    caller.control(wait=True)
    pay(caller)
    assert len(store.got) == 1


@pytest.mark.parametrize("forge", ["other_secret", "stale", "no_header", "v0", "unicode_header"])
def test_forged_is_sent_once(caller: Caller, store: Store, forge: str) -> None:
    store.status = 400
    caller.control(forge=forge, wait=True)
    pay(caller)
    assert len(store.got) == 1


def test_no_store_is_no_answer() -> None:
    assert post_over_http("http://127.0.0.1:9/", b"{}", {}) == 0
