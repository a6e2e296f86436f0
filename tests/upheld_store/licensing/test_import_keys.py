"""Keys of a vendor, imported: each once, named by line, shown to nobody."""

from __future__ import annotations

import secrets

import pytest
from cryptography.exceptions import InvalidTag
from django.utils import timezone

from tests.upheld_store.pool import numbered, pooled, put_in
from upheld_store.catalog.models import KeyPool, Plan
from upheld_store.licensing.import_keys import Imported, ImportRefused, import_keys
from upheld_store.licensing.models import PooledKey

pytestmark = pytest.mark.django_db


def test_each_once_and_the_others_named_by_line(stock: dict[str, Plan]) -> None:
    pool = pooled(stock["licensed"], "NW-1", "NW-2")
    text = "\ufeffNW-3\n\n  nw-2 \nNW-4\nNW-3\n"
    done = import_keys(pool, text, secrets.token_bytes, timezone.now())
    assert done == Imported(added=2, repeated=((5, 1),), known=(3,))
    assert sorted(key.reveal() for key in PooledKey.objects.all()) == [
        "NW-1", "NW-2", "NW-3", "NW-4",
    ]  # fmt: skip


def test_one_key_in_two_pools_would_be_sold_twice(stock: dict[str, Plan]) -> None:
    pooled(stock["licensed"], "NW-1")
    other = pooled(stock["plain"])
    assert put_in(other, "NW-1", "NW-2") == Imported(1, (), (1,))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no key in it"),
        ("\n \n", "no key in it"),
        ("NW-1\n" + "x" * 201, "Line 2"),
        ("NW-1\nNW\x002", "Line 2"),
        ("NW-\u200b1", "Line 1"),
    ],
)
def test_what_is_no_key_imports_nothing(stock: dict[str, Plan], text: str, words: str) -> None:
    pool = pooled(stock["licensed"])
    with pytest.raises(ImportRefused, match=words) as refused:
        import_keys(pool, text, secrets.token_bytes, timezone.now())
    assert "NW" not in str(refused.value) and not PooledKey.objects.exists()


def test_a_stolen_database_shows_none(stock: dict[str, Plan]) -> None:
    pooled(stock["licensed"], "NW-plainly-readable")
    row = PooledKey.objects.get()
    assert b"NW-plainly" not in bytes(row.sealed) and "NW" not in row.digest
    row.digest = "0" * 64
    with pytest.raises(InvalidTag):
        row.reveal()


def test_the_shop_window_follows(stock: dict[str, Plan]) -> None:
    pool = pooled(stock["licensed"])
    assert KeyPool.objects.get().sold_out
    put_in(pool, *numbered(3))
    assert not KeyPool.objects.get().sold_out
