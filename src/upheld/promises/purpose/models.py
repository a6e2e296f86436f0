"""Purposes that a person opened by hand, and looks of staff at what is kept of someone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar
from uuid import UUID

from django.db import models


class PurposeOpening(models.Model):
    """Why an operator opened a purpose in a shell. The ledger has the fact, this row the words."""

    ledger_index = models.BigIntegerField(primary_key=True)
    purpose = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    reason = models.CharField(max_length=500)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_purpose_opening"

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class Cause(models.TextChoices):
    """Why staff looked, in the words that the person concerned is told."""

    ASKED = "asked", "you asked us for help"
    DELIVERY = "delivery", "something you bought did not arrive or did not work"
    PAYMENT = "payment", "a payment or a refund had to be cleared up"
    RIGHTS = "rights", "you asked about your data"
    SAFETY = "safety", "misuse of the store was suspected"


class RevealQuerySet(models.QuerySet["Reveal"]):
    def of_subjects(self, subjects: Iterable[UUID]) -> list[Reveal]:
        """Who looked at the data of these subjects, newest first; without the words that staff
        wrote, so no purpose is needed and the person concerned may be shown each row."""
        return list(self.filter(subject_id__in=set(subjects)).defer("reason").order_by("-pk"))


class Reveal(models.Model):
    """A staff member was shown personal values of one subject: which fields, for which purpose,
    why. The person sees role, time, purpose and cause; the member's number and own words are for
    whoever watches over the staff."""

    subject_id = models.UUIDField(db_index=True)
    # What was looked at, for the staff's own pages: a table and a row of it.
    about_table = models.CharField(max_length=63)
    about_row = models.CharField(max_length=64)
    staff_number = models.BigIntegerField()
    role = models.CharField(max_length=40)
    fields = models.CharField(max_length=200)
    purpose = models.CharField(max_length=60)
    cause = models.CharField(max_length=40, choices=Cause.choices)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(db_index=True)

    objects: ClassVar[models.Manager[Reveal]] = RevealQuerySet.as_manager()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_reveal"

    def __str__(self) -> str:
        return f"reveal {self.pk}"
