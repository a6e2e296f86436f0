"""Who may do what: roles, rights, and the right that each staff page asks for.

A route that has no line here is closed to everyone. The whole table is in a reviewed snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """What someone is hired for. Nobody holds two."""

    OWNER = "owner", "owner"
    SALES = "sales", "sales"
    SUPPORT = "support", "support"
    PRIVACY_OFFICER = "privacy_officer", "privacy officer"


class Right(StrEnum):
    """One thing that a role may do."""

    ENTER = "enter"
    SEE_CATALOG = "see the catalog"
    EDIT_CATALOG = "edit the catalog"
    SEE_ORDERS = "see orders"
    SEE_CUSTOMERS = "see customers by number"
    FIND_BY_ADDRESS = "find someone by e-mail address"
    REVEAL_CONTACT = "reveal a person's contact"
    END_SESSIONS = "sign a customer out everywhere"
    FORGET_CHILD = "remove a customer who is under age"
    TAKE_SECOND_STEP = "take a customer's second step away"
    REFUND = "refund"
    MATCH_TRANSFER = "say which transfer arrived"
    IMPORT_KEYS = "import license keys"
    SEE_REVEALS = "see who revealed what, and why"
    HOLD = "hold data beyond its period"
    SETTLE_ERASURE = "say what others erased"
    MANAGE_TEAM = "change who works here"
    DECIDE_POLICY = "decide that a looser policy takes effect"


_EVERYONE = frozenset(Role)
RIGHTS: dict[Right, frozenset[Role]] = {
    Right.ENTER: _EVERYONE,
    Right.SEE_CATALOG: _EVERYONE - {Role.PRIVACY_OFFICER},
    Right.EDIT_CATALOG: frozenset({Role.OWNER, Role.SALES}),
    Right.SEE_ORDERS: _EVERYONE,
    Right.SEE_CUSTOMERS: _EVERYONE,
    Right.FIND_BY_ADDRESS: _EVERYONE - {Role.SALES},
    Right.END_SESSIONS: _EVERYONE - {Role.SALES},
    Right.FORGET_CHILD: frozenset({Role.OWNER, Role.PRIVACY_OFFICER}),
    Right.TAKE_SECOND_STEP: frozenset({Role.OWNER}),
    Right.REVEAL_CONTACT: frozenset({Role.OWNER, Role.SUPPORT}),
    Right.REFUND: frozenset({Role.OWNER, Role.SALES}),
    Right.MATCH_TRANSFER: frozenset({Role.OWNER, Role.SALES}),
    Right.IMPORT_KEYS: frozenset({Role.OWNER, Role.SALES}),
    Right.SEE_REVEALS: frozenset({Role.OWNER, Role.PRIVACY_OFFICER}),
    Right.HOLD: frozenset({Role.OWNER, Role.PRIVACY_OFFICER}),
    Right.SETTLE_ERASURE: frozenset({Role.OWNER, Role.PRIVACY_OFFICER}),
    Right.MANAGE_TEAM: frozenset({Role.OWNER}),
    Right.DECIDE_POLICY: frozenset({Role.OWNER, Role.PRIVACY_OFFICER}),
}


@dataclass(frozen=True, slots=True)
class Door:
    """The rights that a page asks for: to look at it, and to send something to it. None: there
    is nothing to look at, or nothing to send."""

    look: Right | None
    send: Right | None = None


# The page that leads to the door: whoever opens it holds an unspent link and has no password yet.
BEFORE_THE_DOOR = frozenset({"staff:welcome"})
_CATALOG_NOUNS = ("category", "product", "release")
_CATALOG_DOORS = {
    "changelist": Door(Right.SEE_CATALOG),
    "add": Door(Right.EDIT_CATALOG, Right.EDIT_CATALOG),
    "change": Door(Right.SEE_CATALOG, Right.EDIT_CATALOG),
    "history": Door(Right.SEE_CATALOG),
}
DOORS: dict[str, Door] = {
    "staff:desk": Door(Right.ENTER),
    "staff:orders": Door(Right.SEE_ORDERS),
    "staff:order": Door(Right.SEE_ORDERS),
    "staff:reveal": Door(None, Right.REVEAL_CONTACT),
    "staff:refund": Door(None, Right.REFUND),
    "staff:customers": Door(Right.SEE_CUSTOMERS),
    "staff:find_customer": Door(Right.FIND_BY_ADDRESS, Right.FIND_BY_ADDRESS),
    "staff:customer": Door(Right.SEE_CUSTOMERS),
    "staff:reveal_customer": Door(None, Right.REVEAL_CONTACT),
    "staff:forget_order": Door(None, Right.FORGET_CHILD),
    "staff:forget_account": Door(None, Right.FORGET_CHILD),
    "staff:end_sessions": Door(None, Right.END_SESSIONS),
    "staff:end_second_step": Door(None, Right.TAKE_SECOND_STEP),
    "staff:send_back": Door(Right.REFUND, Right.REFUND),
    "staff:review": Door(Right.SEE_ORDERS),
    "staff:disputes": Door(Right.SEE_ORDERS),
    "staff:transfers": Door(Right.MATCH_TRANSFER, Right.MATCH_TRANSFER),
    "staff:keys": Door(Right.IMPORT_KEYS, Right.IMPORT_KEYS),
    "staff:key_pool": Door(Right.IMPORT_KEYS, Right.IMPORT_KEYS),
    "staff:reveals": Door(Right.SEE_REVEALS),
    "staff:holds": Door(Right.HOLD, Right.HOLD),
    "staff:lift_hold": Door(None, Right.HOLD),
    "staff:erasures": Door(Right.SETTLE_ERASURE),
    "staff:settle_erasure": Door(None, Right.SETTLE_ERASURE),
    "staff:promises": Door(Right.ENTER),
    "staff:team": Door(Right.MANAGE_TEAM, Right.MANAGE_TEAM),
    "staff:change_member": Door(None, Right.MANAGE_TEAM),
    **{
        f"staff:store_catalog_{noun}_{page}": door
        for noun in _CATALOG_NOUNS
        for page, door in _CATALOG_DOORS.items()
    },
}


def may(role: str, right: Right) -> bool:
    """Whether this role has this right. An unknown role has none."""
    return role in RIGHTS[right]


def right_for(route: str, method: str) -> Right | None:
    """What this request asks for; None where no one may make it."""
    door = DOORS.get(route)
    if door is None:
        return None
    return door.look if method in {"GET", "HEAD"} else door.send
