"""The key folder, and the only reader of it: `days/` dies day by day, `lasting/` stays.

No Django model is imported here, because the settings themselves need a key."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from django.conf import settings

from upheld.policy.errors import ActRefused

KEY_BYTES = 32
# One a use: a leak of one opens nothing else.
LASTING_NAMES = (
    "secret",
    "log",
    "order_links",
    "license_keys",
    "tombstones",
    "backup",
    "practice_gateway",
    "sessions",
    "second_factors",
    "mailed_codes",
)
# Those of the folders that have no record of what was made in them.
_FIRST_NAMES = frozenset(
    {
        "secret", "log", "order_links", "license_keys", "tombstones", "backup",
        "practice_gateway", "sessions", "second_factors", "mailed_codes",
    }
)  # fmt: skip
_RECORD = "made.txt"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_GONE = ".gone."
_CHECKPOINT = "log.checkpoint"
_DAY_FILE = re.compile(r"(\d{4}-\d{2}-\d{2})\.key", re.ASCII)


class KeyMissing(ActRefused):
    """A lasting key is not where it was: restore it from the recovery file, do not make another."""


class KeyFolder:
    """`days/` and `lasting/` under one path. Every method is safe against the same method in
    another process."""

    __slots__ = ("days", "lasting", "path")

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.days = self.path / "days"
        self.lasting = self.path / "lasting"

    def prepare(self) -> None:
        """Make the folders where they are missing, closed to everyone else."""
        for folder in (self.path, self.days, self.lasting):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def day_key(self, day: date) -> bytes | None:
        """The key of a day's vault, or None when it is gone."""
        return _read(self.days / f"{day.isoformat()}.key")

    def make_day_key(self, day: date) -> bytes:
        """The day's key, made at random if this is its first use. It is derived from nothing,
        so nothing can derive it again. A damaged key opens nothing any more and is replaced:
        what it sealed is lost and says so, but the store still sells."""
        return self._make(self.days, day.isoformat(), replace_damaged=True)

    def lasting_key(self, name: str) -> bytes:
        """Raises `KeyMissing`."""
        key = _read(self.lasting / f"{name}.key")
        if key is None:
            raise KeyMissing(
                f"The lasting key {name!r} is missing from {self.lasting}. Put it back from the "
                "recovery file: another would open nothing that this one closed."
            )
        return key

    def make_lasting_key(self, name: str) -> bytes:
        """The lasting key, made at random if it does not exist."""
        return self._make(self.lasting, name)

    def put_lasting_key(self, name: str, key: bytes) -> bool:
        """Put back a key from the recovery file; False where one is there."""
        target = self.lasting / f"{name}.key"
        if target.exists():
            return False
        _write_once(target, key)
        self._record([*self._recorded(), name])
        return True

    def make_new_keys(self) -> list[str]:
        """Make the lasting keys that this version has and the one that made the folder had not.
        One that was made and is gone stays gone: another would open nothing that it closed."""
        known = set(self._recorded())
        new = [name for name in LASTING_NAMES if name not in known]
        for name in new:
            self.make_lasting_key(name)
        self._record([*known, *new])
        return new

    def _recorded(self) -> list[str]:
        """The names that were made here; a folder from before they were recorded has the first."""
        try:
            return (self.lasting / _RECORD).read_text("ascii").split()
        except FileNotFoundError:
            return list(_FIRST_NAMES)

    def _record(self, names: Iterable[str]) -> None:
        draft = self.lasting / f".{_RECORD}.{secrets.token_hex(8)}"
        text = "".join(f"{name}\n" for name in sorted(set(names)))
        draft.touch(0o600)
        draft.write_text(text, "ascii")
        draft.replace(self.lasting / _RECORD)

    def keep_checkpoint(self, note: bytes) -> None:
        """Keep the log's newest checkpoint where whoever puts back an older database does not
        put back the checkpoint with it. Whole or not at all."""
        draft = self.path / f".{_CHECKPOINT}.{secrets.token_hex(8)}"
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            os.write(handle, note)
            os.fsync(handle)
        finally:
            os.close(handle)
        draft.replace(self.path / _CHECKPOINT)
        _sync_folder(self.path)

    def kept_checkpoint(self) -> bytes | None:
        """What `keep_checkpoint` kept last."""
        try:
            return (self.path / _CHECKPOINT).read_bytes()
        except FileNotFoundError:
            return None

    def days_on_disk(self) -> list[date]:
        """Every day of which a key file, or the rest of one, lies in `days/`, oldest first."""
        found = {day for name in _names(self.days) if (day := _day_in(name))}
        return sorted(found)

    def strangers(self) -> list[str]:
        """Files in `days/` that belong to no day: nobody can say when they must go."""
        return [name for name in _names(self.days) if _day_in(name) is None]

    def copies(self) -> list[Path]:
        """Keys anywhere else in the folder, where no keeper would look for them."""
        places = {self.days, self.lasting}
        return sorted(key for key in self.path.rglob("*.key") if key.parent not in places)

    def destroy_day(self, day: date) -> bool:
        """Overwrite and remove every file of the day, copies and half-written ones included.
        Returns whether there was one. Once this returns, the removal has reached the disk."""
        if not self.days.is_dir():
            return False
        with _alone_in(self.days):
            names = [name for name in _names(self.days) if _day_in(name) == day]
            for name in names:
                _destroy(self.days / name)
            _sync_folder(self.days)
        return bool(names)

    def _make(self, folder: Path, stem: str, *, replace_damaged: bool = False) -> bytes:
        target = folder / f"{stem}.key"
        key = _read(target)
        if key is not None:
            return key
        self.prepare()
        with _alone_in(folder):
            if replace_damaged and _read(target) is None:
                _destroy(target)
            _write_once(target, secrets.token_bytes(KEY_BYTES))
            key = _read(target)
        if key is None:
            raise KeyMissing(f"The key file {target.name} is damaged.")
        return key


def fingerprint(key: bytes) -> str:
    """Names a key without giving it away."""
    return hashlib.sha256(b"upheld key\x00" + key).hexdigest()[:16]


def key_folder() -> KeyFolder:
    """The store's own."""
    return KeyFolder(Path(settings.UPHELD_KEYS))


def lasting_key(name: str) -> bytes:
    """32 bytes that live as long as the store. Raises `KeyMissing`."""
    return key_folder().lasting_key(name)


def read_lasting_key(keys: Path, name: str) -> bytes:
    """As `lasting_key`, for those who come before the settings. Raises `KeyMissing`."""
    return KeyFolder(keys).lasting_key(name)


def prepare_lasting_keys(keys: Path | None = None) -> None:
    """Make each lasting key that does not exist yet."""
    folder = key_folder() if keys is None else KeyFolder(keys)
    folder.prepare()
    for name in LASTING_NAMES:
        folder.make_lasting_key(name)
    folder._record(LASTING_NAMES)


def read_secret_key(keys: Path) -> str:
    """Django's secret key. In an empty folder all lasting keys are made first; in one that has
    keys but lacks this one it raises `KeyMissing`, because that folder has lost something."""
    folder = KeyFolder(keys)
    if not _names(folder.lasting):
        prepare_lasting_keys(keys)
    return folder.lasting_key("secret").hex()


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []


def _day_in(name: str) -> date | None:
    exact = _DAY_FILE.fullmatch(name)
    found = exact[1] if exact else next(iter(_DAY.findall(name)), None)
    try:
        return date.fromisoformat(found) if found else None
    except ValueError:
        return None


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            key = file.read()
            # Opened before it was moved aside, it may have given the bytes it is overwritten with.
            stands = os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return None
    return key if stands and len(key) == KEY_BYTES else None


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One process at a time: what one takes for damaged another may just have replaced, and what
    one has moved aside to overwrite another would take for a key that stands."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write_once(target: Path, content: bytes) -> None:
    """Whole or not at all, and never over an existing file: the first of two processes wins."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        try:
            os.write(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        os.link(draft, target)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _destroy(path: Path) -> None:
    path = _aside(path)
    try:
        # Without O_NOFOLLOW a planted link would turn this into a way to overwrite other files.
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return  # another keeper was faster
    except OSError:
        path.unlink(missing_ok=True)
        return
    try:
        os.write(handle, secrets.token_bytes(max(KEY_BYTES, os.fstat(handle).st_size)))
        os.fsync(handle)
    finally:
        os.close(handle)
    path.unlink(missing_ok=True)


def _aside(path: Path) -> Path:
    """Under another name, which still tells the day, in case we are killed: whoever reads the
    key meanwhile must find none, and not the bytes it is overwritten with."""
    if _GONE in path.name:
        return path
    aside = path.with_name(f".{path.name}{_GONE}{secrets.token_hex(8)}")
    try:
        path.rename(aside)
    except OSError:
        return path
    return aside


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
