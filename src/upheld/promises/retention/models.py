"""What keeps a row beyond its period."""

from __future__ import annotations

from django.db import models


class Hold(models.Model):
    """A reason with an end date for which one subject's data is not removed."""

    subject_id = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=200)
    until = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_hold"

    def __str__(self) -> str:
        return f"{self.pk} until {self.until}"


class Backup(models.Model):
    """An archive that was written and found good, and where. The file is the owner's to move; its
    period goes with it."""

    made_at = models.DateTimeField(db_index=True)
    folder = models.CharField(max_length=500)
    name = models.CharField(max_length=64)
    size = models.BigIntegerField()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_backup"

    def __str__(self) -> str:
        return self.name
