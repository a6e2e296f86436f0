"""`upheld verify-log`: the log recomputed, and held against what others kept of it."""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import sys
from email import message_from_bytes, policy
from pathlib import Path

from upheld.ledger import (
    Checkpoint,
    NoteUnreadable,
    Verification,
    newest_checkpoint,
    read_checkpoint,
    read_proof,
    verify,
)
from upheld.promises.mail.content import CHECKPOINT_HEADER

_MISUSE = 2


def verify_log(arguments: argparse.Namespace) -> int:
    """Exit 0 where the log is what was signed, 1 with the first entry that is not, 2 where a
    file that it is to be held against cannot be read."""
    points = []
    for name in arguments.against:
        try:
            points.append(_read(Path(name).read_bytes()))
        except (OSError, NoteUnreadable) as error:
            why = error.strerror if isinstance(error, OSError) else error
            print(
                f"{name}: {why} Pass a checkpoint, a proof file, or an order mail as it was "
                "received, headers included.",
                file=sys.stderr,
            )
            return _MISUSE
    found, newest = verify(points), newest_checkpoint()
    origin = newest.origin if newest else None
    if arguments.json:
        print(json.dumps(_facts(found, origin, points)))
    elif found.ok:
        held = f", and hold against {len(points)} kept elsewhere" if points else ""
        print(f"verified: {found.size} entries are those that were signed{held}.")
        print(f"log {origin}, root {found.root}")
    else:
        at = "" if found.index is None else f" (entry {found.index})"
        print(f"broken{at}: {found.problem}", file=sys.stderr)
    return 0 if found.ok else 1


def _facts(found: Verification, origin: str | None, points: list[Checkpoint]) -> dict[str, object]:
    return {
        "ok": found.ok,
        "origin": origin,
        "size": found.size,
        "root": found.root,
        "problem": found.problem,
        "index": found.index,
        "against": [{"origin": point.origin, "size": point.size} for point in points],
    }


def _read(data: bytes) -> Checkpoint:
    """A checkpoint as it is served, the one inside a proof file, or the one in a mail's header.
    Raises `NoteUnreadable`."""
    if data.startswith(b"c2sp.org/tlog-proof@"):
        return read_proof(data).checkpoint
    header = message_from_bytes(data, policy=policy.default).get(CHECKPOINT_HEADER)
    if header is None:
        return read_checkpoint(data)
    try:
        note = base64.b64decode("".join(str(header).split()), validate=True)
    except (binascii.Error, ValueError):
        raise NoteUnreadable(f"Its header {CHECKPOINT_HEADER} is damaged.") from None
    return read_checkpoint(note)
