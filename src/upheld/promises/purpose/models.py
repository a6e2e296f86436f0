"""Purposes that a person opened by hand."""

from __future__ import annotations

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
