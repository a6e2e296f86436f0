"""`upheld init`: an owner's folder from the starter, the lasting keys, and the recovery file."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from upheld.policy.errors import ActRefused
from upheld.vault.keys import LASTING_NAMES, prepare_lasting_keys
from upheld.vault.recovery import write_recovery

# In a wheel the starter lies inside; in a checkout it is the demo itself.
_PACKED = Path(__file__).parents[1] / "starter"
_CHECKOUT = Path(__file__).parents[3] / "demo"
# The demo's goods are nobody else's to sell, and what it published nobody else's past.
_NOT_COPIED = ("stock", "published", ".env")


@dataclass(frozen=True, slots=True)
class NewStore:
    """Where everything is."""

    store: Path
    home: Path
    keys: Path
    recovery: Path


def new_store(folder: Path, home: str, keys: str, today: date) -> NewStore:
    """Make the folder, which must not hold anything, and the keys; `home` and `keys` are where
    the environment wants them, '' for beside the folder. Raises `ActRefused`."""
    store = folder.resolve()
    if store.exists() and (not store.is_dir() or any(store.iterdir())):
        raise ActRefused(f"{store} is not empty. Name a folder that does not exist yet.")
    made = NewStore(
        store,
        Path(home or store.with_name(f"{store.name}-var")).resolve(),
        Path(keys or store.with_name(f"{store.name}-var-keys")).resolve(),
        store.with_name(f"{store.name}-recovery.txt"),
    )
    if made.recovery.exists():
        raise ActRefused(f"{made.recovery} is there already. Move it away: it opens another store.")
    source = _PACKED if _PACKED.is_dir() else _CHECKOUT
    shutil.copytree(
        source,
        store,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(*_NOT_COPIED, "__pycache__"),
    )
    lines = (f"UPHELD_HOME={made.home}", f"UPHELD_KEYS={made.keys}", "")
    (store / ".env").touch(0o600)
    (store / ".env").write_text("\n".join(lines), "utf-8")
    prepare_lasting_keys(made.keys)
    write_recovery(made.keys, LASTING_NAMES, made.recovery, today.isoformat())
    return made
