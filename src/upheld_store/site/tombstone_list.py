"""The list of erasures beside the archives: written with each backup, applied by each restore."""

from __future__ import annotations

from pathlib import Path

from upheld.policy.errors import ActRefused
from upheld.promises.erasure.tombstones import check_list, newest_list
from upheld_store.site.whole_file import write_whole

NAME = "erasures.list"


def write_tombstones(folder: Path) -> None:
    """The newest list, in the place of the one that was there."""
    write_whole(folder / NAME, newest_list())


def read_tombstones(folder: Path, *, accept_missing: bool) -> bytes | None:
    """The list; None where it is missing and that was accepted. Raises `ActRefused`, for a list
    that is damaged too."""
    try:
        data = (folder / NAME).read_bytes()
    except FileNotFoundError:
        if accept_missing:
            return None
    else:
        check_list(data)
        return data
    raise ActRefused(
        f"{folder / NAME} is missing: without it people who were erased since the backup would "
        "come back. Put the newest one beside the archives. If it is lost for good, say "
        "--accept-missing-erasures; the promises page will show the promise as broken."
    )
