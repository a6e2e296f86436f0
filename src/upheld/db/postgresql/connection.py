"""A connection that knows which role the server stands at, and whose side doors are shut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus, TransactionStatus

from upheld.db.doom import doom
from upheld.db.postgresql.error_text import without_values
from upheld.db.postgresql.roles import OWN, quoted
from upheld.db.purpose import now_in_force
from upheld.db.refusal import refusal
from upheld.db.rights import Act, Refused

# Each sends text of the caller's, or keeps transactions of its own past the memory of the role.
SHUT = (
    "pipeline", "tpc_begin", "tpc_commit", "tpc_prepare", "tpc_recover", "tpc_rollback",
    "transaction",
)  # fmt: skip


class GuardedConnection(psycopg.Connection[Any]):
    """`role` is what the server is known to stand at; None where that must be said anew: after
    every rollback, which brings back an earlier role, and on borrowing from a pool."""

    role: str | None = None
    schema_role: str = OWN

    def take_role(self, wanted: str) -> None:
        """Only this sends SET ROLE. Raises the driver's error where the role is not there."""
        if self.role == wanted:
            return
        if self.pgconn.transaction_status == TransactionStatus.INERROR:
            return  # the server refuses whatever follows but a rollback
        self.role = None
        command = f"SET ROLE {quoted(wanted)}" if wanted != OWN else "RESET ROLE"
        result = self.pgconn.exec_(command.encode())
        if result.status != ExecStatus.COMMAND_OK:
            raise errors.OperationalError(
                f"This login cannot take the role {wanted}: `upheld upgrade` makes the roles of "
                "the policy."
            )
        self.role = wanted

    def forget_role(self) -> None:
        """The next statement says its role anew."""
        self.role = None

    def commit(self) -> None:
        """As the driver's; the commit of a transaction that failed is a rollback."""
        told: psycopg.Error | None = None
        try:
            failed = self.pgconn.transaction_status == TransactionStatus.INERROR
            super().commit()
        except psycopg.Error as error:
            failed, told = True, without_values(error)
        if failed:
            self.forget_role()
        if told is not None:
            raise told

    def rollback(self) -> None:
        """As the driver's."""
        try:
            super().rollback()
        finally:
            self.forget_role()

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """A guarded one, whatever the caller has put into the factories."""
        cursor = super().cursor(*args, **kwargs)
        if not getattr(cursor, "is_guarded", False):
            cursor.close()
            raise _refused("a cursor of another class")
        return cursor


def _refused(what: str) -> Exception:
    doom()
    remedy = "use a cursor: the monitor sees its statements."
    return refusal(Refused(Act.RUN, what, remedy=remedy), now_in_force())


def _shut(name: str) -> Callable[..., Any]:
    def refuse(self: GuardedConnection, *args: Any, **kwargs: Any) -> Any:
        raise _refused(f"Connection.{name}")

    refuse.__name__ = name
    return refuse


for _name in SHUT:
    setattr(GuardedConnection, _name, _shut(_name))
