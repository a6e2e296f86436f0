"""The newest checkpoint, kept in the key folder: whoever puts back an older database alone does
not put that back with it."""

from __future__ import annotations

import logging

from upheld.ledger.checkpoint import Checkpoint, read_checkpoint
from upheld.ledger.log import newest_checkpoint
from upheld.vault.keys import key_folder

_log = logging.getLogger("upheld.ledger")


def kept_outside() -> Checkpoint | None:
    """What was kept last. Raises `NoteUnreadable` where it was damaged."""
    note = key_folder().kept_checkpoint()
    return read_checkpoint(note) if note is not None else None


def keep_outside() -> None:
    """Keep the log as it stands; only ever after it was verified against what is kept. A folder
    that cannot be written to leaves the older one, which binds less but does not lie."""
    newest = newest_checkpoint()
    if newest is None:
        return
    try:
        key_folder().keep_checkpoint(newest.note)
    except OSError as error:
        _log.warning("no checkpoint could be kept beside the keys: %s", type(error).__name__)
