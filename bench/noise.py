"""Two million rows in some seconds: past Django and the monitor, with the indexes built last."""

from __future__ import annotations

import importlib
import os
from datetime import date, timedelta

from django.conf import settings

from upheld.db.sqlite.driver import Database

_TABLE = "upheld_sealed_value"
_COLUMNS = "table_name, row_key, field, day, key_fingerprint, ciphertext"
_PLACE = "store_payments_payment"


def fill_sqlite(rows: int, first: date, days: int) -> None:
    """Row keys at random, as real ones are; the days one after the other."""
    file = Database.connect(str(settings.DATABASES["default"]["NAME"]), isolation_level=None)
    for pragma in ("synchronous = OFF", "cache_size = -600000", "temp_store = MEMORY"):
        file.execute(f"PRAGMA {pragma}")
    named = "SELECT name, sql FROM sqlite_master WHERE tbl_name = ? AND type = 'index' AND sql > ''"
    indexes = file.execute(named, (_TABLE,)).fetchall()
    file.execute("BEGIN IMMEDIATE")
    for name, _ in indexes:
        file.execute(f'DROP INDEX "{name}"')
    for number in range(days):
        file.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "  # noqa: S608 - names of our own
            f"INSERT INTO {_TABLE} ({_COLUMNS}) SELECT ?, lower(hex(randomblob(16))), "
            "'payment.card_last4', ?, '0123456789abcdef', randomblob(32) FROM n",
            (rows // days, _PLACE, (first + timedelta(days=number)).isoformat()),
        )
    for _, sql in indexes:
        file.execute(sql)
    file.execute("COMMIT")
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()


def fill_postgresql(rows: int, first: date, days: int) -> None:
    """As above, as the owner; the server draws its random bytes from MD5."""
    driver = importlib.import_module("psycopg")
    vaults = importlib.import_module("upheld.db.postgresql.vaults")
    with driver.connect(os.environ["UPHELD_DATABASE_OWNER_URL"]) as owner:
        there = vaults.days_with_partition(owner.cursor())
        wanted = {first + timedelta(days=number) for number in range(days)}
        for text in vaults.partition_statements(sorted(wanted - set(there))):
            owner.execute(text)
        for number in range(days):
            owner.execute(
                f"INSERT INTO {_TABLE} ({_COLUMNS}) SELECT %s, md5(random()::text), "  # noqa: S608 - names of our own
                "'payment.card_last4', %s, '0123456789abcdef', "
                "decode(md5(random()::text) || md5(random()::text), 'hex') "
                "FROM generate_series(1, %s)",
                [_PLACE, first + timedelta(days=number), rows // days],
            )
