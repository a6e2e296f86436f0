"""Act: put a vendor's keys into a pool."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from upheld.policy.errors import ActRefused
from upheld_store.catalog.models import KeyPool
from upheld_store.licensing.models import NONCE_BYTES, PooledKey, pool_digest
from upheld_store.licensing.reserve_keys import locked_pools, show_what_is_left

KEY_LENGTH_MAX = 200
KEYS_MAX = 20_000
_BATCH = 500


class ImportRefused(ActRefused):
    """Nothing was imported; the message names the line, never the key, and the way out."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many keys are new; (line, earlier line) of those that the text repeats; lines of those
    that were imported before, sold ones too."""

    added: int
    repeated: tuple[tuple[int, int], ...]
    known: tuple[int, ...]


def import_keys(
    pool: KeyPool, text: str, new_bytes: Callable[[int], bytes], now: datetime
) -> Imported:
    """One key a line; empty lines are passed over. Lines are named by their numbers, because a
    page that shows keys hands them out. Keys that differ in nothing but case are the same. Raises
    `ImportRefused`, and nothing has changed."""
    lines, repeated = _read(text)
    with transaction.atomic():
        (held,) = locked_pools([pool.pk])
        digests = list(lines)
        known = set[str]()
        for first in range(0, len(digests), _BATCH):
            known |= PooledKey.objects.known(digests[first : first + _BATCH])
        new = [
            PooledKey.make(held, key, new_bytes(NONCE_BYTES), now)
            for digest, (_, key) in lines.items()
            if digest not in known
        ]
        PooledKey.objects.bulk_create(new, batch_size=_BATCH)
        show_what_is_left([held], now)
    return Imported(
        added=len(new),
        repeated=tuple(repeated),
        known=tuple(number for digest, (number, _) in lines.items() if digest in known),
    )


def _read(text: str) -> tuple[dict[str, tuple[int, str]], list[tuple[int, int]]]:
    """Digest → (line's number, key), and the lines that repeat an earlier one."""
    found: dict[str, tuple[int, str]] = {}
    repeated: list[tuple[int, int]] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        key = line.strip()
        if not key:
            continue
        if len(key) > KEY_LENGTH_MAX or any(unicodedata.category(c)[0] == "C" for c in key):
            raise ImportRefused(
                f"Line {number} is no key: at most {KEY_LENGTH_MAX} visible characters, one key a "
                "line. Nothing was imported."
            )
        digest = pool_digest(key)
        if digest in found:
            repeated.append((number, found[digest][0]))
        else:
            found[digest] = (number, key)
    if not found:
        raise ImportRefused("There is no key in it. Write one key a line.")
    if len(found) > KEYS_MAX:
        raise ImportRefused(f"These are more than {KEYS_MAX} keys. Import them in several parts.")
    return found, repeated
