"""Which role may do what to which table or column: from the policy, and as the server has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from upheld.db.postgresql import roles
from upheld.db.postgresql.roles import quoted
from upheld.db.rights import Rights
from upheld.policy import Policy

_TABLE_WIDE = ("SELECT", "INSERT", "UPDATE", "DELETE")
_COLUMNS = """
    SELECT rel.relname, att.attname
    FROM pg_catalog.pg_class AS rel
    JOIN pg_catalog.pg_attribute AS att ON att.attrelid = rel.oid
    WHERE rel.relnamespace = current_schema()::regnamespace AND rel.relkind IN ('r', 'p')
      AND NOT rel.relispartition AND att.attnum > 0 AND NOT att.attisdropped
"""
_HELD = """
    SELECT coalesce(role.rolname, 'public'), rel.relname, '', acl.privilege_type
    FROM pg_catalog.pg_class AS rel
    CROSS JOIN LATERAL aclexplode(rel.relacl) AS acl
    LEFT JOIN pg_catalog.pg_roles AS role ON role.oid = acl.grantee
    WHERE rel.relnamespace = current_schema()::regnamespace AND acl.grantee <> rel.relowner
      AND rel.relkind IN ('r', 'p', 'v', 'm')
    UNION ALL
    SELECT coalesce(role.rolname, 'public'), rel.relname, att.attname, acl.privilege_type
    FROM pg_catalog.pg_class AS rel
    JOIN pg_catalog.pg_attribute AS att ON att.attrelid = rel.oid
    CROSS JOIN LATERAL aclexplode(att.attacl) AS acl
    LEFT JOIN pg_catalog.pg_roles AS role ON role.oid = acl.grantee
    WHERE rel.relnamespace = current_schema()::regnamespace AND acl.grantee <> rel.relowner
"""


class Grant(NamedTuple):
    """One right of one role; `column` is '' where it is the whole table's."""

    role: str
    table: str
    column: str
    right: str


def wanted(policy: Policy, database: str, columns: Mapping[str, Iterable[str]]) -> frozenset[Grant]:
    """Every right that the policy gives, for the tables that exist. What it does not declare gets
    none."""
    rights = Rights(policy)
    found: set[Grant] = set()
    for purpose, role in _purposes(policy, database):
        for table in sorted(columns):
            if rights.is_public(table):
                found |= {Grant(role, table, "", right) for right in _TABLE_WIDE}
            elif table in policy.inventory.tables:
                found |= set(_of_personal(rights, purpose, role, table, columns[table]))
    revealed = roles.revealed_role(database)
    found |= {
        Grant(revealed, table, column, "SELECT")
        for table, column in rights.personal_columns()
        if column in set(columns.get(table, ()))
    }
    return frozenset(found)


def role_names(policy: Policy, database: str) -> list[str]:
    """Every role that the policy needs."""
    return [role for _, role in _purposes(policy, database)]


def read_columns(cursor: Any) -> dict[str, list[str]]:
    """Table → its columns, as the server has them."""
    cursor.execute(_COLUMNS)
    found: dict[str, list[str]] = defaultdict(list)
    for table, column in cursor.fetchall():
        found[table].append(column)
    return dict(found)


def held(cursor: Any, among: Iterable[str]) -> frozenset[Grant]:
    """Every right that these roles, or everybody, have on tables of this database."""
    cursor.execute(_HELD)
    ours = {*among, "public"}
    return frozenset(Grant(*row) for row in cursor.fetchall() if row[0] in ours)


def statements(word: str, grants: Iterable[Grant]) -> Iterator[str]:
    """GRANT … TO or REVOKE … FROM, few: one a role for whole tables that have the same rights,
    one a role and table for columns."""
    preposition = "TO" if word == "GRANT" else "FROM"
    whole: dict[tuple[str, str], set[str]] = defaultdict(set)
    partly: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for role, table, column, right in grants:
        if column:
            partly[role, table][right].add(column)
        else:
            whole[role, table].add(right)
    alike: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for (role, table), these in sorted(whole.items()):
        alike[role, frozenset(these)].append(quoted(table))
    for (role, rights), tables in alike.items():
        yield (
            f"{word} {', '.join(sorted(rights))} ON {', '.join(tables)} {preposition} {_to(role)}"
        )
    for (role, table), by_right in sorted(partly.items()):
        parts = ", ".join(
            f"{right} ({', '.join(map(quoted, sorted(names)))})"
            for right, names in sorted(by_right.items())
        )
        yield f"{word} {parts} ON {quoted(table)} {preposition} {_to(role)}"


def _purposes(policy: Policy, database: str) -> list[tuple[str | None, str]]:
    named: list[tuple[str | None, str]] = [
        (name, roles.purpose_role(database, name)) for name in sorted(policy.purposes)
    ]
    return [(None, roles.none_role(database)), (None, roles.revealed_role(database)), *named]


def _of_personal(
    rights: Rights, purpose: str | None, role: str, table: str, columns: Iterable[str]
) -> Iterator[Grant]:
    for column in columns:
        if rights.read(table, column, purpose) is None:
            yield Grant(role, table, column, "SELECT")
        if rights.update(table, column, purpose) is None:
            yield Grant(role, table, column, "UPDATE")
    if rights.insert(table, purpose) is None:
        yield Grant(role, table, "", "INSERT")
    if rights.delete(table, purpose) is None:
        yield Grant(role, table, "", "DELETE")


def _to(role: str) -> str:
    return "PUBLIC" if role == "public" else quoted(role)
