"""A vault whose day is over, put into a store that does not run: key, record and values."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.weather.store import Store
from upheld.vault.keys import KeyFolder

VALUES = 5


def plant(store: Store, days_ago: int, keys: Path | None = None) -> date:
    """Its day. What is sealed is noise: only the key's end is watched."""
    day = datetime.now(UTC).date() - timedelta(days=days_ago)
    store.execute(
        "INSERT INTO upheld_vault_day (day, opened_at) VALUES (?, ?)",
        [(day.isoformat(), f"{day.isoformat()} 12:00:00+00:00")],
    )
    store.execute(
        "INSERT INTO upheld_sealed_value "
        "(table_name, row_key, field, day, key_fingerprint, ciphertext) "
        "VALUES ('store_payments_payment', ?, 'payment.card_last4', ?, ?, ?)",
        [
            (secrets.token_hex(16), day.isoformat(), secrets.token_hex(8), os.urandom(32))
            for _ in range(VALUES)
        ],
    )
    KeyFolder(keys or store.folder / "keys").make_day_key(day)
    return day
