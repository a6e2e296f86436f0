"""The schema that exists against the inventories: nothing undeclared, nothing declared in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from upheld.policy import Finding, Policy
from upheld.policy.model import Table
from upheld.policy.references import paths_of
from upheld.promises.collection.introspection import Relation
from upheld.promises.collection.places import Places
from upheld.promises.collection.remedies import (
    JSON_LINE,
    field_line,
    key_line,
    new_json,
    new_table,
)

CLAUSE = "P02"
ANY_KEY = "*"
# Words in a column's name that mean a person unless the table's reason speaks of the column.
_PERSONAL_WORDS = re.compile(
    r"(?:^|_)(?:e_?mail|phone|tel|telephone|mobile|fax|birth|birthday|birthdate|dob|ssn|passport|"
    r"street|postal|postcode|zip|iban|bic|gender|surname|firstname|lastname|username|nickname|ip|"
    r"password|(?:first|last|full|middle|maiden|family|given|user|customer|buyer|payer|contact)"
    r"_name|user_agent|remote_addr|address)(?:_|$)",
    re.IGNORECASE,
)


def schema_findings(
    policy: Policy, schema: Mapping[str, Relation], places: Places
) -> list[Finding]:
    """Every difference between the two, each with the lines to add."""
    tables = policy.inventory.tables
    if tables and not schema.keys() & tables.keys():
        remedy = "Run `upheld upgrade`: it makes the tables."
        return [Finding("database", None, CLAUSE, "the database has no tables yet", remedy)]
    findings = [
        _undeclared_relation(relation, places)
        for name, relation in sorted(schema.items())
        if name not in tables
    ]
    for name, table in sorted(tables.items()):
        if name in schema:
            findings += _table_findings(policy, schema, table, places)
        else:
            findings.append(
                Finding(
                    table.file, places.line(table.file, "tables", name), CLAUSE,
                    f"{name} is declared, but the database has no such table or view",
                    f"Remove [tables.{name}], or run `upheld upgrade` if its migration is new.",
                )
            )  # fmt: skip
    return findings


def _undeclared_relation(relation: Relation, places: Places) -> Finding:
    kind = "view" if relation.is_view else "table"
    file, line = places.for_table(relation.name)
    likely = [name for name in relation.columns if _PERSONAL_WORDS.search(name)]
    return Finding(
        file, line, CLAUSE, f"the {kind} {relation.name} is not declared", new_table(
            relation, likely))  # fmt: skip


def _table_findings(
    policy: Policy, schema: Mapping[str, Relation], table: Table, places: Places
) -> Iterator[Finding]:
    relation = schema[table.name]
    line = places.line(table.file, "tables", table.name)

    def found(problem: str, remedy: str) -> Finding:
        return Finding(table.file, line, CLAUSE, problem, remedy)

    columns = set(relation.columns)
    declared = set(table.fields) | table.keys | set(table.json)
    for column in relation.columns:
        if table.is_personal and column not in declared:
            yield found(
                f"the column {table.name}.{column} is not declared",
                field_line(policy, table, column),
            )
        elif _looks_personal(table, column):
            yield found(
                f"the column {table.name}.{column} looks personal, but is declared "
                + ("a key, which anyone may read" if table.is_personal else "not personal"),
                key_line(policy, table, column),
            )
    named = declared | {name for name in (table.exempt, *table.shown) if name}
    for column in sorted(named - columns):
        yield found(
            f"{table.name}.{column} is declared, but the table has no such column",
            f"Remove {column} from [tables.{table.name}], or correct its name.",
        )
    for column in sorted(relation.json - set(table.json)):
        yield found(
            f"the keys of the JSON column {table.name}.{column} are not declared",
            new_json(table, column),
        )
    for column in sorted(set(table.json) & columns - relation.json):
        yield found(
            f"{table.name}.{column} is declared as JSON, but is another kind of column",
            f"Remove {column} from json in [tables.{table.name}].",
        )
    for name, path in paths_of(table):
        if broken := broken_step(schema, table.name, path):
            yield found(
                f"{name} of {table.name} leads to {broken}, which does not exist",
                f'Correct {name} = "{path}": a column, then >table.column for each step.',
            )


def _looks_personal(table: Table, column: str) -> bool:
    """Whether a column that anyone may read has a personal name. A table's reason may settle it
    by speaking of the column: a reviewer reads that."""
    if column in table.fields or not _PERSONAL_WORDS.search(column):
        return False
    return not re.search(rf"\b{re.escape(column)}\b", table.not_personal or "")


def broken_step(schema: Mapping[str, Relation], table: str, path: str) -> str | None:
    """The first `table.column` on the way that does not exist."""
    for place, step in enumerate(path.split(">")):
        name, _, column = step.rpartition(".") if place else (table, "", step)
        if name not in schema or column not in schema[name].columns:
            return f"{name}.{column}"
    return None


def undeclared_keys(table: Table, column: str, stored: set[str]) -> set[str]:
    """Keys of stored JSON that its inventory does not name."""
    declared = table.json.get(column, {})
    return set() if ANY_KEY in declared else stored - set(declared)


def undeclared_key_finding(table: Table, column: str, key: str, places: Places) -> Finding:
    """A key found in stored rows."""
    return Finding(
        table.file, places.line(table.file, "tables", table.name), CLAUSE,
        f"stored rows hold the undeclared key {key!r} in {table.name}.{column}",
        JSON_LINE.format(table=table.name, column=column, key=key),
    )  # fmt: skip
