"""Sealed daily vaults: the only reader of the key folder.

The settings need a key before Django has models, so what stands on models is brought in when it
is first asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from upheld.vault.clock import Clock
from upheld.vault.keys import KeyFolder, KeyMissing, lasting_key, prepare_lasting_keys

if TYPE_CHECKING:
    from upheld.vault.sealing import SealedRef, VaultKeyLost, open_sealed, seal

__all__ = [
    "Clock",
    "KeyFolder",
    "KeyMissing",
    "SealedRef",
    "VaultKeyLost",
    "lasting_key",
    "open_sealed",
    "prepare_lasting_keys",
    "seal",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(importlib.import_module("upheld.vault.sealing"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
