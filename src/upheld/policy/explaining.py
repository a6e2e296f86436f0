"""Any column of the database → why it is held, who may read it, until when, who else gets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from upheld.policy.errors import ActRefused
from upheld.policy.facts import days, plain
from upheld.policy.model import DeclaredField, EntryKind, Policy, Table

_KINDS: tuple[EntryKind, ...] = ("route", "job", "command")


@dataclass(frozen=True, slots=True)
class Explanation:
    """One column. `fields` are those it may hold: several in a JSON column, none where
    `not_personal` says why."""

    column: str
    declared_in: str
    not_personal: str | None
    fields: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "column": self.column,
            "declared_in": self.declared_in,
            "not_personal": self.not_personal,
            "fields": list(self.fields),
        }

    def in_words(self) -> str:
        """For a terminal."""
        if self.not_personal:
            return f"{self.column} is not personal: {self.not_personal}"
        return "\n".join(_words(self.column, entry) for entry in self.fields)


def explain(policy: Policy, column: str) -> Explanation:
    """`TABLE.COLUMN` explained. Raises `ActRefused` where no inventory declares it."""
    name, _, of = column.partition(".")
    table = policy.inventory.tables.get(name)
    if table is None or not of:
        near = [known for known in sorted(policy.inventory.tables) if name and name in known]
        known = ", ".join(near[:8]) or "docs/data_map.md lists them all"
        raise ActRefused(f"No inventory declares {column!r}. Write TABLE.COLUMN; tables: {known}.")
    if of in table.keys:
        reason = "a key, which says nothing of a person by itself"
        return Explanation(column, table.file, reason, ())
    named = _fields_of(table, of)
    if not named and table.is_personal:
        columns = ", ".join(sorted({*table.fields, *table.json, *table.keys}))
        raise ActRefused(f"{name} has no column {of!r} that holds data. It has: {columns}.")
    entries = tuple(_entry(policy, table, policy.fields[field]) for field in named)
    why_not = None if entries else table.not_personal or _reason_in_json(table, of)
    return Explanation(column, table.file, why_not, entries)


def _fields_of(table: Table, column: str) -> list[str]:
    in_json = table.json.get(column, {}).values()
    named = {value for value in in_json if not value.startswith("not personal")}
    return sorted(named | ({table.fields[column]} if column in table.fields else set()))


def _reason_in_json(table: Table, column: str) -> str:
    return "; ".join(sorted(set(table.json.get(column, {}).values()))) or "no data"


def _entry(policy: Policy, table: Table, field: DeclaredField) -> dict[str, Any]:
    clause = policy.clauses.get(field.clause)
    return {
        "field": field.name,
        "holds": plain(field.words),
        "category": field.category,
        "clause": field.clause,
        "clause_title": plain(clause.title) if clause else "",
        "whose": table.owner,
        "purposes": {
            name: {
                "why": plain(policy.purposes[name].words),
                "basis": policy.purposes[name].basis,
                "writes": name in table.writes,
                **_callers(policy, name),
            }
            for name in sorted(field.purposes)
        },
        "kept_days": field.kept_days,
        "kept_from": table.starts,
        "kept": _until(policy, table, field),
        "held_to": [
            {"before": past.until.date().isoformat(), "kept_days": past.kept_days[field.name]}
            for past in policy.history
            if past.kept_days.get(field.name, field.kept_days or 0) < (field.kept_days or 0)
        ],
        "recipients": {
            name: plain(policy.recipients[name].words) for name in sorted(field.recipients)
        },
    }


def _callers(policy: Policy, purpose: str) -> dict[str, list[str]]:
    return {
        f"{kind}s": sorted(policy.inventory.callers.get((purpose, kind), ())) for kind in _KINDS
    }


def _until(policy: Policy, table: Table, field: DeclaredField) -> str:
    if field.sealed:
        return f"{days(policy.retention.private_financial_days)} after the day it was sealed"
    if field.kept_days is None:
        return "never stored"
    return f"{days(field.kept_days)} from {table.starts}"


def _words(column: str, entry: dict[str, Any]) -> str:
    lines = [
        f"{column} holds {entry['field']}: {entry['holds']}",
        f"  Clause      {entry['clause']} {entry['clause_title']}",
        f"  Whose       {entry['whose'] or 'nobody’s but the staff’s'}",
        f"  Kept        {entry['kept']}",
    ]
    lines += [
        f"              {days(held['kept_days'])} where collected before {held['before']}"
        for held in entry["held_to"]
    ]
    goes = "; ".join(f"{name} ({words})" for name, words in entry["recipients"].items())
    lines.append(f"  Goes to     {goes or 'nobody'}")
    for name, purpose in entry["purposes"].items():
        lines.append(f"  Read for    {name}: to {purpose['why']} ({purpose['basis']})")
        for kind in ("routes", "jobs", "commands"):
            if purpose[kind]:
                lines.append(f"    {kind:10}{', '.join(purpose[kind])}")
    return "\n".join(lines)
