"""Which role stands for which purpose. Roles belong to the whole server, so their names begin
with the database's."""

from __future__ import annotations

import hashlib

from upheld.db.purpose import InForce, schema_change_allowed

_LENGTH_MAX = 63
# The session's own login: the owner while a schema changes.
OWN = ""


def none_role(database: str) -> str:
    """The role of no purpose."""
    return _fitting(f"{database}_none")


def revealed_role(database: str) -> str:
    """The role of `reveal_without_purpose`: it reads every declared column."""
    return _fitting(f"{database}_revealed")


def purpose_role(database: str, purpose: str) -> str:
    """The role of one purpose."""
    return _fitting(f"{database}_p_{purpose}")


def wanted_role(database: str, value: InForce, schema_role: str) -> str:
    """The role for this moment; `schema_role` is the one that may change the schema."""
    if schema_change_allowed():
        return schema_role
    if value.revealed:
        return revealed_role(database)
    return purpose_role(database, value.purpose) if value.purpose else none_role(database)


def quoted(name: str) -> str:
    """An identifier for SQL text."""
    return '"' + name.replace('"', '""') + '"'


def _fitting(name: str) -> str:
    """The server cuts longer names off, and two roles must not become one."""
    if len(name.encode()) <= _LENGTH_MAX:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{name.encode()[: _LENGTH_MAX - 17].decode(errors='ignore')}_{digest}"
