"""The payer's bank: money taken back, events in Stripe's words, and the buttons for it."""

from __future__ import annotations

from typing import Any

from tests.practice_gateway.caller import Caller
from tests.practice_gateway.test_refunds import ask, paid


def control(caller: Caller, **wish: Any) -> int:
    return caller.control(dispute=wish)[0]


def test_by_control_and_by_the_interface(caller: Caller) -> None:
    intent = paid(caller)
    page = ask(caller, "GET", f"/checkout/sessions?payment_intent={intent}")[1]["data"]
    session = page[0]["id"]
    assert control(caller, session=session, amount=900) == 200
    (made,) = ask(caller, "GET", f"/disputes?payment_intent={intent}")[1]["data"]
    assert (made["amount"], made["status"], made["payment_intent"]) == (
        900,
        "needs_response",
        intent,
    )
    too_much = {"payment_intent": intent, "amount": "1001"}
    assert ask(caller, "POST", "/refunds", too_much)[0] == 400
    assert control(caller, id=made["id"], status="won") == 200
    assert ask(caller, "GET", f"/disputes/{made['id']}")[1]["status"] == "won"
    assert ask(caller, "POST", "/refunds", too_much)[0] == 200
    kinds = [event.kind for event in caller.practice.sender.events]
    assert [kind for kind in kinds if "dispute" in kind] == [
        "charge.dispute.created", "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated", "charge.dispute.closed",
    ]  # fmt: skip


def test_what_cannot_be_disputed(caller: Caller) -> None:
    session = caller.open()["id"]
    for wish in ({"session": session}, {"session": "cs_test_0"}, {"id": "dp_0"}, {"amount": 1}):
        assert control(caller, **wish) == 400
    assert ask(caller, "GET", "/disputes/dp_0")[0] == 404
    assert ask(caller, "GET", "/disputes?payment_intent=pi_0")[0] == 404
    assert ask(caller, "GET", "/checkout/sessions?payment_intent=pi_0")[1]["data"] == []


def test_the_buttons(caller: Caller) -> None:
    intent = paid(caller)
    page = ask(caller, "GET", f"/checkout/sessions?payment_intent={intent}")[1]["data"][0]["id"]

    def press(do: str) -> str:
        assert caller.ask("POST", f"/pay/{page}", {"do": do})[0] == 303
        return str(caller.ask("GET", f"/pay/{page}")[2])

    assert "Decide for the store" in press("dispute")
    assert "Decide for the store" in press("dispute")  # twice is once
    assert "stays with them" in press("lost")
    (made,) = ask(caller, "GET", f"/disputes?payment_intent={intent}")[1]["data"]
    assert made["status"] == "lost"
