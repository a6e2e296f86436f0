"""Appending and verifying: every lie about the past is found, and where it begins is named."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections, transaction
from django.db.transaction import TransactionManagementError

from upheld.ledger import LedgerEntry, append, newest_time, verification, verify
from upheld.ledger.checkpoint import Checkpoint, Signer, checkpoint_text
from upheld.ledger.events import DataRemoved, PromiseProven, VaultDestroyed
from upheld.ledger.models import LedgerHead, LedgerNode
from upheld.ledger.tiles import TILE_WIDTH
from upheld.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash
from upheld.ledger.verification import StoredLog, Verification
from upheld.vault.keys import KeyFolder

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
SIZE = 11

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]


def fill(size: int = SIZE) -> None:
    with transaction.atomic():
        for number in range(size):
            append(PromiseProven(f"P{number:02}", number), NOW + timedelta(seconds=number))


@pytest.mark.parametrize(("tries", "ok"), [(8, True), (1, False)])
def test_an_append_meanwhile_is_no_lie(
    monkeypatch: pytest.MonkeyPatch, tries: int, ok: bool
) -> None:
    """Another process appends after the head was read and before the rows are."""
    fill()
    real, appended = verification._verify, []

    def late(against: Sequence[Checkpoint], log: StoredLog) -> Verification:
        if not appended:
            appended.append(True)
            fill(1)
        return real(against, log)

    monkeypatch.setattr(verification, "_verify", late)
    monkeypatch.setattr(verification, "_TRIES_MAX", tries)
    assert verify().ok is ok


def test_an_empty_log_verifies() -> None:
    found = verify()
    assert found.ok and found.size == 0 and found.root == EMPTY_ROOT.hex()
    assert newest_time() is None


def test_entries_follow_one_another_and_verify() -> None:
    fill()
    found = verify()
    assert (found.ok, found.size, found.problem, found.index) == (True, SIZE, None, None)
    assert list(LedgerEntry.objects.order_by("index").values_list("index", flat=True)) == [
        *range(SIZE)
    ]
    entry = LedgerEntry.objects.get(index=3)
    assert entry.read_facts() == {"promise": "P03", "population": 3} and entry.at.microsecond == 0
    assert newest_time() == NOW.replace(microsecond=0) + timedelta(seconds=SIZE - 1)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_appended() -> None:
    with pytest.raises(TransactionManagementError):
        append(VaultDestroyed(date(2026, 11, 23), 1), NOW)


def test_what_is_rolled_back_was_never_logged() -> None:
    fill(3)
    before = verify()
    with transaction.atomic():
        append(DataRemoved("a_table", 5), NOW)
        transaction.set_rollback(True)
    assert verify() == before and LedgerEntry.objects.count() == 3


def rewritten(at_index: int, /, **values: object) -> None:
    assert LedgerEntry.objects.filter(index=at_index).update(**values)


def swap(first: int, second: int, *names: str) -> None:
    a, b = (LedgerEntry.objects.get(index=index) for index in (first, second))
    rewritten(first, **{name: getattr(b, name) for name in names})
    rewritten(second, **{name: getattr(a, name) for name in names})


EDITS: dict[str, tuple[Callable[[], object], int]] = {
    "facts": (lambda: rewritten(4, facts='{"population":9,"promise":"P04"}'), 4),
    "event": (lambda: rewritten(4, event="PromiseBroken"), 4),
    "time": (lambda: rewritten(4, at=NOW + timedelta(days=1)), 4),
    "root": (lambda: rewritten(4, root="00" * 32), 4),
    "signature": (lambda: rewritten(4, signature=b"x" * 64, root="00" * 32), 4),
    "first": (lambda: rewritten(0, facts='{"population":9,"promise":"P00"}'), 0),
    "last": (lambda: rewritten(SIZE - 1, facts="{}"), SIZE - 1),
    "gap": (lambda: LedgerEntry.objects.filter(index=4).delete(), 4),
    "no beginning": (lambda: LedgerEntry.objects.filter(index__lt=2).delete(), 0),
    "cut tail": (lambda: LedgerEntry.objects.filter(index__gte=8).delete(), 8),
    "signature alone": (lambda: rewritten(4, signature=b"x" * 64), 4),
    "swapped facts": (lambda: swap(3, 6, "facts"), 3),
    "swapped whole": (lambda: swap(3, 6, "at", "event", "facts", "root", "signature"), 3),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_every_edit_is_found_and_located(edit: tuple[Callable[[], object], int]) -> None:
    fill()
    change, index = edit
    change()
    found = verify()
    assert not found.ok and found.index == index and found.problem


def forge_from(index: int, sign: Callable[[str, int, bytes], bytes]) -> None:
    """Rewrite one entry and everything after it consistently, as a thief without the key can."""
    tree, origin = Frontier(), LedgerHead.objects.get().origin
    entries = list(LedgerEntry.objects.order_by("index"))
    for entry in entries:
        if entry.index == index:
            entry.facts = '{"population":999,"promise":"P99"}'
        tree = tree.append(leaf_hash(entry.leaf_data()))
        if entry.index >= index:
            signature = sign(origin, tree.size, tree.root())
            rewritten(entry.index, facts=entry.facts, root=tree.root().hex(), signature=signature)
    LedgerHead.objects.update(
        size=tree.size,
        frontier=tree.to_hex(),
        root=tree.root().hex(),
        signature=sign(origin, tree.size, tree.root()),
    )


def test_a_consistent_forgery_by_another_key_is_located() -> None:
    fill()
    thief = Ed25519PrivateKey.generate()
    forge_from(5, lambda *said: thief.sign(checkpoint_text(*said).encode()))
    found = verify()
    assert not found.ok and found.index == 5


def test_whoever_holds_the_key_can_rewrite_it() -> None:
    """The limit that the promises page prints: a log does not bind the holder of its key."""
    fill()
    forge_from(5, Signer().sign)
    assert verify().ok


def test_a_forged_row_at_the_end() -> None:
    fill()
    last = LedgerEntry.objects.get(index=SIZE - 1)
    LedgerEntry.objects.create(
        index=SIZE,
        at=NOW,
        event="PromiseProven",
        facts="{}",
        root=last.root,
        signature=last.signature,
    )
    found = verify()
    assert not found.ok and found.index == SIZE


def test_a_far_away_index_is_a_gap() -> None:
    fill()
    rewritten(SIZE - 1, index=SIZE + 40)
    found = verify()
    assert not found.ok and found.index == SIZE - 1


def test_the_head_is_held_too() -> None:
    fill()
    LedgerHead.objects.update(signature=b"x" * 64)
    assert not verify().ok
    LedgerHead.objects.update(signer="0" * 16)
    assert verify().problem == "Another key signed the head."
    LedgerHead.objects.all().delete()
    assert verify().problem == "The head row is missing."


@pytest.mark.parametrize("values", [{"frontier": ""}, {"root": "00" * 32}, {"origin": "x"}])
def test_no_part_of_the_head_can_be_changed(values: dict[str, str]) -> None:
    fill()
    LedgerHead.objects.update(**values)
    assert verify().problem == "The head row was changed."


def test_a_head_taken_back_alone() -> None:
    fill()
    kept = LedgerEntry.objects.get(index=6)
    LedgerHead.objects.update(size=7, root=kept.root, signature=kept.signature)
    found = verify()
    assert not found.ok and found.index == 7


def test_the_hashes_of_full_tiles_are_held_too() -> None:
    fill(2 * TILE_WIDTH + 3)
    assert verify().ok and LedgerNode.objects.count() == 2
    LedgerNode.objects.filter(index=1).update(node="00" * 32)
    found = verify()
    assert not found.ok and found.index == 2 * TILE_WIDTH - 1
    LedgerNode.objects.filter(index=1).delete()
    assert not verify().ok


def test_a_hash_too_many_is_found() -> None:
    fill(3)
    LedgerNode.objects.create(level=1, index=0, node="00" * 32)
    assert verify().problem == "There are hashes over entries that do not exist."


def test_cutting_head_and_tail_together_needs_the_key() -> None:
    """A shorter log with the head of that size would pass: only an older checkpoint in someone
    else's hands shows it. Here the head is cut without the old frontier's signature."""
    fill()
    kept = LedgerEntry.objects.get(index=6)
    LedgerEntry.objects.filter(index__gt=6).delete()
    LedgerHead.objects.update(size=7, root=kept.root)
    assert not verify().ok


def test_another_log_key_verifies_nothing(own_keys: KeyFolder) -> None:
    fill()
    (own_keys.lasting / "log.key").write_bytes(bytes(32))
    assert verify().problem == "Another key signed the head."


@pytest.mark.django_db(transaction=True)
def test_many_append_at_once() -> None:
    failures: list[BaseException] = []

    def append_some(worker: int) -> None:
        try:
            for number in range(10):
                with transaction.atomic():
                    append(DataRemoved(f"t{worker}", number), NOW)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=append_some, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify()
    assert failures == [] and found.ok and found.size == 60


def test_it_is_fast_enough() -> None:
    """A log of years: a few appends a minute, verified once a day. In the processor's seconds: the
    machine may have others to serve."""
    begin = time.process_time()
    fill(1000)
    appended = time.process_time()
    assert verify().ok
    assert appended - begin < 10 and time.process_time() - appended < 2
