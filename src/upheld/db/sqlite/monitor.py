"""The purpose monitor of one connection: what each statement was seen to touch, and refusals."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from upheld.db.doom import doom
from upheld.db.purpose import InForce, now_in_force, schema_change_allowed
from upheld.db.refusal import refusal
from upheld.db.rights import Act, Refused, Rights
from upheld.db.rights_now import rights_in_force
from upheld.db.sqlite import authorizer
from upheld.db.sqlite.driver import Database

# The driver keeps 128 prepared statements a connection; remembering more than it does is enough.
_REMEMBERED_MAX = 256


@dataclass(slots=True)
class Statement:
    """One execution. `sql` carries the tag; the rest fills while SQLite prepares it."""

    sql: str
    value: InForce
    rows_max: int | None
    asked: bool = False
    refused: list[Refused] = field(default_factory=list)
    personal: str | None = None
    public_insert: str | None = None


class Monitor:
    """SQLite asks it while a statement is prepared; a cached statement is not asked about again.
    So the text that the cache goes by begins with a tag of everything the answers depend on. The
    decision itself comes from the context variable: to write a tag by hand opens nothing, and
    its secret cannot be guessed either."""

    def __init__(self) -> None:
        self.secret = secrets.token_hex(8)
        self._current: Statement | None = None
        self._personal: OrderedDict[str, bool] = OrderedDict()

    @contextmanager
    def watch(self, sql: str) -> Iterator[Statement]:
        """Around one execution. Raises `UndeclaredPurpose` for what was refused inside, in place
        of the driver's error, and dooms the transaction."""
        outer, statement = self._current, self._begin(sql)
        self._current = statement
        try:
            yield statement
        except Database.Error:
            if not statement.refused:
                raise
        finally:
            self._current = outer
        if statement.refused:
            doom()
            raise refusal(statement.refused[0], statement.value) from None
        self._remember(statement)

    def authorize(
        self, action: int, first: str | None, second: str | None, *place: str | None
    ) -> int:
        """SQLite's callback: DENY or OK, never IGNORE, which would turn a refused column into
        NULL and let `save()` write that back."""
        refused = self._refused(action, first, second, place[0])
        if self._current is not None:
            self._current.asked = True
            if refused:
                self._current.refused.append(refused)
        return Database.SQLITE_DENY if refused else Database.SQLITE_OK

    def _refused(
        self, action: int, first: str | None, second: str | None, database: str | None
    ) -> Refused | None:
        if schema_change_allowed():
            return authorizer.decide_schema_change(action, first, second)
        rights, _ = rights_in_force()
        refused = authorizer.decide(action, first, second, rights, now_in_force())
        return refused or self._copied(action, first or "", second or "", rights)

    def _copied(self, action: int, table: str, column: str, rights: Rights) -> Refused | None:
        """A statement that reads a personal column may not insert into a table without any."""
        statement = self._current
        if statement is None:
            return None
        if action == Database.SQLITE_READ and rights.is_personal(table, column):
            statement.personal = f"{table}.{column}"
        elif action == Database.SQLITE_INSERT and rights.is_public(table):
            statement.public_insert = table
        if statement.personal and statement.public_insert:
            return Refused(
                Act.COPY,
                f"{statement.public_insert} from {statement.personal}",
                remedy="keep personal values in the tables that are declared for them.",
            )
        return None

    def _begin(self, sql: str) -> Statement:
        value, (rights, serial) = now_in_force(), rights_in_force()
        schema = "s" if schema_change_allowed() else ""
        revealed = "r" if value.revealed else ""
        tag = f"/*{self.secret}.{serial}{schema}{revealed}.{value.purpose or ''}*/"
        return Statement(tag + sql, value, rights.rows_max(value.purpose))

    def _remember(self, statement: Statement) -> None:
        """Whether a statement under a row budget reads personal columns: SQLite says so only
        when it prepares it."""
        if statement.rows_max is None:
            return
        if statement.asked:
            self._personal[statement.sql] = statement.personal is not None
        # Unknown counts as personal.
        if not self._personal.setdefault(statement.sql, True):
            statement.rows_max = None
        self._personal.move_to_end(statement.sql)
        while len(self._personal) > _REMEMBERED_MAX:
            self._personal.popitem(last=False)
