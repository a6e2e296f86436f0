"""The archive's folder, written from what the database holds."""

from __future__ import annotations

import shutil
from pathlib import Path

from upheld.policy.archive import FACTS_FILE, RECORD_FILE, facts_text, record_text
from upheld.policy.errors import ActRefused
from upheld.policy.loading import CLAUSE_FOLDER
from upheld.promises.notice.models import PolicyVersion


def write_archive(archive: Path) -> list[int]:
    """Write what of any version is missing there or says something else than the database.
    Returns the versions written. Raises `ActRefused` where the folder takes no files."""
    written = []
    for row in PolicyVersion.objects.order_by("version"):
        try:
            if _write(row, archive / str(row.version)):
                written.append(row.version)
        except OSError as error:
            raise ActRefused(
                f"{archive / str(row.version)} cannot be written ({error.strerror}). The version "
                "is published; give yourself the right to write there and run `upheld publish` "
                "again, so that the next start knows it."
            ) from error
    return written


def unfreeze(row: PolicyVersion, folder: Path) -> None:
    """Put a version's files in the place of those that stand in the policy folder."""
    for path in (folder / CLAUSE_FOLDER).glob("*.md"):
        if path.relative_to(folder).as_posix() not in row.read_files():
            path.unlink()
    _write_files(row.read_files(), folder)


def _write(row: PolicyVersion, folder: Path) -> bool:
    texts = {
        **row.read_files(),
        FACTS_FILE: facts_text(row.read_facts()),
        RECORD_FILE: record_text(row.record()),
    }
    if all(_holds(folder / name, text) for name, text in texts.items()):
        return False
    # Whole or not at all: a start reads this folder.
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    _write_files(texts, fresh)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return True


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


def _write_files(texts: dict[str, str], folder: Path) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
