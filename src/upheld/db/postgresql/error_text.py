"""The server's errors without what they repeat: DETAIL holds whole rows, and some messages the
value they could not read."""

from __future__ import annotations

import psycopg

# Data exceptions: `invalid input syntax for type integer: "…"`.
_DATA = "22"


def without_values(error: psycopg.Error) -> psycopg.Error:
    """The same error with its first line alone, and none of the server's answer attached."""
    message = error.diag.message_primary
    if message is None:  # the driver's own, such as a lost connection
        return error
    if (error.sqlstate or "").startswith(_DATA):
        message = message.partition(': "')[0]
    return type(error)(message)
