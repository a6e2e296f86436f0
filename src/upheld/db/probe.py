"""Trying a forbidden read, for the proofs: only the fact of the refusal comes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from upheld.db.purpose import probing
from upheld.policy.errors import UndeclaredPurpose


def is_refused(table: str, column: str, purpose: str | None) -> bool:
    """Whether the real database refuses to read this column under this purpose (None: under
    none). The value of a read that passes is dropped unseen."""
    quoted = (connection.ops.quote_name(column), connection.ops.quote_name(table))
    with probing(purpose), _transaction_unharmed(), connection.cursor() as cursor:
        try:
            cursor.execute(
                "SELECT {} FROM {} LIMIT 1".format(*quoted)  # noqa: S608 - the policy's own names
            )
        except UndeclaredPurpose:
            return True
    return False


@contextmanager
def _transaction_unharmed() -> Iterator[None]:
    """A refusal that was asked for dooms nothing: the statement never began."""
    before = connection.needs_rollback
    try:
        yield
    finally:
        connection.needs_rollback = before
