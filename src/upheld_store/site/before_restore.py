"""What a restore needs before there is a store: its keys, and the owner's folder, on a machine that
has neither. Nothing here needs Django's settings, which could not be read yet."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from upheld.policy.errors import ActRefused
from upheld.vault.archive import archives_in, reading
from upheld.vault.keys import KeyMissing, read_lasting_key
from upheld.vault.recovery import put_back, read_recovery
from upheld_store.site.environment import key_folder_path, read_environment, store_path

_STORE = "store/"


def make_ready(arguments: argparse.Namespace) -> None:
    """Put the owner's folder where UPHELD_STORE points, if there is none, and the keys of the
    recovery file into the key folder. Raises `ActRefused`."""
    recovered = read_recovery(arguments.recovery) if arguments.recovery else {}
    store = store_path()
    if not (store / "store.toml").is_file():
        _bring_store(arguments.folder, store, recovered)
    # Only now: the owner's .env, which may say where the keys belong, came with the folder.
    if recovered:
        put_back(recovered, read_environment().keys)


def _bring_store(given: Path, store: Path, recovered: dict[str, bytes]) -> None:
    archives = archives_in(given if given.is_dir() else given.parent)
    chosen = [each for each in archives if given.is_dir() or each.path.name == given.name]
    if not chosen:
        raise ActRefused(f"{given} holds no backup of a store. Name the folder of its archives.")
    try:
        key = recovered.get("backup") or read_lasting_key(key_folder_path(), "backup")
    except KeyMissing as error:
        raise ActRefused(
            "This machine has no backup key yet, so the archive cannot be opened. Say "
            "--recovery FILE, the recovery file that `upheld init` wrote."
        ) from error
    with reading(chosen[0].path, key) as tar:
        for member in tar:
            if member.name.startswith(_STORE) and member.isfile():
                member.name = member.name.removeprefix(_STORE)
                os.makedirs(store, exist_ok=True)
                tar.extract(member, store, filter="data")
