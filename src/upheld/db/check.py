"""What the database itself must be before it may hold what the policy protects."""

from __future__ import annotations

import importlib
import re
from typing import Any

from django.db import OperationalError, connection

from upheld.db.purpose import no_purpose
from upheld.db.rights import CLAUSE
from upheld.db.sqlite.driver import Database
from upheld.db.sqlite.monitor import BLIND_JOIN
from upheld.policy import Finding, current

_PLACE = "UPHELD_DATABASE_URL"
# pragma → the answers that will do, and what is at stake
_REQUIRED: dict[str, tuple[frozenset[Any], str]] = {
    "journal_mode": (frozenset({"wal"}), "readers would wait for the writer"),
    "synchronous": (frozenset({2, 3}), "an acknowledged order could be lost in a power cut"),
    "secure_delete": (frozenset({1}), "removed data would stay in the file's free pages"),
    "foreign_keys": (frozenset({1}), "rows could lose the row they belong to"),
    "temp_store": (frozenset({2}), "a sort of personal rows could reach the disk"),
}
_FULL_TEXT = re.compile(r"\busing\s+(fts[345]\w*)\s*\((.*)\)", re.IGNORECASE | re.DOTALL)
_CONTENT = re.compile(r"content\s*=\s*['\"]?(\w+)", re.IGNORECASE)


def check_database() -> list[Finding]:
    """Every reason not to start on this database."""
    if connection.vendor == "postgresql":
        # PostgreSQL's driver is not installed everywhere.
        server = importlib.import_module("upheld.db.postgresql.check")
        findings: list[Finding] = server.check_server(current())
        return findings
    try:
        connection.ensure_connection()
    except OperationalError as error:
        return [
            Finding(
                _PLACE, None, None, f"the database cannot be opened: {error}",
                "Run `upheld upgrade`, which makes an empty HOME ready.",
            )
        ]  # fmt: skip
    with no_purpose():
        return [
            *library_findings(Database.sqlite_version_info),
            *_pragmas(),
            *_full_text(),
            *_blind_joins(),
        ]


def may_lose_commits(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the WAL-reset bug: 3.7.0 to 3.51.2 but for the repaired lines."""
    repaired = (version[:2] == (3, 44) and version >= (3, 44, 6)) or (
        version[:2] == (3, 50) and version >= (3, 50, 7)
    )
    return (3, 7, 0) <= version <= (3, 51, 2) and not repaired


def library_findings(version: tuple[int, ...]) -> list[Finding]:
    """The library's own fault, if it has one."""
    if not may_lose_commits(version):
        return []
    number = ".".join(map(str, version))
    return [
        Finding(
            "pysqlite3", None, None,
            f"SQLite {number} can lose acknowledged commits in WAL mode",
            "Install pysqlite3 0.6.1 or later, which brings SQLite 3.51.3 or later.",
        )
    ]  # fmt: skip


def _pragmas() -> list[Finding]:
    findings = []
    with connection.cursor() as cursor:
        for name, (accepted, stake) in _REQUIRED.items():
            answer = cursor.execute(f"PRAGMA {name}").fetchone()[0]
            if answer not in accepted:
                findings.append(
                    Finding(
                        _PLACE, None, None, f"PRAGMA {name} is {answer}: {stake}",
                        "Keep the database in a file on a local disk, opened by upheld.db.sqlite.",
                    )
                )  # fmt: skip
    return findings


def _full_text() -> list[Finding]:
    """A full-text index keeps copies of what it indexes in tables that nothing erases."""
    tables = current().inventory.tables
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%%'")
        rows = cursor.fetchall()
    findings = []
    for name, sql in rows:
        found = _FULL_TEXT.search(sql)
        content = _CONTENT.search(found.group(2)) if found else None
        over = {name, *((content.group(1),) if content else ())}
        personal = sorted(table for table in over if table in tables and tables[table].is_personal)
        if found and personal:
            findings.append(
                Finding(
                    tables[personal[0]].file, None, CLAUSE,
                    f"{name} is a full-text index over personal columns of {personal[0]}",
                    f"Drop {name}; find people by an equal e-mail address or order number.",
                )
            )  # fmt: skip
    return findings


def _blind_joins() -> list[Finding]:
    """What stands in the schema runs inside statements whose own text is innocent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, name, sql FROM sqlite_master WHERE type IN ('view','trigger')")
        rows = cursor.fetchall()
    return [
        Finding(
            _PLACE, None, CLAUSE,
            f"the {kind} {name} joins by {found[0].upper()}, whose columns SQLite names to nobody",
            f"Make {name} anew by a migration, with ON in its place.",
        )
        for kind, name, sql in rows
        if (found := BLIND_JOIN.search(sql))
    ]  # fmt: skip
