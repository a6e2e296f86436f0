"""Could this code hold something of a person that their copy would not show?"""

from __future__ import annotations

from collections.abc import Iterator

from upheld.policy import Finding, Policy
from upheld.promises.erasure.check import is_callable
from upheld.promises.retention.periods import fields_by_column

_CLAUSE = "P40"
# What staff wrote about their own acts is no customer's.
_ABOUT_STAFF = "oversee"


def check(policy: Policy) -> list[Finding]:
    """Every stored field stands in a table that leads to its person, and every value that has to
    be made readable has something that does it."""
    return [*_unreachable(policy), *_unreadable(policy)]


def reachable_fields(policy: Policy) -> dict[str, list[str]]:
    """Field → the `table.column` in which a person's copy finds it."""
    found: dict[str, list[str]] = {}
    for table in policy.inventory.tables.values():
        for column, names in fields_by_column(table).items() if table.owner else ():
            for name in names:
                found.setdefault(name, []).append(f"{table.name}.{column}")
    return found


def held_fields(policy: Policy) -> list[str]:
    """The fields that rows hold of customers and buyers; what is sealed lies in the vault."""
    own = policy.access.purpose
    return sorted(
        field.name
        for field in policy.fields.values()
        if field.stored and not field.sealed and field.purposes - {own} != {_ABOUT_STAFF}
    )


def _unreachable(policy: Policy) -> Iterator[Finding]:
    columns = {name for t in policy.inventory.tables.values() for names in
               fields_by_column(t).values() for name in names}  # fmt: skip
    reachable = reachable_fields(policy)
    for name in held_fields(policy):
        if name in columns and name not in reachable:
            yield Finding(
                "inventory.toml", None, _CLAUSE,
                f"{name} is stored where nothing leads to its person, so no copy can show it",
                "Give its table an owner path.",
            )  # fmt: skip


def _unreadable(policy: Policy) -> Iterator[Finding]:
    for table in policy.inventory.tables.values():
        for column, run in table.shown.items():
            if not is_callable(run):
                yield Finding(
                    table.file, None, _CLAUSE,
                    f"{table.name}.{column} is shown by {run}, which is not there",
                    "Name an existing module:function(key) that returns the readable value.",
                )  # fmt: skip
