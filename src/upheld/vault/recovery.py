"""The recovery file: the lasting keys on paper or in a safe, in lines that can be typed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from upheld.policy.errors import ActRefused
from upheld.vault.keys import KEY_BYTES, KeyFolder, fingerprint

_LINE = re.compile(r"([a-z][a-z_]*) = ([0-9a-f]{64})", re.ASCII)
_TOP = """\
Recovery file of an Upheld store, written {day}.

Whoever has this file and a backup can read everything in the backup, except payment details past
their days. Keep it away from the backups and off this machine: print it, or put it in a safe.

To bring the store back on an empty machine:
    upheld restore FOLDER-OF-BACKUPS --recovery THIS-FILE

"""


class RecoveryRefused(ActRefused):
    """The recovery file cannot be used, or would be written over one that is there."""


def write_recovery(keys: Path, names: Iterable[str], target: Path, day: str) -> None:
    """Write the named lasting keys to `target`, for its owner's eyes alone. Raises
    `RecoveryRefused` where there is a file already."""
    folder = KeyFolder(keys)
    lines = [f"{name} = {folder.lasting_key(name).hex()}" for name in names]
    text = _TOP.format(day=day) + "\n".join(lines) + "\n"
    try:
        handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise RecoveryRefused(
            f"{target} is there already, and a recovery file is never written over. Move it away."
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read_recovery(source: Path) -> dict[str, bytes]:
    """The keys by name. Raises `RecoveryRefused`."""
    lines = source.read_text("utf-8").splitlines()
    keys = {found[1]: bytes.fromhex(found[2]) for line in lines if (found := _LINE.fullmatch(line))}
    if "backup" not in keys:
        raise RecoveryRefused(f"{source} holds no keys of a store. Is it the recovery file?")
    return keys


def put_back(keys: Mapping[str, bytes], target: Path) -> list[str]:
    """Put keys into the key folder where they are missing. Returns their names. Raises
    `RecoveryRefused`, and puts none, where another key of one of the names is there."""
    folder = KeyFolder(target)
    folder.prepare()
    for name, key in keys.items():
        path = folder.lasting / f"{name}.key"
        if path.exists() and (len(key) != KEY_BYTES or folder.lasting_key(name) != key):
            raise RecoveryRefused(
                f"{path} holds another key (…{fingerprint(folder.lasting_key(name))[-4:]}) than "
                "the recovery file. Point UPHELD_KEYS to an empty folder, or take the other file."
            )
    return [name for name, key in keys.items() if folder.put_lasting_key(name, key)]
