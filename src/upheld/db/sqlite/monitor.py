"""The purpose monitor of one connection: what each statement was seen to touch, and refusals."""

from __future__ import annotations

import re
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
# SQLite does not name the columns that these compare, and of a FULL JOIN not even those it hands
# out: `SELECT email FROM contact FULL JOIN (SELECT NULL AS email) USING (email)` reads unseen.
BLIND_JOIN = re.compile(r"\b(?:natural|using)\b", re.IGNORECASE)


@dataclass(slots=True)
class Statement:
    """One execution. `sql` carries the tag; the rest fills while SQLite prepares it."""

    sql: str
    value: InForce
    rows_max: int | None
    asked: bool = False
    refused: list[Refused] = field(default_factory=list)
    personal: str | None = None
    open_write: str | None = None


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
        statement, (rights, _) = self._current, rights_in_force()
        if statement is None:
            # Nobody tagged it, so what is prepared here could be run again under any purpose.
            refused = authorizer.decide(action, first, second, rights, InForce())
        elif schema_change_allowed():
            refused = authorizer.decide_schema_change(action, first, second)
        else:
            refused = (
                authorizer.decide(action, first, second, rights, now_in_force())
                or _joined_blindly(statement)
                or _copied(statement, action, first or "", second or "", rights)
            )
        if statement is not None:
            statement.asked = True
            if refused:
                statement.refused.append(refused)
        return Database.SQLITE_DENY if refused else Database.SQLITE_OK

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
            # A cached statement that runs a pragma in its FROM is asked about that alone.
            known = self._personal.get(statement.sql, False)
            self._personal[statement.sql] = known or statement.personal is not None
        # Unknown counts as personal.
        if not self._personal.setdefault(statement.sql, True):
            statement.rows_max = None
        self._personal.move_to_end(statement.sql)
        while len(self._personal) > _REMEMBERED_MAX:
            self._personal.popitem(last=False)


def _joined_blindly(statement: Statement) -> Refused | None:
    """Asked once, while the first part of the statement is."""
    found = None if statement.asked else BLIND_JOIN.search(statement.sql)
    if found is None:
        return None
    return Refused(
        Act.RUN,
        f"a statement with {found[0].upper()}",
        remedy="join ON the columns: SQLite does not say which ones NATURAL and USING read.",
    )


def _copied(
    statement: Statement, action: int, table: str, column: str, rights: Rights
) -> Refused | None:
    """A statement that reads a personal column may not write where everyone may read."""
    if action == Database.SQLITE_READ and rights.is_personal(table, column):
        statement.personal = f"{table}.{column}"
    elif action == Database.SQLITE_INSERT and rights.is_public(table):
        statement.open_write = table
    elif action == Database.SQLITE_UPDATE and rights.is_open(table, column):
        statement.open_write = f"{table}.{column}"
    if statement.personal and statement.open_write:
        return Refused(
            Act.COPY,
            f"{statement.open_write} from {statement.personal}",
            remedy="keep personal values in the columns that are declared for them; to choose "
            "rows by a personal column, select their keys first.",
        )
    return None
