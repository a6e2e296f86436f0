"""P47: the log is recomputed, held against the checkpoint outside the database, lied about, and
proven from a file alone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from upheld.ledger import (
    LedgerEntry,
    NoteUnreadable,
    Signer,
    StoredLog,
    Verification,
    kept_outside,
    prove_entry,
    read_checkpoint,
    read_proof,
    verify,
)
from upheld.policy import Policy
from upheld.promises.proof import Proof

LOG_PROMISE = "P47"
# A lie is found where it was told, so the walk ends there: near the beginning it is cheap.
_LIES_WITHIN = 1000
_Lie = Callable[[Iterable[LedgerEntry], int], Iterator[LedgerEntry]]


def prove_log(policy: Policy, now: datetime) -> Proof:
    """Broken where the log does not fit; otherwise it must also find five lies told to it."""
    try:
        outside = kept_outside()
    except NoteUnreadable:
        text = "The checkpoint kept beside the keys is damaged, so the log fits nothing outside."
        return Proof(LOG_PROMISE, "broken", "tested", None, text)
    found = verify([outside] if outside else [])
    if not found.ok:
        return Proof(LOG_PROMISE, "broken", "tested", found.size, f"The log: {found.problem}")
    if found.size == 0:
        return Proof(LOG_PROMISE, "unproven", None, None, "Nothing has been logged yet.")
    missed = _missed_lies(found, now)
    if missed:
        text = f"A lie was told to the check of the log, and it did not see it: {missed}."
        return Proof(LOG_PROMISE, "broken", "tested", found.size, text)
    held = (
        f"among them all {outside.size} that a checkpoint beside the keys vouches for"
        if outside
        else "and from now on a checkpoint beside the keys vouches for them"
    )
    entries = (
        "The 1 entry is the one that was signed"
        if found.size == 1
        else f"All {found.size} entries are those that were signed"
    )
    figure = f"{entries}, {held}. Five lies were told to the check, and it found all of them."
    return Proof(LOG_PROMISE, "kept", "tested", found.size, figure)


def _missed_lies(found: Verification, now: datetime) -> str | None:
    """The name of a lie that the verification took for the truth."""
    within = min(found.size, _LIES_WITHIN)
    for name, lie in LIES.items():
        place = secrets.randbelow(within)
        told = verify(log=replace(StoredLog(), entries=_told(lie, place)))
        if told.ok or told.index != place:
            return name
    return _missed_in_files(found, now)


def _told(lie: _Lie, place: int) -> Callable[[], Iterator[LedgerEntry]]:
    truth = StoredLog().entries
    return lambda: lie(truth(), place)


def _edit(entries: Iterable[LedgerEntry], place: int) -> Iterator[LedgerEntry]:
    for entry in entries:
        if entry.index == place:
            entry.at -= timedelta(seconds=1)
        yield entry


def _gap(entries: Iterable[LedgerEntry], place: int) -> Iterator[LedgerEntry]:
    return (entry for entry in entries if entry.index != place)


def _forge(entries: Iterable[LedgerEntry], place: int) -> Iterator[LedgerEntry]:
    for entry in entries:
        if entry.index == place:
            entry.signature = secrets.token_bytes(len(bytes(entry.signature)))
        yield entry


LIES: dict[str, _Lie] = {
    "an entry edited": _edit,
    "an entry left out": _gap,
    "an entry forged": _forge,
}


def _missed_in_files(found: Verification, now: datetime) -> str | None:
    """A proof file of one entry must hold, and hold for nothing else; a checkpoint of a longer
    log must show that the end was cut off."""
    proof = prove_entry(secrets.randbelow(found.size))
    public = Signer().public
    read = read_proof(proof.write()) if proof else None
    if read is None or not read.holds(public):
        return "none, but a proof file does not hold"
    if replace(read, leaf=read.leaf + b" ").holds(public):
        return "a proof file of another entry"
    point, signer = read.checkpoint, Signer()
    longer, root = point.size + 1, bytes(32)
    note = signer.note(point.origin, longer, root, signer.sign(point.origin, longer, root))
    cut = verify([read_checkpoint(note)])
    return "the end cut off" if cut.ok or cut.index is None else None
