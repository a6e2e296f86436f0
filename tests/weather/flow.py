"""One act in one process, so that each of its write calls can be taken as a crash point.

`python -m tests.weather.flow ACT FACTS [SABOTAGE]`, with an act of ACTS. Around it stand two
look-ups of files that do not exist: strace shows them, and what lies between is the act."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

BEGIN, END = "/weather-act-begins", "/weather-act-ends"


def place(facts: dict[str, Any]) -> None:
    """A filled cart is sent, and the gateway asked for its page."""
    from django.test import Client

    client = Client(headers={"host": facts["host"]}, HTTP_SEC_FETCH_SITE="same-origin")
    client.raise_request_exception = False  # a fault gets its page, as it would on a server
    client.cookies.load(facts["cookies"])
    answer = client.post("/checkout/", facts["form"])
    print(f"answered {answer.status_code}, Retry-After {answer.headers.get('Retry-After')}")
    assert answer.status_code == 303, answer.content


def webhook(facts: dict[str, Any]) -> None:
    """The gateway says that an order is paid: order, vault, key, receipt."""
    from django.test import Client

    client = Client(headers={"host": facts["host"]} | facts["headers"])
    answer = client.post(
        "/payments/practice/webhook/", facts["body"], content_type="application/json"
    )
    assert answer.status_code == 200, answer.content


def refund(facts: dict[str, Any]) -> None:
    """Staff sends an order's money back; the form's id makes pressing its button twice one."""
    from upheld.db.purpose import purpose_for_test
    from upheld_store.checkout.refund_order import refund_order
    from upheld_store.orders.models import Order

    with purpose_for_test("take_payment"):
        made = refund_order(
            Order.objects.get(), None, "requested", datetime.now(UTC),
            refund_id=uuid.UUID(facts["refund"]),
        )  # fmt: skip
    assert made.state == "done", made.state


def destroy(facts: dict[str, Any]) -> None:
    """What is due is destroyed, as before the first answer, and its space taken back."""
    from upheld import keeping

    now = datetime.now(UTC)
    keeping.before_first_answer(now)
    keeping.keep(now)


def erase(facts: dict[str, Any]) -> None:
    """Everyone under an address is erased, without a window."""
    from upheld_store.site.command_line import build_parser
    from upheld_store.site.verbs import run

    assert run(build_parser().parse_args(["erase", facts["email"], "--now"])) == 0


ACTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "place": place, "webhook": webhook, "refund": refund, "destroy": destroy, "erase": erase
}  # fmt: skip


def main() -> None:
    act, facts, *sabotage = sys.argv[1:]
    django.setup()
    from django.db import connection

    from tests.weather.sabotage import SWITCHES
    from upheld_store.site import urls  # noqa: F401 - compiled before the act

    connection.ensure_connection()
    for name in sabotage:
        SWITCHES[name]()
    os.path.exists(BEGIN)
    ACTS[act](json.loads(Path(facts).read_text("utf-8")))
    os.path.exists(END)


if __name__ == "__main__":
    main()
