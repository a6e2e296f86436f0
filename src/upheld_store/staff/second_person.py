"""Who may decide that a looser policy takes effect."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from upheld.db import for_purpose
from upheld_store.staff.hire import StaffRefused
from upheld_store.staff.models import StaffMember
from upheld_store.staff.roles import RIGHTS, Right


def count_deciders() -> int:
    """How many people work here who may decide on the policy: with two, the second approves."""
    roles = RIGHTS[Right.DECIDE_POLICY]
    return StaffMember.objects.filter(active=True, role__in=roles).count()


@for_purpose("manage_account")
def decider(email: str) -> StaffMember:
    """The member of this address, who may decide on the policy. Raises `StaffRefused`."""
    held = EmailAddress.objects.filter(email=email.strip().lower(), verified=True).first()
    member = (
        StaffMember.objects.filter(customer_id=held.user_id, active=True).first() if held else None
    )
    if member is None or not member.may(Right.DECIDE_POLICY):
        raise StaffRefused(
            "Nobody with this address works here as owner or privacy officer. "
            "An owner makes someone one on the staff page Team."
        )
    return member
