"""The keys that stored JSON really holds: a declaration says what may be there, rows what is."""

from __future__ import annotations

from collections.abc import Mapping

from upheld.db.probe import stored_keys
from upheld.db.rights import Rights
from upheld.policy import Finding, Policy
from upheld.promises.collection.introspection import Relation
from upheld.promises.collection.places import Places
from upheld.promises.collection.schema_check import (
    ANY_KEY,
    undeclared_key_finding,
    undeclared_keys,
)


def stored_key_findings(
    policy: Policy, schema: Mapping[str, Relation], places: Places
) -> list[Finding]:
    """Each key, at any depth, that stored rows hold and no inventory names. A personal column is
    read under a purpose that may."""
    rights = Rights(policy)
    findings = []
    for table in policy.inventory.tables.values():
        for column in sorted(table.json):
            if table.name not in schema or ANY_KEY in table.json[column]:
                continue
            reader = min(rights.readers(table.name, column), default=None)
            stored = stored_keys(table.name, column, reader)
            findings += [
                undeclared_key_finding(table, column, key, places)
                for key in sorted(undeclared_keys(table, column, stored))
            ]
    return findings
