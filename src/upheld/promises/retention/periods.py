"""Which days each column of a table may live, as policy and inventory say together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from upheld.policy import Policy
from upheld.policy.model import PastVersion, Table


@dataclass(frozen=True, slots=True)
class Periods:
    """`row_days`: when the whole row goes. `early`: columns that must be empty before that."""

    row_days: int
    early: Mapping[str, int]


def personal_tables(policy: Policy) -> Iterator[Table]:
    """Every table with a personal column, in the order of names."""
    for name in sorted(policy.inventory.tables):
        table = policy.inventory.tables[name]
        if fields_by_column(table):
            yield table


def fields_by_column(table: Table) -> dict[str, frozenset[str]]:
    """Personal column → the fields in it; a JSON column holds one for each declared key."""
    found = {column: frozenset({field}) for column, field in table.fields.items()}
    for column, keys in table.json.items():
        named = frozenset(v for v in keys.values() if not v.startswith("not personal"))
        if named:
            found[column] = found.get(column, frozenset()) | named
    return found


def periods_of(table: Table, policy: Policy, past: PastVersion | None = None) -> Periods:
    """A column lives as long as the shortest of its fields; the row as its longest column. With
    `past`: for what was collected while that version held, which may have promised less. Raises
    `LookupError` naming a field without a period."""
    days: dict[str, int] = {}
    earlier = past.kept_days if past else {}
    for column, names in fields_by_column(table).items():
        declared = [(name, policy.fields[name].kept_days) for name in names]
        for name, kept in declared:
            if kept is None:
                raise LookupError(f"{table.name}.{column}: {name} has no period")
        days[column] = min(
            min(kept, earlier.get(name, kept)) for name, kept in declared if kept is not None
        )
    row_days = max(days.values())
    return Periods(row_days, {c: d for c, d in sorted(days.items()) if d < row_days})
