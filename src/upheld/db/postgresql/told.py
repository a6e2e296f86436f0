"""The server says "permission denied for table x" and names no column. The policy knows which."""

from __future__ import annotations

import re

from upheld.db.postgresql import statement
from upheld.db.purpose import InForce
from upheld.db.rights import Act, Refused, Rights

_DENIED = re.compile(r"permission denied for (\w+(?: view)?) (\S+)")
_SEVERAL = "cannot insert multiple commands"
_ACTS = {"INSERT": Act.INSERT, "UPDATE": Act.UPDATE, "DELETE": Act.DELETE}
_STALE = "run `upheld upgrade`: the grants of this table are older than the policy."
_SCHEMA = "change the schema by a migration: `upheld upgrade` applies it."


def refused_by_server(message: str, text: str, rights: Rights, value: InForce) -> Refused | None:
    """What the server's refusal means, or None where its error is no refusal."""
    if _SEVERAL in message:
        return Refused(Act.RUN, "several commands in one text", remedy="execute one by one.")
    found = _DENIED.search(message)
    if found is None:
        owned = "must be owner" in message or "permission denied" in message
        return Refused(Act.RUN, statement.verb(text), remedy=_SCHEMA) if owned else None
    kind, name = found.groups()
    if kind not in ("table", "view", "materialized view"):
        what = f"{name}()" if kind == "function" else f"{statement.verb(text)} in {kind} {name}"
        remedy = "leave it out." if kind == "function" else _SCHEMA
        return Refused(Act.RUN, what, remedy=remedy)
    return _of_table(name, text, rights, value)


def _of_table(table: str, text: str, rights: Rights, value: InForce) -> Refused:
    """By the verb first, then by the columns that the text names, then by any column."""
    act = _ACTS.get(statement.verb(text), Act.READ)
    purpose, words = value.purpose, statement.names(text)
    columns = [column for name, column in rights.personal_columns() if name == table]
    named = [column for column in columns if column in words] or columns
    refusals: list[Refused | None] = []
    if act is Act.INSERT:
        refusals.append(rights.insert(table, purpose))
    elif act is Act.DELETE:
        refusals.append(rights.delete(table, purpose))
    elif act is Act.UPDATE:
        refusals += [rights.update(table, column, purpose) for column in named]
    refusals += [rights.read(table, column, purpose) for column in named]
    if not columns and not rights.is_public(table):
        refusals.append(rights.read(table, "*", purpose))
    first = next((each for each in refusals if each is not None), None)
    return first or Refused(act, table, remedy=_STALE)
