"""An evening in the reading room, a seat held for it, and who holds the seat."""

from __future__ import annotations

import uuid

from django.db import models


class Evening(models.Model):
    """A reading. It is no secret who reads, so nothing here is personal to a guest."""

    title = models.CharField(max_length=120)
    begins_at = models.DateTimeField()
    seats = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.title

    def seats_left(self) -> int:
        """How many more can come."""
        return self.seats - self.held.count()


class Seat(models.Model):
    """One seat, held under a random number. Who holds it stands in `SeatHolder`, so that anything
    may count seats without a purpose."""

    evening = models.ForeignKey(Evening, models.CASCADE, related_name="held")
    subject_id = models.UUIDField(default=uuid.uuid4, unique=True)
    held_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class SeatHolder(models.Model):
    """The one place with personal columns: a table is wholly personal or not personal at all."""

    seat = models.OneToOneField(Seat, models.CASCADE, primary_key=True, related_name="holder")
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return str(self.seat_id)
