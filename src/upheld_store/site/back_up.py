"""`upheld backup`: an archive that was restored and checked, or none."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from upheld import ledger
from upheld.db.sqlite.copying import check_copy
from upheld.policy.errors import ActRefused
from upheld.promises.retention.backups import backup_days, note_made, remove_over
from upheld.promises.retention.scratch import scratch_folder
from upheld.vault import archive
from upheld.vault.keys import lasting_key
from upheld_store.site.copy_store import check_restored, copy_out
from upheld_store.site.environment import Environment
from upheld_store.site.tombstone_list import write_tombstones
from upheld_store.site.whole_file import sync_folder, write_whole

DATABASE = "store.sqlite3"
MANIFEST = "manifest.json"
CHECKPOINT = "log.checkpoint"
_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """The archive, how many rows it holds, and which old ones were removed."""

    path: Path
    rows: int
    removed: list[Path]


def back_up(folder: Path, environment: Environment, now: datetime) -> Made:
    """Copy, seal, restore to a scratch place, check; only then the archive gets its name. Beside
    it the newest list of erasures and the newest checkpoint are written. Raises `ActRefused`."""
    path, rows = write_checked(folder, environment, now)
    note_made(path, rows, now)
    write_tombstones(folder)
    newest = ledger.newest_checkpoint()
    if newest is not None:
        write_whole(folder / CHECKPOINT, newest.note)
    return Made(path, rows, remove_over(folder, now))


def write_checked(folder: Path, environment: Environment, now: datetime) -> tuple[Path, int]:
    """The archive alone, nothing noted anywhere: the database may be of an older version."""
    folder = folder.resolve()
    backup_days()
    _refuse_inside(folder, environment)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target, key = folder / archive.name_of(now), lasting_key("backup")
    draft = folder / f".{target.name}.partial"
    draft.unlink(missing_ok=True)
    with scratch_folder(environment.home) as scratch:
        copy = scratch / DATABASE
        copy_out(copy)
        rows = check_copy(copy)
        try:
            with archive.writing(draft, key, now) as tar:
                _fill(tar, copy, rows, environment)
            copy.unlink()
            check_restored(unpack(draft, key, scratch / "restored") / DATABASE, rows)
            draft.rename(target)
        finally:
            draft.unlink(missing_ok=True)
    sync_folder(folder)
    return target, sum(rows.values())


def unpack(path: Path, key: bytes, target: Path) -> Path:
    """Open an archive into a new folder, every file compared with what the manifest says of it.
    Returns the folder. Raises `ArchiveBroken`."""
    target.mkdir(mode=0o700)
    with archive.reading(path, key) as tar:
        for member in tar:
            tar.extract(member, target, filter="data")
    manifest = read_manifest(target, path)
    found = {name: _digest(target / name) for name in _names(target) if name != MANIFEST}
    if found != manifest["files"]:
        raise archive.ArchiveBroken(f"{path}: its files are not those that its manifest names.")
    return target


def read_manifest(folder: Path, path: Path) -> dict[str, dict[str, str]]:
    """What an unpacked archive says of itself. Raises `ArchiveBroken`."""
    try:
        manifest: dict[str, dict[str, str]] = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        raise archive.ArchiveBroken(f"{path}: it has no manifest.") from None
    return manifest


def _fill(tar: tarfile.TarFile, copy: Path, rows: dict[str, int], environment: Environment) -> None:
    """Database, uploaded files and the owner's folder; nothing of the key folder."""
    files: dict[str, str] = {}
    for name, path in _sources(copy, environment):
        files[name] = _digest(path)
        tar.add(path, name, recursive=False)
    manifest = json.dumps({"files": files, "rows": rows}, sort_keys=True).encode()
    head = tarfile.TarInfo(MANIFEST)
    head.size = len(manifest)
    tar.addfile(head, io.BytesIO(manifest))


def _sources(copy: Path, environment: Environment) -> Iterator[tuple[str, Path]]:
    yield DATABASE, copy
    for prefix, folder in (("media", environment.home / "media"), ("store", environment.store)):
        if folder.is_dir():
            for name in _names(folder):
                yield f"{prefix}/{name}", folder / name


def _names(folder: Path) -> list[str]:
    """Every plain file below, by its path; a link could lead out of the folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(str(path.relative_to(folder)) for path in files)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_READ_BYTES):
            digest.update(data)
    return digest.hexdigest()


def _refuse_inside(folder: Path, environment: Environment) -> None:
    for place in (environment.home, environment.keys, environment.store):
        if folder == place or place in folder.parents:
            raise ActRefused(
                f"{folder} lies inside {place}, and goes with it when that is lost. Name a folder "
                "beside it, best on another disk."
            )
