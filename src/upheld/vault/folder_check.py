"""Whether the key folder is where and as it must be, before anything is sealed with it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from upheld.policy import Finding
from upheld.vault.keys import LASTING_NAMES, KeyFolder, KeyMissing


def check_key_folder(keys: Path, home: Path) -> list[Finding]:
    """Refuses a key folder inside HOME (a backup of HOME would hold the keys), the reverse, and
    folders or files that anyone else on the machine can read."""
    inner, outer = Path(keys).resolve(), Path(home).resolve()
    findings = []
    if inner == outer or outer in inner.parents or inner in outer.parents:
        findings.append(
            _finding(
                keys,
                "The key folder and HOME lie inside one another, so a copy of the data would "
                "carry the keys that open it.",
                "Point UPHELD_KEYS to a folder beside UPHELD_HOME, best on a volume of its own "
                "that is not snapshotted.",
            )
        )
    folder = KeyFolder(keys)
    for place in (folder.path, folder.days, folder.lasting):
        if place.is_dir():
            findings += _open_to_others(place, 0o700)
    for place in (folder.days, folder.lasting):
        if place.is_dir():
            for file in sorted(place.iterdir()):
                findings += _open_to_others(file, 0o600)
    findings += [
        _finding(
            folder.days / name,
            "This file in the day folder belongs to no day.",
            "Remove it: copies of day keys must not exist.",
        )
        for name in folder.strangers()
    ]
    findings += [
        _finding(copy, "A key lies where no keeper looks, and would outlive its day.", "Remove it.")
        for copy in folder.copies()
    ]
    return [*findings, *_lost(folder)]


def _lost(folder: KeyFolder) -> list[Finding]:
    """Of a folder that has lasting keys, those it lacks; an empty one is about to get them all."""
    if not folder.lasting.is_dir() or not any(folder.lasting.iterdir()):
        return []
    findings = []
    for name in LASTING_NAMES:
        try:
            folder.lasting_key(name)
        except KeyMissing:
            findings.append(
                _finding(
                    folder.lasting / f"{name}.key",
                    "This lasting key is missing or damaged, and what it closed stays closed.",
                    "Put it back from the recovery file.",
                )
            )
    return findings


def _open_to_others(place: Path, mode: int) -> list[Finding]:
    try:
        status = os.lstat(place)
    except FileNotFoundError:
        return []  # a key that another process destroyed meanwhile
    if stat.S_ISLNK(status.st_mode):
        return [_finding(place, "A link where a key should be.", f"Remove {place}.")]
    if status.st_mode & 0o077:
        return [
            _finding(
                place,
                f"Others on this machine may open it (mode {stat.S_IMODE(status.st_mode):04o}).",
                f"chmod {mode:04o} {place}",
            )
        ]
    if status.st_uid != os.geteuid():
        return [
            _finding(
                place,
                "It belongs to another user than the one who runs the store.",
                f"chown it to user {os.geteuid()}.",
            )
        ]
    return []


def _finding(place: Path, problem: str, remedy: str) -> Finding:
    return Finding(file=str(place), line=None, clause="P20", problem=problem, remedy=remedy)
