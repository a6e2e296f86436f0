"""Proving that a person can change what is held of them: each stored field has its page."""

from __future__ import annotations

from upheld.policy import Policy
from upheld.promises.proof import Proof
from upheld.promises.transport.routes import routes


def prove_corrections(policy: Policy) -> Proof:
    """P31, counted: every field that is stored of a customer or buyer against the inventories'
    `[corrections]` and the addresses that exist."""
    fields = stored_of_people(policy)
    if not policy.inventory.corrections:
        waits = "no page is declared where anything is changed"
        return Proof("P31", "unproven", None, len(fields), waits)
    known = {route.name for route in routes()}
    lost = [name for name in fields if not _is_settled(policy, name, known)]
    if lost:
        figure = f"{lost[0]} is stored, and no page of its person changes it"
        return Proof("P31", "broken", "counted", len(fields), figure)
    pages = [name for name in fields if name in policy.inventory.corrections]
    figure = (
        f"{len(pages)} of {len(fields)} stored kinds of data can be changed on pages of Edit "
        f"Profile; {len(fields) - len(pages)} were never anybody's words, such as a license key"
    )
    return Proof("P31", "kept", "counted", len(fields), figure)


def stored_of_people(policy: Policy) -> list[str]:
    """Every stored field of a table that has an owner, and every sealed one."""
    stored = {
        name
        for table in policy.inventory.tables.values()
        if table.owner
        for name in table.fields.values()
    }
    stored |= {name for name, field in policy.fields.items() if field.sealed}
    return sorted(stored & policy.fields.keys())


def _is_settled(policy: Policy, name: str, known: set[str]) -> bool:
    inventory = policy.inventory
    return inventory.corrections.get(name) in known or name in inventory.uncorrected
