"""P43: the newest archives hold no key of a day, and what is sealed in them for a day that is over
opens with nothing that this machine has."""

from __future__ import annotations

import io
import re
import secrets
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from upheld.db.sqlite.copying import CopyBroken, rows_of
from upheld.policy import Policy
from upheld.promises.proof import Proof, State
from upheld.promises.retention.backups import archives_within_reach
from upheld.promises.retention.scratch import Busy, scratch_folder
from upheld.vault.age import newest_day_over
from upheld.vault.archive import Archive, ArchiveBroken, reading, writing
from upheld.vault.cipher import SealBroken, decrypt, encrypt, place
from upheld.vault.keys import key_folder, lasting_key

PROMISE = "P43"
_TRIED_MAX = 3
_READ_BYTES = 1024 * 1024
# What a backup calls the database in it.
_DATABASE = "store.sqlite3"
_TABLE = "upheld_sealed_value"
_COLUMNS = ("table_name", "row_key", "field", "day", "ciphertext")
_KEY_FILE = re.compile(r"(?:^|/)days/[^/]*\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(slots=True)
class _Seen:
    """What was looked at over all archives."""

    archives: int = 0
    over: int = 0
    within: int = 0


class _Found(Exception):
    """What must not be there; its text is for the public page."""


def prove_backups(policy: Policy, now: datetime) -> Proof:
    """Tries a planted archive first: a key in it must be found, and a vault of day - 60 in it must
    stay shut. Then the newest archives within reach, as they lie."""
    days = policy.retention.backup_days
    if days is None:
        return _proof("unproven", None, "The policy does not say how long a backup is kept.")
    archives = list(archives_within_reach())
    over = [archive for archive in archives if archive.is_over(days + 1, now)]
    if over:
        oldest = over[-1].made_at.date()
        text = f"Backups past their {days} days: {len(over)}, the oldest of {oldest}."
        return _proof("broken", len(archives), text)
    seen = _Seen()
    try:
        with scratch_folder(Path(settings.UPHELD_HOME)) as scratch:
            _try_planted(scratch, now)
            for archive in archives[:_TRIED_MAX]:
                _try_archive(archive, scratch, seen, now)
    except Busy:
        return _proof("unproven", None, "A backup was being made while this was to be proven.")
    except (ArchiveBroken, CopyBroken):
        return _proof("broken", len(archives), "One of the newest backups cannot be opened.")
    except _Found as found:
        return _proof("broken", len(archives), str(found))
    return _proof("kept", seen.archives + seen.over + 1, _figure(seen))


def _figure(seen: _Seen) -> str:
    if not seen.archives:
        return (
            "No backup has been made on this store yet. In a scratch one a key of a day was found, "
            "and a value of a day whose key is gone stayed shut."
        )
    return (
        f"Newest backups opened: {seen.archives}; keys of days in them: 0. Values of days that are "
        f"over in them: {seen.over}, none could be read; of days within: {seen.within}. In a "
        "scratch one a key of a day was found."
    )


def _try_archive(archive: Archive, scratch: Path, seen: _Seen, now: datetime) -> None:
    folder, copy = key_folder(), scratch / _DATABASE
    keys = {day: key for day in folder.days_on_disk() if (key := folder.day_key(day))}
    with reading(archive.path, lasting_key("backup")) as tar:
        for member, content in _files(tar):
            if member.name == _DATABASE:
                with copy.open("wb") as file:
                    shutil.copyfileobj(content, file, _READ_BYTES)
                with copy.open("rb") as file:
                    _look_for_keys(member.name, file, keys.values())
            else:
                _look_for_keys(member.name, content, keys.values())
    seen.archives += 1
    if copy.exists():
        _try_values(rows_of(copy, _TABLE, _COLUMNS), keys, seen, now)
        copy.unlink()


def _files(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    for member in tar:
        content = tar.extractfile(member)
        if content is not None:
            yield member, content


def _look_for_keys(name: str, content: IO[bytes], keys: Iterable[bytes]) -> None:
    """Raises `_Found` for a file named like a key, or a key in any spelling in any file."""
    if _KEY_FILE.search(name):
        raise _Found("A backup holds a file of the key folder.")
    spellings = [form for key in keys for form in (key, key.hex().encode())]
    longest = max(map(len, spellings), default=1)
    before = b""
    while data := content.read(_READ_BYTES):
        window = before + data
        if any(form in window for form in spellings):
            raise _Found("A backup holds the key of a day.")
        before = window[-longest:]


def _try_values(
    rows: Iterable[tuple[str, str, str, str, bytes]],
    keys: dict[date, bytes],
    seen: _Seen,
    now: datetime,
) -> None:
    """Raises `_Found` where a value of a day that is over opens with any key there is."""
    newest_over = newest_day_over(now)
    for table, row, field, written, sealed in rows:
        day = date.fromisoformat(str(written))
        if day > newest_over:
            seen.within += 1
            continue
        seen.over += 1
        if _opens(bytes(sealed), place(table, row, field, day), keys.values()):
            raise _Found(f"A value of {day} in a backup could be read.")


def _opens(sealed: bytes, where: bytes, keys: Iterable[bytes]) -> bool:
    for key in keys:
        try:
            decrypt(key, sealed, where)
        except SealBroken:
            continue
        return True
    return False


def _try_planted(scratch: Path, now: datetime) -> None:
    """The control, through the same code: without it a search that finds nothing shows nothing."""
    planted, path = secrets.token_bytes(32), scratch / "upheld-planted.backup"
    with writing(path, lasting_key("backup"), now) as tar:
        head = tarfile.TarInfo("media/planted")
        content = secrets.token_bytes(_READ_BYTES - 16) + planted + secrets.token_bytes(99)
        head.size = len(content)
        tar.addfile(head, io.BytesIO(content))
    found = False
    with reading(path, lasting_key("backup")) as tar:
        for member, inside in _files(tar):
            try:
                _look_for_keys(member.name, inside, [planted])
            except _Found:
                found = True
    path.unlink()
    if not found:
        raise _Found("A key was planted in a scratch backup, and the search did not see it.")
    _try_planted_value(now)


def _try_planted_value(now: datetime) -> None:
    """A value of day - 60 whose key is gone stays shut for every key there is; with its key it
    would open, so the attempt is a real one."""
    day = newest_day_over(now)
    where, gone = place("scratch", "1", "scratch", day), secrets.token_bytes(32)
    sealed = encrypt(gone, "scratch", where)
    folder = key_folder()
    keys = [key for each in folder.days_on_disk() if (key := folder.day_key(each))]
    if not _opens(sealed, where, [*keys, gone]):
        raise _Found("A scratch value did not open with its own key, so nothing is shown.")
    if _opens(sealed, where, keys):
        raise _Found("A scratch value opened without its key.")


def _proof(state: State, population: int | None, figure: str) -> Proof:
    return Proof(PROMISE, state, None if population is None else "tested", population, figure)
