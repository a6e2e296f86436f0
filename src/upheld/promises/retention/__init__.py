"""Nothing is kept longer than its period; private financial data dies with its day's key."""

from upheld.vault.sealing import SealedRef, VaultShut, open_sealed, seal

__all__ = ["SealedRef", "VaultShut", "open_sealed", "seal"]
