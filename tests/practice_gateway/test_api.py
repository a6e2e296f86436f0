"""The interface: sessions opened, read, expired; keys that repeat an answer for a day."""

from __future__ import annotations

import pytest

from tests.practice_gateway.caller import SESSION, Caller
from tests.practice_gateway.conftest import Clock


def test_a_session_opens_and_is_read(caller: Caller) -> None:
    session = caller.open()
    assert (session["amount_total"], session["currency"], session["status"]) == (
        1900,
        "usd",
        "open",
    )
    assert session["url"] == f"{caller.practice.origin}/pay/{session['id']}"
    assert caller.call("GET", f"/{session['id']}") == (200, session)


def test_a_key_repeats_its_answer_for_a_day(caller: Caller, clock: Clock) -> None:
    first = caller.open("key-1")
    assert caller.open("key-1") == first
    clock.ahead = 24 * 3600 + 1
    assert caller.open("key-1")["id"] != first["id"]


def test_a_key_with_other_parameters_is_refused(caller: Caller) -> None:
    caller.open("key-1")
    status, answer = caller.call("POST", "", SESSION | {"mode": "payment", "x": "y"}, "key-1")
    assert (status, answer["error"]["type"]) == (400, "idempotency_error")


@pytest.mark.parametrize(
    "changed",
    [
        {"mode": "subscription"},
        {"line_items[0][price_data][unit_amount]": "0"},
        {"line_items[0][price_data][unit_amount]": "-5"},
        {"line_items[0][price_data][unit_amount]": "\u0661"},
        {"line_items[0][price_data][unit_amount]": "99999999999"},
        {"line_items[0][price_data][currency]": "US$"},
        {"success_url": "http://elsewhere.example.com/"},
        {"cancel_url": "http://127.0.0.1:80001/"},
    ],
)
def test_what_cannot_be_used_is_refused(caller: Caller, changed: dict[str, str]) -> None:
    status, answer = caller.call("POST", "", SESSION | changed)
    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")


def test_expiring(caller: Caller, clock: Clock) -> None:
    session = caller.open()
    status, answer = caller.call("POST", f"/{session['id']}/expire")
    assert (status, answer["status"], answer["url"]) == (200, "expired", None)
    assert caller.call("POST", f"/{session['id']}/expire")[0] == 400
    other = caller.open()
    clock.ahead = 24 * 3600 + 1
    assert caller.call("GET", f"/{other['id']}")[1]["status"] == "expired"


def test_a_stranger_gets_nothing(caller: Caller) -> None:
    assert caller.ask("GET", "/v1/checkout/sessions/cs_test_00")[0] == 401
    assert caller.call("GET", "/cs_test_00")[0] == 404
    assert caller.call("GET", "/../../control")[0] == 404
