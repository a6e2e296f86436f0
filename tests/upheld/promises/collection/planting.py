"""Violations planted in a test, in the real database or in a copy of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import connection

from upheld.db import entry_point
from upheld.policy import Finding, Policy, current
from upheld.policy.model import Input, Table
from upheld.promises.collection.check import check_schema
from upheld.promises.collection.places import Places


def run_sql(*statements: str) -> None:
    """As a migration would; the test's transaction takes it back."""
    with entry_point("command", "migrate"), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def with_tables(tables: Mapping[str, Table | None]) -> Policy:
    """The policy in force with these tables in place of its own; None takes one out."""
    policy = current()
    merged = dict(policy.inventory.tables) | dict(tables)
    kept = {name: table for name, table in merged.items() if table is not None}
    return replace(policy, inventory=replace(policy.inventory, tables=kept))


def with_table(name: str, **changes: Any) -> Policy:
    """The policy with one table declared otherwise."""
    return with_tables({name: replace(current().inventory.tables[name], **changes)})


def with_inputs(inputs: Mapping[tuple[str, str], str | None]) -> Policy:
    """The policy with these inputs beside its own: to a field, or not personal."""
    policy = current()
    more = {
        (form, name): Input(form, name, field, None if field else "a test's reason")
        for (form, name), field in inputs.items()
    }
    merged = dict(policy.inventory.inputs) | more
    return replace(policy, inventory=replace(policy.inventory, inputs=merged))


def schema_text(policy: Policy | None = None) -> str:
    """All that `upheld check` says of the schema."""
    return spoken(check_schema(policy or current(), Places()))


def spoken(findings: list[Finding]) -> str:
    return "\n".join(map(str, findings))
