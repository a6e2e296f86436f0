"""Nothing is kept longer than its period; private financial data dies with its day's key."""

from upheld.vault.sealing import SealedRef, open_sealed, seal

__all__ = ["SealedRef", "open_sealed", "seal"]
