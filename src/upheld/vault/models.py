"""One row a sealed value, one row a day that ever had a vault."""

from __future__ import annotations

from django.db import models


class VaultDay(models.Model):
    """A day's vault: opened by its first seal, destroyed once."""

    day = models.DateField(unique=True)
    opened_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_vault_day"

    def __str__(self) -> str:
        return str(self.day)


class SealedValue(models.Model):
    """One value of private financial data. Without the day's key it is noise. On PostgreSQL each
    day's stand in a partition of their own, so what is unique contains the day."""

    table_name = models.CharField(max_length=64)
    row_key = models.CharField(max_length=64)
    field = models.CharField(max_length=64)
    day = models.DateField(db_index=True)
    key_fingerprint = models.CharField(max_length=16)
    ciphertext = models.BinaryField()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_sealed_value"
        constraints = [
            models.UniqueConstraint(
                fields=["table_name", "row_key", "field", "day"], name="upheld_sealed_value_place"
            )
        ]

    def __str__(self) -> str:
        return f"{self.table_name} {self.day}"
