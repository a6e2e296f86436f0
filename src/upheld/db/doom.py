"""After a refusal nothing of the transaction it happened in may remain."""

from __future__ import annotations

from django.db import connections


def doom() -> None:
    """Mark every open transaction of this thread for rollback, as PostgreSQL does by itself:
    code that catches a refusal inside `atomic()` cannot go on as if nothing had happened."""
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            connection.needs_rollback = True
