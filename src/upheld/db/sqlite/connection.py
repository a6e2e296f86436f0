"""A connection whose side doors are shut: whatever would pass the authorizer by is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from upheld.db.doom import doom
from upheld.db.purpose import now_in_force
from upheld.db.refusal import refusal
from upheld.db.rights import Act, Refused
from upheld.db.sqlite.cursor import GuardedCursor
from upheld.db.sqlite.driver import Database
from upheld.db.sqlite.monitor import Monitor

# Each reads past the authorizer, takes it away, or runs code inside the database.
SHUT = (
    "backup", "create_aggregate", "create_collation", "create_function", "create_window_function",
    "enable_load_extension", "executescript", "load_extension", "open_blob", "set_authorizer",
    "set_busy_handler", "set_busy_timeout", "set_progress_handler", "set_trace_callback",
    "__init__",
)  # fmt: skip


class GuardedConnection(Database.Connection):
    """Open until `guard()` is called, so that Django's functions and the pragmas can be set."""

    monitor: Monitor | None = None

    def guard(self) -> None:
        """From here on the monitor is asked about every statement."""
        monitor = Monitor()
        super().set_authorizer(monitor.authorize)
        self.monitor = monitor

    def cursor(self, factory: Any = None) -> Any:
        """A cursor that tags; one of another class would pass the statement cache by."""
        if not (isinstance(factory, type) and issubclass(factory, GuardedCursor)):
            factory = GuardedCursor
        return super().cursor(factory)

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """Through a tagging cursor."""
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
        """Through a tagging cursor."""
        return self.cursor().executemany(sql, parameters)


def _shut(name: str) -> Callable[..., Any]:
    opened = getattr(Database.Connection, name)

    def refuse(self: GuardedConnection, *args: Any, **kwargs: Any) -> Any:
        if self.monitor is None:
            return opened(self, *args, **kwargs)
        doom()
        refused = Refused(
            Act.RUN, f"Connection.{name}", remedy="use a cursor: the monitor sees its statements."
        )
        raise refusal(refused, now_in_force())

    refuse.__name__ = name
    return refuse


for _name in SHUT:
    setattr(GuardedConnection, _name, _shut(_name))
