"""`python -m tests.weather.after_power_loss`: a store comes up after a power failure, its keeper
and its reconciler have their turn, and the oracle looks. Evidence in, sentences out, as JSON."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import django


def come_up(evidence: dict[str, Any]) -> list[str]:
    from tests.weather.oracle import violations
    from upheld import keeping
    from upheld.db import entry_point
    from upheld_store.checkout.reconcile import reconcile_open_payments

    now = datetime.now(UTC)
    found = [f"I8 {day} is recorded as gone, its key is back" for day in undead()]
    keeping.before_first_answer(now)
    with entry_point("command", "reconcile"):
        reconcile_open_payments(now)
    keeping.keep(now)
    return found + violations(evidence)


def undead() -> list[str]:
    """Days whose end is in the books while their key stands."""
    from upheld.db.purpose import reveal_without_purpose
    from upheld.vault.keys import key_folder
    from upheld.vault.models import VaultDay

    with reveal_without_purpose(reason="a test's oracle", reviewed_by="tests/weather"):
        gone = VaultDay.objects.exclude(destroyed_at=None).values_list("day", flat=True)
        return [str(day) for day in set(gone) & set(key_folder().days_on_disk())]


def main() -> None:
    django.setup()
    logging.disable(logging.CRITICAL)
    print(json.dumps(come_up(json.loads(sys.stdin.read()))))


if __name__ == "__main__":
    main()
