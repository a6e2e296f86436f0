"""What the keeper does for this promise."""

from upheld.promises.retention.due_rows import preview, remove_due
from upheld.promises.retention.due_vaults import (
    KeyStands,
    destroy_due_keys,
    destroy_due_vaults,
    destroyed_entry,
    prepare_vaults,
    reclaim_vaults,
)

__all__ = [
    "KeyStands",
    "destroy_due_keys",
    "destroy_due_vaults",
    "destroyed_entry",
    "prepare_vaults",
    "preview",
    "reclaim_vaults",
    "remove_due",
]
