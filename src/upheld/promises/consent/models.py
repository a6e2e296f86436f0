"""Consent given and withdrawn: rows are only ever added."""

from __future__ import annotations

from django.db import models


class ConsentRecord(models.Model):
    """One word of one person on one purpose, bound to the exact text that was shown."""

    subject_id = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=60)
    action = models.CharField(max_length=20)
    text_hash = models.CharField(max_length=64)
    policy_version = models.PositiveIntegerField()
    method = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_consent_record"

    def __str__(self) -> str:
        return f"{self.purpose} {self.action} {self.pk}"
