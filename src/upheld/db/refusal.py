"""The sentence of a refusal: what, under which purpose, who may, where, and the way out."""

from __future__ import annotations

from upheld.db.frames import calling_line, nearest_inventory
from upheld.db.purpose import InForce
from upheld.db.rights import CLAUSE, Act, Refused
from upheld.policy.errors import UndeclaredPurpose


def refusal(refused: Refused, value: InForce) -> UndeclaredPurpose:
    """The exception for one refused part of a statement; it carries names, never values."""
    may = ", ".join(sorted(refused.may)) or "no purpose"
    return UndeclaredPurpose(
        clause=refused.clause,
        field=f"{refused.act} {refused.what}",
        problem=f"refused\n  In force: {value}\n  May {_verb(refused.act)}: {may}\n"
        f"  Where: {calling_line()}",
        remedy=refused.remedy or _remedy(refused, value),
    )


def too_many_rows(value: InForce, rows_max: int) -> UndeclaredPurpose:
    """The exception for a bulk read under a purpose that has a row budget."""
    return UndeclaredPurpose(
        clause=CLAUSE,
        field=f"purpose {value.purpose}",
        problem=f"returns at most {rows_max} personal rows a statement\n  In force: {value}\n"
        f"  Where: {calling_line()}",
        remedy="Read in smaller steps, count with count(*), or raise rows_max in policy.toml.",
    )


def _verb(act: Act) -> str:
    return act.value.split()[0]


def _remedy(refused: Refused, value: InForce) -> str:
    if not refused.may:
        return f"do without {refused.what}: nothing in the policy allows this."
    if value.kind in ("none", "test"):
        return "enter one of these purposes: with purpose(…) at an entry point that it lists."
    return (
        f'add "{value.name}" to {value.kind}s under one of these purposes in '
        f"{nearest_inventory()} and enter it, or do without {refused.what}."
    )
