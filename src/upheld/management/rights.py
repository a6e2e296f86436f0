"""`upheld export` and `upheld erase`: what a customer may do, done by whoever runs the store."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime

from django.conf import settings

from upheld.db import purpose, stream
from upheld.policy import current
from upheld.policy.errors import ActRefused
from upheld.promises.access import Person, everyone_at
from upheld.promises.access.copy import json_copy
from upheld.promises.erasure import request_erasure
from upheld.promises.erasure.carry_on import TABLE, carry_on
from upheld.promises.erasure.models import Erasure, ErasureState
from upheld.promises.erasure.receipt import receipt_of
from upheld.promises.mail.models import OutboxMail, OutboxState
from upheld.promises.mail.relay import RelayFailed
from upheld.promises.mail.sending import StillSending, send_mail


class NobodyThere(ActRefused):
    """Nothing is held under this address."""


def export(arguments: argparse.Namespace) -> int:
    """Everything held under an address, as JSON: to the screen, or to a file that only its owner
    can read."""
    people, now = _people(arguments.email), datetime.now(UTC)
    everyone = Person(frozenset(number for person in people for number in person.subjects))
    steps = stream(current().access.purpose, json_copy(everyone, now))
    if arguments.output is None:
        for step in steps:
            sys.stdout.write(step.decode())
        return 0
    handle = os.open(arguments.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.writelines(steps)
    print(f"written to {arguments.output}; it is yours to keep safe and to delete")
    return 0


def erase(arguments: argparse.Namespace) -> int:
    """Open the window for everyone under an address; with --now carry it out at once."""
    now = datetime.now(UTC)
    for person in _people(arguments.email):
        erasure = request_erasure(person, now, at_once=arguments.now)
        if arguments.now:
            erasure = _carry_out(erasure, now)
        _tell(erasure, now)
    return 0


def _people(email: str) -> list[Person]:
    with purpose(current().access.purpose):
        people = everyone_at(email)
    if not people:
        raise NobodyThere("Nothing is held under this address.")
    return people


def _carry_out(erasure: Erasure, now: datetime) -> Erasure:
    """Up to the letter, the letter, and the rest. Where the relay does not take the letter, the
    address goes all the same: whoever says --now does not want to wait for it."""
    erasure = carry_on(erasure, now)
    letters = OutboxMail.objects.filter(ground_table=TABLE, ground_key=str(erasure.pk))
    for outbox_id in list(letters.values_list("pk", flat=True)):
        with suppress(RelayFailed, StillSending):
            send_mail(outbox_id, now)
    if letters.filter(state=OutboxState.SENDING).exists():
        print("The receipt is just being sent; the keeper does the rest.")
        return erasure
    if letters.exists():
        print("The receipt could not be mailed; give its address to the person yourself.")
        letters.delete()
    return carry_on(erasure, now)


def _tell(erasure: Erasure, now: datetime) -> None:
    with purpose(current().access.purpose):
        receipt = receipt_of(erasure, now)
    print(f"receipt: {settings.UPHELD_ORIGIN}/privacy/erasures/{erasure.token()}/")
    if receipt.state == ErasureState.ASKED:
        print(f"It can be taken back there until {receipt.due_at:%Y-%m-%d %H:%M} UTC.")
    for kept in receipt.stays:
        until = f", until {kept.until} at the latest" if kept.until else ""
        print(f"stays: {kept.words}, because of {kept.why}{until}")
    for other in receipt.others:
        print(f"asked: {other.words}: {other.state}")
    if receipt.is_complete:
        print("erased: nothing is left")
