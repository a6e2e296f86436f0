"""What a store cannot show about itself: a checkpoint in other hands does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from tests.upheld.ledger.test_log import NOW, SIZE, fill, forge_from
from upheld.ledger import Checkpoint, append, go_on, newest_checkpoint, read_checkpoint, verify
from upheld.ledger.checkpoint import Signer, log_name
from upheld.ledger.events import DataRemoved
from upheld.ledger.log import settle_name
from upheld.ledger.models import LedgerEntry, LedgerHead, LedgerOrigin
from upheld.ledger.tree import Frontier, leaf_hash
from upheld.vault.keys import KeyFolder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]


def checkpoint() -> Checkpoint:
    """As somebody else keeps it: the bytes alone."""
    newest = newest_checkpoint()
    assert newest is not None
    return read_checkpoint(newest.note)


def cut_to(size: int) -> None:
    """Roll the whole log back, rows and head, as an older copy of the database would."""
    kept = LedgerEntry.objects.get(index=size - 1)
    LedgerEntry.objects.filter(index__gte=size).delete()
    tree = Frontier()
    for entry in LedgerEntry.objects.order_by("index"):
        tree = tree.append(leaf_hash(entry.leaf_data()))
    LedgerHead.objects.update(
        size=size, root=kept.root, frontier=tree.to_hex(), signature=kept.signature
    )


def more(number: int) -> None:
    with transaction.atomic():
        for rows in range(number):
            append(DataRemoved("a_table", rows), NOW + timedelta(hours=1))


def test_a_log_that_grew_still_holds_what_was_signed() -> None:
    points = []
    for _ in range(3):
        fill(4)
        points.append(checkpoint())
    assert verify(points).ok


def test_a_cut_off_end_passes_alone_and_not_against_a_checkpoint() -> None:
    fill()
    kept = checkpoint()
    cut_to(7)
    assert verify().ok  # the limit: nothing inside the store can know
    found = verify([kept])
    assert not found.ok and found.index == 7
    assert found.problem == "The end was cut off: of the checkpoint's 11 entries 7 are left."


def test_a_rollback_that_grew_again_is_found() -> None:
    fill()
    kept = checkpoint()
    cut_to(7)
    more(20)
    assert verify().ok
    found = verify([kept])
    assert not found.ok and "signed anew" in str(found.problem)


def test_a_history_signed_anew_is_found_and_bracketed() -> None:
    fill(4)
    early = checkpoint()
    more(8)
    late = checkpoint()
    forge_from(6, Signer().sign)
    assert verify().ok and verify([early]).ok
    found = verify([late, early])
    assert not found.ok and found.index == 4, "what was signed early is still there"


def test_a_checkpoint_of_another_key(own_keys: KeyFolder) -> None:
    fill()
    kept = checkpoint()
    stranger = kept.note.replace(b"\n11\n", b"\n10\n")
    found = verify([read_checkpoint(stranger)])
    assert not found.ok and "another key" in str(found.problem)


def test_after_a_restore_the_log_has_another_name_that_says_so() -> None:
    fill()
    lost, early = checkpoint(), None
    cut_to(7)
    early = checkpoint()
    with transaction.atomic():
        go_on(lost, NOW + timedelta(days=1))
    more(10)
    assert verify().ok and verify([early]).ok
    newest = checkpoint()
    assert newest.origin == f"{log_name()}/20261124T120000Z/after/{SIZE}/{lost.root.hex()}"
    assert newest.age_rank > lost.age_rank > early.age_rank
    found = verify([lost])
    assert not found.ok and found.index == 7
    assert "an older backup was put back" in str(found.problem)
    assert LedgerEntry.objects.get(index=7).read_facts() == {"size": SIZE, "root": lost.root.hex()}


@pytest.mark.parametrize("wrong", ["renamed", "gone", "one too many", "the first"])
def test_the_names_of_the_log_are_held_too(wrong: str) -> None:
    fill()
    with transaction.atomic():
        go_on(checkpoint(), NOW)
    rows = LedgerOrigin.objects
    if wrong == "renamed":
        rows.filter(first_index=SIZE).update(name=log_name())
    elif wrong == "gone":
        rows.filter(first_index=SIZE).delete()
    elif wrong == "one too many":
        rows.create(first_index=SIZE + 9, name="x")
    else:
        rows.filter(first_index=0).update(name="x")
    found = verify()
    assert not found.ok and found.problem


def test_who_holds_the_key_cannot_hide_a_restore_by_renaming() -> None:
    """A name that the entry does not tell, signed with the right key."""
    fill()
    with transaction.atomic():
        entry = go_on(checkpoint(), NOW)
    name = f"{log_name()}/20260101T000000Z/after/1/{'00' * 32}"
    signature = Signer().sign(name, SIZE + 1, bytes.fromhex(entry.root))
    LedgerEntry.objects.filter(index=SIZE).update(signature=signature)
    LedgerOrigin.objects.filter(first_index=SIZE).update(name=name)
    LedgerHead.objects.update(origin=name, signature=signature)
    found = verify()
    assert (found.ok, found.index) == (False, SIZE)


def test_a_log_from_before_names_gets_one_and_keeps_its_past() -> None:
    fill(3)
    signer = Signer()
    for entry in LedgerEntry.objects.all():
        signature = signer.sign("upheld ledger", entry.index + 1, bytes.fromhex(entry.root))
        LedgerEntry.objects.filter(index=entry.index).update(signature=signature)
    LedgerOrigin.objects.update(name="upheld ledger")
    LedgerHead.objects.update(origin="upheld ledger", signature=signature)
    assert verify().ok
    with transaction.atomic():
        assert settle_name(None, NOW) is not None
    with transaction.atomic():
        assert settle_name(None, NOW) is None, "once is enough"
    assert verify().ok and checkpoint().origin.startswith(log_name())


def test_a_new_database_beside_an_old_checkpoint_goes_on_from_it() -> None:
    fill()
    kept = checkpoint()
    for model in (LedgerEntry, LedgerHead, LedgerOrigin):
        model.objects.all().delete()
    with transaction.atomic():
        settle_name(kept, NOW)
    assert verify().ok and f"/after/{SIZE}/" in checkpoint().origin
    found = verify([kept])
    assert (found.ok, found.index) == (False, 0)
    assert "11 entries 0 are left: an older backup" in str(found.problem)


def test_an_empty_database_begins_quietly() -> None:
    with transaction.atomic():
        assert settle_name(None, datetime(2026, 11, 25, tzinfo=UTC)) is None
    assert verify().ok and newest_checkpoint() is None
    assert LedgerHead.objects.get().origin == log_name()
