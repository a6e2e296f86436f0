"""The database, and the purpose for which this moment may use it."""

from upheld.db.purpose import (
    entry_point,
    for_purpose,
    in_force,
    purpose,
    reveal_without_purpose,
    stream,
)

__all__ = [
    "entry_point",
    "for_purpose",
    "in_force",
    "purpose",
    "reveal_without_purpose",
    "stream",
]
