"""Act: hold a seat for someone."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seats.models import Evening, Seat, SeatHolder
from upheld.db import for_purpose


@for_purpose("hold_seat")
def hold_seat(evening: Evening, name: str, email: str, now: datetime) -> Seat | None:
    """One seat in one transaction; None where the evening is full."""
    with transaction.atomic():
        if evening.seats_left() < 1:
            return None
        seat = Seat.objects.create(evening=evening, held_at=now)
        SeatHolder.objects.create(seat=seat, name=name, email=email)
        return seat


@for_purpose("hold_seat")
def guests_of(evening: Evening) -> list[str]:
    """The names for the list at the door. Values, not a queryset: outside of this function the
    purpose is over, and the database would refuse to go on."""
    holders = SeatHolder.objects.filter(seat__evening=evening).order_by("name")
    return list(holders.values_list("name", flat=True))
