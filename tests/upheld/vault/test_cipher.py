"""A value opens in its place alone."""

from __future__ import annotations

from datetime import date

import pytest

from upheld.vault.cipher import SealBroken, decrypt, encrypt, place

KEY = bytes(range(32))
DAY = date(2026, 11, 23)
HERE = place("payments", "1", "payment.card_last4", DAY)


def test_it_opens_where_it_was_sealed() -> None:
    assert decrypt(KEY, encrypt(KEY, "4242 é", HERE), HERE) == "4242 é"


@pytest.mark.parametrize(
    "there",
    [
        place("refunds", "1", "payment.card_last4", DAY),
        place("payments", "2", "payment.card_last4", DAY),
        place("payments", "1", "payment.card_expiry", DAY),
        place("payments", "1", "payment.card_last4", date(2026, 11, 24)),
    ],
)
def test_it_opens_nowhere_else(there: bytes) -> None:
    with pytest.raises(SealBroken):
        decrypt(KEY, encrypt(KEY, "4242", HERE), there)


def test_places_cannot_run_together() -> None:
    assert place("a", "b,c", "d", DAY) != place("a,b", "c", "d", DAY)
    assert place('a","b', "c", "d", DAY) != place("a", 'b","c', "d", DAY)


def test_altered_cut_or_of_another_key() -> None:
    sealed = encrypt(KEY, "4242", HERE)
    for broken in (
        sealed[:-1],
        sealed[:5],
        b"",
        bytes([sealed[0] ^ 1]) + sealed[1:],
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
    ):
        with pytest.raises(SealBroken):
            decrypt(KEY, broken, HERE)
    with pytest.raises(SealBroken):
        decrypt(bytes(32), sealed, HERE)


def test_the_same_value_never_looks_the_same() -> None:
    assert len({encrypt(KEY, "4242", HERE) for _ in range(100)}) == 100
