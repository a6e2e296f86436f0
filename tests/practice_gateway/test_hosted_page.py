"""The page a buyer sees: pay, be declined, take an extra step, go back, come twice."""

from __future__ import annotations

import json

import pytest

from tests.practice_gateway.caller import STORE, Caller
from tests.practice_gateway.conftest import Clock

CARD = {"number": "4242424242424242", "expiry": "12/34", "cvc": "123", "name": "Ada Example"}


def path_of(session: dict[str, str]) -> str:
    return f"/pay/{session['id']}"


def test_the_page_is_filled_in_and_safe(caller: Caller) -> None:
    session = caller.open()
    status, headers, body = caller.ask("GET", path_of(session))
    page = body.decode()
    assert status == 200 and "19.00 USD" in page and "4242 4242 4242 4242" in page
    assert "Order &lt;b&gt;" in page and "<script" not in page
    assert headers["Cache-Control"] == "no-store"
    assert f"form-action 'self' {STORE}" in headers["Content-Security-Policy"]
    assert f'href="{STORE}/cart/"' in page


def test_paying(caller: Caller) -> None:
    session = caller.open()
    status, headers, _ = caller.ask("POST", path_of(session), CARD)
    assert (status, headers["Location"]) == (303, f"{STORE}/return/?session={session['id']}")
    query = "?expand[]=payment_intent.latest_charge"
    truth = caller.call("GET", f"/{session['id']}{query}")[1]
    assert (truth["status"], truth["payment_status"]) == ("complete", "paid")
    charge = truth["payment_intent"]["latest_charge"]
    assert charge["billing_details"]["name"] == "Ada Example"
    assert charge["payment_method_details"]["card"] == {
        "brand": "visa",
        "last4": "4242",
        "exp_month": 12,
        "exp_year": 2034,
    }
    assert "4242424242424242" not in json.dumps(truth)


def test_paying_twice_is_paying_once(caller: Caller) -> None:
    session = caller.open()
    places = {caller.ask("POST", path_of(session), CARD)[1]["Location"] for _ in range(3)}
    assert len(places) == 1
    assert "This is paid" in caller.ask("GET", path_of(session))[2].decode()
    assert len(caller.practice.sender.events) == 1


@pytest.mark.parametrize("form", [CARD | {"number": "4000000000000002"}, CARD | {"do": "decline"}])
def test_declined_and_tried_again(caller: Caller, form: dict[str, str]) -> None:
    session = caller.open()
    assert caller.ask("POST", path_of(session), form)[1]["Location"] == path_of(session)
    assert "declined" in caller.ask("GET", path_of(session))[2].decode()
    assert caller.ask("POST", path_of(session), CARD)[1]["Location"].startswith(STORE)
    kinds = [event.kind for event in caller.practice.sender.events]
    assert kinds == ["payment_intent.payment_failed", "checkout.session.completed"]


def test_extra_step(caller: Caller) -> None:
    session = caller.open()
    step = f"{path_of(session)}/confirm"
    assert caller.ask("GET", step)[1]["Location"] == path_of(session)
    card = CARD | {"number": "4000002500003155"}
    assert caller.ask("POST", path_of(session), card)[1]["Location"] == step
    assert "is it you?" in caller.ask("GET", step)[2].decode()
    assert caller.ask("POST", step, {"do": "refuse"})[1]["Location"] == path_of(session)
    assert "not confirmed" in caller.ask("GET", path_of(session))[2].decode()
    caller.ask("POST", path_of(session), card)
    assert caller.ask("POST", step, {"do": "confirm"})[1]["Location"].startswith(STORE)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"number": "4111111111111111"}, "Only the test cards"),
        ({"number": "\u0664242424242424242"}, "Only the test cards"),
        ({"expiry": "13/34"}, "month and a year"),
        ({"expiry": "01/20"}, "has expired"),
        ({"cvc": "12"}, "security code"),
        ({"name": " "}, "Type the name"),
        ({"name": "x" * 101}, "Type the name"),
    ],
)
def test_what_is_mistyped_comes_back_filled(
    caller: Caller, changed: dict[str, str], problem: str
) -> None:
    status, _, body = caller.ask("POST", path_of(caller.open()), CARD | changed)
    assert status == 422 and problem in body.decode()
    assert caller.practice.book.sessions()[0].status == "open"


def test_an_expired_page_says_so(caller: Caller, clock: Clock) -> None:
    session = caller.open()
    clock.ahead = 24 * 3600 + 1
    status, _, body = caller.ask("POST", path_of(session), CARD)
    assert status == 200 and "has expired" in body.decode()
    assert caller.practice.book.sessions()[0].paid_by is None


def test_other_addresses(caller: Caller) -> None:
    assert caller.ask("GET", "/pay/cs_test_00")[0] == 404
    assert caller.ask("GET", "/elsewhere")[0] == 404
    assert b"No money moves" in caller.ask("GET", "/")[2]
    assert caller.ask("GET", "/page.css")[1]["Content-Type"] == "text/css; charset=utf-8"
