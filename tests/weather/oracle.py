"""The one oracle: what must hold after any weather, over database, gateway, mailbox and files.

`python -m tests.weather.oracle` reads evidence as JSON, prints what is broken as a JSON list. It
runs as a process of its own, in the environment of the store that it judges."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import django

Evidence = dict[str, Any]
_MESSAGE_ID = re.compile(r"^Message-ID:\s*(\S+)", re.MULTILINE | re.IGNORECASE)
_NUMBER = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")
TYPED_CARDS = (b"4242424242424242", b"4242 4242 4242 4242")


def acknowledged(evidence: Evidence) -> Iterator[str]:
    """I1: what was acknowledged exists once, and is as it was said to be."""
    from upheld_store.orders.models import Order

    states = dict(Order.objects.values_list("number", "state"))
    for number in evidence["placed"]:
        if number not in states:
            yield f"I1 order {number} was acknowledged and is lost"
    for number in evidence["paid"]:
        if states.get(number) not in {"paid", "refunded"}:
            yield f"I1 order {number} was shown as paid and is {states.get(number)}"


def money(evidence: Evidence) -> Iterator[str]:
    """I2 and I4: each success at the gateway is one paid order or money under review, and no
    order is paid without one."""
    from upheld_store.orders.models import Order
    from upheld_store.payments.models import Payment

    successes = {s["id"]: s for s in evidence["sessions"] if s["paid"]}
    known = {
        named: (state, number, amount)
        for named, state, number, amount in Payment.objects.exclude(named=None).values_list(
            "named__reference", "state", "order__number", "amount_minor"
        )
    }
    for reference, session in successes.items():
        state, number, amount = known.get(reference, ("unknown", "", 0))
        if state not in {"paid", "review"}:
            yield f"I2 the gateway was paid for {session['order']}, our payment is {state}"
        elif (number, amount) != (session["order"], session["amount"]):
            yield f"I2 {reference} paid for {session['order']} and is booked on {number}"
    booked = [ref for ref, (state, *_) in known.items() if state in {"paid", "review"}]
    if evidence.get("others_may_be_paid"):  # at the gateway, in a future that this store forgot
        booked = [ref for ref in booked if ref in successes]
    yield from (f"I2 {ref} is booked and was never paid" for ref in booked if ref not in successes)
    paid = Counter(
        p.order.number for p in Payment.objects.filter(state="paid").select_related("order")
    )
    for order in Order.objects.filter(state__in=("paid", "refunded"), total_minor__gt=0):
        if paid[order.number] != 1:
            yield f"I2 order {order.number} is paid by {paid[order.number]} payments"
    ours = sum(known[ref][2] for ref in booked)
    theirs = sum(session["amount"] for session in successes.values())
    if ours != theirs:
        yield f"I4 the gateway took {theirs}, we booked {ours}"


def refunds(evidence: Evidence) -> Iterator[str]:
    """I2 and I4: what went back at the gateway went back here, once, and nothing else did."""
    from upheld_store.payments.models import Payment

    back: Counter[str] = Counter()
    for refund in evidence["refunds"]:
        back[refund["session"]] += refund["amount"]
    sold = {session["id"]: session["amount"] for session in evidence["sessions"]}
    for payment in Payment.objects.exclude(named=None).select_related("named", "order"):
        gone, state = back[payment.named.reference], payment.order.state
        done = sum(r.amount_minor for r in payment.refunds.filter(state="done"))
        if not gone == done == payment.refunded_minor:
            yield f"I4 of order {payment.order.number} {gone} went back, {done} is booked"
        if (gone == sold.get(payment.named.reference)) != (state == "refunded"):
            yield f"I2 order {payment.order.number}: {gone} went back, and it is {state}"
    for refund in evidence.get("asked_back", []):
        if not back[refund]:
            yield f"I2 {refund} was to go back and did not"


def one_each(evidence: Evidence) -> Iterator[str]:
    """I1 and I2: a cart became at most one order with one open page."""
    from upheld_store.orders.models import Order

    placed = Counter(Order.objects.values_list("cart_digest", "quote_digest"))
    yield from (f"I1 a cart became {count} orders" for count in placed.values() if count > 1)
    pages = Counter(session["order"] for session in evidence["sessions"])
    for number, count in pages.items():
        if count > 1:
            yield f"I2 order {number} has {count} payment pages"
    if evidence.get("carts") is not None and len(placed) != evidence["carts"]:
        yield f"I1 {evidence['carts']} carts became {len(placed)} orders"


def keys(evidence: Evidence) -> Iterator[str]:
    """I3: a key for each copy of a paid order, none twice, none unpaid."""
    from upheld_store.licensing.models import LicenseKey
    from upheld_store.orders.models import OrderLine

    sold = [key.reveal() for key in LicenseKey.objects.all()]
    yield from (f"I3 a key was sold {n} times" for n in Counter(sold).values() if n > 1)
    have = Counter(LicenseKey.objects.values_list("line_id", flat=True))
    for line in OrderLine.objects.exclude(order__state="refunded").select_related("order"):
        due = line.quantity if line.licensed and line.order.state == "paid" else 0
        if have[line.pk] != due:
            yield f"I3 order {line.order.number}: {have[line.pk]} keys, {due} are due"


def halves(evidence: Evidence) -> Iterator[str]:
    """No order without its parts, no paid one without its receipt or its sealed card."""
    from upheld.promises.mail.models import OutboxMail, SentMail
    from upheld.vault.models import SealedValue
    from upheld_store.orders.models import Order, OrderContact, OrderLine, OrderLink
    from upheld_store.payments.models import Payment

    ids = set(Order.objects.values_list("pk", flat=True))
    for name, model in (("lines", OrderLine), ("contact", OrderContact), ("link", OrderLink)):
        there = set(model.objects.values_list("order_id", flat=True))  # type: ignore[attr-defined]
        yield from (f"half: order {pk} has no {name}" for pk in ids - there)
    charged = set(Order.objects.filter(total_minor__gt=0).values_list("pk", flat=True))
    payments = set(Payment.objects.values_list("order_id", flat=True))
    yield from (f"half: order {pk} has no payment" for pk in charged - payments)
    paid = {str(pk) for pk in Order.objects.filter(state="paid").values_list("pk", flat=True)}
    letters = [
        key
        for model in (OutboxMail, SentMail)
        for key in model.objects.filter(kind="receipt").values_list("ground_key", flat=True)
    ]
    yield from (f"half: order {pk} has no receipt" for pk in paid - set(letters))
    settled = {str(pk) for pk in Payment.objects.filter(state="paid").values_list("pk", flat=True)}
    sealed = set(SealedValue.objects.values_list("row_key", flat=True))
    yield from (f"half: payment {pk} has no sealed card" for pk in settled - sealed)


def mails(evidence: Evidence) -> Iterator[str]:
    """I6: one receipt an order; one that came again carries the same Message-ID."""
    from upheld.promises.mail.models import OutboxMail
    from upheld_store.orders.models import Order

    ids: dict[str, set[str]] = {}
    for mail in evidence["mails"]:
        named, number = _MESSAGE_ID.search(mail["headers"]), _NUMBER.search(mail["subject"])
        if named and number and "X-Upheld-Mail: receipt" in mail["headers"]:
            ids.setdefault(number[0], set()).add(named[1])
    for number, different in ids.items():
        if len(different) > 1:
            yield f"I6 {len(different)} receipts for {number}"
    if evidence.get("mailed"):
        paid = Order.objects.filter(state="paid").values_list("number", flat=True)
        yield from (f"I6 no receipt for {number}" for number in paid if number not in ids)
        if OutboxMail.objects.exists():
            yield "I6 letters are left in the outbox"


def vaults(evidence: Evidence) -> Iterator[str]:
    """I8: no key of a day that is over; each such day recorded once; the others still open."""
    from upheld.ledger.models import LedgerEntry
    from upheld.vault.age import is_over
    from upheld.vault.keys import key_folder
    from upheld.vault.models import SealedValue, VaultDay
    from upheld.vault.sealing import _open

    now = datetime.now(UTC)
    over = [day for day in key_folder().days_on_disk() if is_over(day, now)]
    yield from (f"I8 the key of {day} stands" for day in over)
    entries = LedgerEntry.objects.filter(event="VaultDestroyed")
    recorded = Counter(entry.read_facts()["day"] for entry in entries)
    for text in evidence.get("planted_days", []):
        gone = VaultDay.objects.filter(day=date.fromisoformat(text)).exclude(destroyed_at=None)
        if recorded[text] != 1 or not gone.exists():
            yield f"I8 the end of vault {text} is recorded {recorded[text]} times"
    for value in SealedValue.objects.all():
        if not is_over(value.day, now):
            try:
                _open(value)
            except Exception as error:
                yield f"I8 a value of {value.day} does not open: {type(error).__name__}"


def log(evidence: Evidence) -> Iterator[str]:
    """I9: the log verifies."""
    from upheld import ledger

    found = ledger.verify()
    if not found.ok:
        yield f"I9 the log is broken at {found.index}: {found.problem}"


def declared(evidence: Evidence) -> Iterator[str]:
    """I11: cookies and recipients as the policy has them."""
    from upheld.policy import current
    from upheld.promises.disclosure.models import Disclosure

    policy = current()
    yield from (f"I11 cookie {c}" for c in set(evidence["cookies"]) - set(policy.cookies))
    received = set(Disclosure.objects.values_list("recipient", flat=True))
    yield from (f"I11 recipient {name}" for name in received - set(policy.recipients))


def answers(evidence: Evidence) -> Iterator[str]:
    """I12: no error of ours but a plain 503 or 507 that says when to come again."""
    for status, retry, sentence, where in evidence["answers"]:
        if status >= 500 and (status not in {503, 507} or not retry or not sentence):
            yield f"I12 {status} at {where}, Retry-After {retry!r}, sentence: {sentence}"


def database(evidence: Evidence) -> Iterator[str]:
    """I13: integrity and foreign keys."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            said = cursor.execute("PRAGMA integrity_check").fetchall()
            if said != [("ok",)]:
                yield f"I13 {said[:3]}"
    connection.check_constraints()


def bytes_on_disk(evidence: Evidence) -> Iterator[str]:
    """I14 and I8: the card as it was typed, and its holder, are in no file we wrote."""
    from django.conf import settings

    for path in Path(settings.UPHELD_HOME).rglob("*"):
        if path.is_file() and "media" not in path.parts:
            content = path.read_bytes()
            for canary in (*TYPED_CARDS, *(c.encode() for c in evidence.get("canaries", []))):
                if canary in content:
                    yield f"I14 {canary!r} in {path.name}"


INVARIANTS: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    acknowledged, money, refunds, one_each, keys, halves, mails, vaults, log, declared, answers,
    database, bytes_on_disk,
)  # fmt: skip


def violations(evidence: Evidence) -> list[str]:
    """Every sentence of every invariant that does not hold."""
    from upheld.db.purpose import reveal_without_purpose

    with reveal_without_purpose(reason="a test's oracle", reviewed_by="tests/weather"):
        return [broken for invariant in INVARIANTS for broken in invariant(evidence)]


def main() -> None:
    django.setup()
    logging.disable(logging.CRITICAL)
    print(json.dumps(violations(json.loads(sys.stdin.read()))))


if __name__ == "__main__":
    main()
