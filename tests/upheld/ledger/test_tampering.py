"""B27: lies told at random. Each is found, and located no later than where it was told."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from tests.upheld.ledger.test_held_against import checkpoint, cut_to
from tests.upheld.ledger.test_log import fill, forge_from, rewritten, swap
from upheld.ledger import Checkpoint, prove_entry, read_proof, verify
from upheld.ledger.checkpoint import Signer
from upheld.ledger.models import LedgerEntry, LedgerHead, LedgerNode, LedgerOrigin
from upheld.ledger.note import NoteUnreadable

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]

SIZE = 40
# Where the lie begins, or None where it is told of the head and not of an entry.
Lie = Callable[[random.Random], int | None]


def flip(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def edit(chance: random.Random) -> int:
    index = chance.randrange(SIZE)
    entry = LedgerEntry.objects.get(index=index)
    name = chance.choice(["at", "event", "facts", "root", "signature"])
    if name == "at":
        rewritten(index, at=entry.at + timedelta(seconds=chance.choice([-1, 1, 86400])))
    elif name == "signature":
        rewritten(index, signature=flip(chance, bytes(entry.signature)))
    elif name == "root":
        rewritten(index, root=flip(chance, bytes.fromhex(entry.root)).hex())
    else:
        text = getattr(entry, name)
        place = chance.randrange(len(text))
        rewritten(index, **{name: f"{text[:place]}~{text[place + 1 :]}"})
    return index


def gap(chance: random.Random) -> int:
    index = chance.randrange(SIZE)
    LedgerEntry.objects.filter(index=index).delete()
    return index


def swapped(chance: random.Random) -> int:
    first, second = sorted(chance.sample(range(SIZE), 2))
    swap(first, second, "at", "event", "facts", "root", "signature")
    return first


def forged(chance: random.Random) -> int:
    last = LedgerEntry.objects.get(index=SIZE - 1)
    last.index = SIZE
    last.signature = chance.randbytes(64)
    last.save(force_insert=True)
    return SIZE


def shifted(chance: random.Random) -> int:
    index = chance.randrange(SIZE)
    rewritten(index, index=SIZE + 1 + chance.randrange(9))
    return index


def cut_tail(chance: random.Random) -> int:
    index = chance.randrange(SIZE)
    LedgerEntry.objects.filter(index__gte=index).delete()
    return index


def head(chance: random.Random) -> None:
    row = LedgerHead.objects.get()
    name = chance.choice(["root", "frontier", "signature", "size", "origin"])
    value: object = flip(chance, bytes(row.signature))
    if name == "size":
        value = row.size + chance.choice([-1, 1])
    elif name != "signature":
        value = getattr(row, name)[:-1] + "~"
    LedgerHead.objects.update(**{name: value})


def beside(chance: random.Random) -> None:
    if chance.random() < 0.5:
        LedgerNode.objects.create(level=1, index=chance.randrange(5), node="ab" * 32)
    else:
        LedgerOrigin.objects.create(first_index=SIZE + 1 + chance.randrange(5), name="elsewhere")


def rolled_back(chance: random.Random) -> int:
    size = chance.randrange(1, SIZE)
    cut_to(size)
    return size


def signed_anew(chance: random.Random) -> None:
    forge_from(chance.randrange(SIZE), Signer().sign)


INSIDE: tuple[Lie, ...] = (edit, gap, swapped, forged, shifted, cut_tail, head, beside)
OUTSIDE: tuple[Lie, ...] = (rolled_back, signed_anew)


def in_a_file(chance: random.Random) -> None:
    """A flipped bit in a proof file: unreadable, or of no entry of this log."""
    proof = prove_entry(chance.randrange(SIZE))
    assert proof is not None and read_proof(proof.write()).holds(Signer().public)
    try:
        held = read_proof(flip(chance, proof.write())).holds(Signer().public)
    except NoteUnreadable:
        return
    assert not held


def tell(chance: random.Random, kept: Checkpoint) -> None:
    lie = chance.choice([*INSIDE, *OUTSIDE])
    with transaction.atomic():
        index = lie(chance)
        found = verify() if lie in INSIDE else verify([kept])
        if lie in OUTSIDE:
            assert verify().ok, "it shows against a checkpoint alone"
        assert not found.ok and found.problem, lie.__name__
        assert index is None or found.index == index, lie.__name__
        transaction.set_rollback(True)


def battery(rounds: int, seed: int) -> None:
    fill(SIZE)
    kept, chance = checkpoint(), random.Random(seed)
    for _ in range(rounds):
        tell(chance, kept)
        in_a_file(chance)
    assert verify([kept]).ok, "every lie was taken back"


def test_lies_told_at_random() -> None:
    battery(60, seed=20261125)


@pytest.mark.deep
def test_a_thousand_lies() -> None:
    battery(1000, seed=27)


@pytest.mark.parametrize("lie", [*INSIDE, *OUTSIDE], ids=lambda lie: lie.__name__)
def test_each_kind_of_lie(lie: Lie) -> None:
    fill(SIZE)
    kept, chance = checkpoint(), random.Random(1)
    index = lie(chance)
    found = verify([kept] if lie in OUTSIDE else [])
    assert not found.ok and (index is None or found.index == index)


def test_the_battery_sees_a_check_that_looks_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the check of signatures the battery goes red."""
    monkeypatch.setattr(Signer, "is_ours", lambda *_: True)
    with pytest.raises(AssertionError):
        battery(60, seed=20261125)
