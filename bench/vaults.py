"""Sealing, opening, and the end of a day: its key against its rows."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from bench.figures import Report, at_least, in_turns, plain
from bench.noise import fill_postgresql, fill_sqlite
from upheld.db import entry_point, purpose
from upheld.promises.retention.due_rows import reclaim_space
from upheld.promises.retention.due_vaults import (
    destroy_due_keys,
    destroy_due_vaults,
    reclaim_vaults,
)
from upheld.vault import Clock, SealedRef, open_sealed, seal
from upheld.vault.age import kept_days
from upheld.vault.keys import key_folder
from upheld.vault.models import SealedValue, VaultDay

_PAYMENTS, _TABLE = 200, "store_payments_payment"
_CARD = {
    "payment.payer_name": "Ada Example", "payment.card_brand": "visa",
    "payment.card_last4": "4242", "payment.card_expiry": "12/34",
}  # fmt: skip
_BATCH = 500


def measure(report: Report, rows: int) -> None:
    """`rows` sealed rows, evenly over the days that are kept."""
    _seal_and_open(report)
    _fill(rows)
    _destroy_or_delete(report, rows)


def _seal_and_open(report: Report) -> None:
    now, refs = datetime.now(UTC), list[SealedRef]()

    def sealing() -> None:
        refs.clear()
        with transaction.atomic():
            for _ in range(_PAYMENTS):
                row = secrets.token_hex(16)
                refs.append(seal(_CARD, table=_TABLE, row=row, day=now.date(), now=now))

    def opening() -> None:
        for ref in refs:
            open_sealed(ref, now)

    with entry_point("route", "checkout:webhook"), purpose("take_payment"):
        seconds = in_turns({"seal": sealing, "open": opening}, 5)
    values = _PAYMENTS * len(_CARD)
    report.add(plain("values sealed, into the database", values / seconds["seal"], "/s"))
    report.add(plain("values opened, from the database", values / seconds["open"], "/s"))


def _fill(rows: int) -> None:
    """Noise in the place of ciphertext: nobody opens it, and its size is right."""
    today, days = datetime.now(UTC).date(), kept_days()
    first = today - timedelta(days=days)
    print(f"  ... writing {rows:,} sealed rows of noise", flush=True)
    fill = fill_sqlite if connection.vendor == "sqlite" else fill_postgresql
    fill(rows, first, days)
    with entry_point("command", "keep"):
        for day in (first + timedelta(days=number) for number in range(days)):
            key_folder().make_day_key(day)
            VaultDay.objects.get_or_create(day=day, defaults={"opened_at": datetime.now(UTC)})


def _destroy_or_delete(report: Report, rows: int) -> None:
    """Of two days of the same size one loses its key, the other its rows, as the keeper would
    delete them: in batches that let other writers through."""
    now = datetime.now(UTC)
    oldest = now.date() - timedelta(days=kept_days())
    clock = Clock(now, time.clock_gettime(time.CLOCK_BOOTTIME))
    with entry_point("command", "keep"):
        began = time.perf_counter()
        destroy_due_keys(now)
        gone_seconds = time.perf_counter() - began
        destroyed = destroy_due_vaults(now, clock)
        key_seconds = time.perf_counter() - began
        if destroyed != [oldest]:
            raise RuntimeError(f"destroyed {destroyed}")
        began = time.perf_counter()
        deleted = _delete_rows(oldest + timedelta(days=1))
        row_seconds = time.perf_counter() - began
        before = SealedValue.objects.count()
        began = time.perf_counter()
        while reclaim_vaults(10_000) > 0:
            pass
        reclaim_seconds = time.perf_counter() - began
        reclaimed = before - SealedValue.objects.count()
    report.add(plain(f"destroying a day's key among {rows:,} rows", gone_seconds * 1000, "ms"))
    report.add(plain("  with its record in the log", key_seconds * 1000, "ms"))
    report.add(plain(f"deleting the {deleted:,} rows of a day", row_seconds * 1000, "ms"))
    report.add(
        at_least("destroying, record included, against deleting", row_seconds / key_seconds, 100)
    )
    report.add(plain(f"afterwards: reclaiming {reclaimed:,} rows' space", reclaim_seconds, "s"))


def _delete_rows(day: date) -> int:
    deleted = 0
    while True:
        with transaction.atomic():
            keys = list(SealedValue.objects.filter(day=day).values_list("pk", flat=True)[:_BATCH])
            SealedValue.objects.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < _BATCH:
            break
    reclaim_space()
    return deleted
