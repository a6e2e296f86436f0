"""Who received what, about whom, why and when: committed before anything leaves."""

from __future__ import annotations

from django.db import models


class Disclosure(models.Model):
    """A permission to send named fields of one subject to one recipient. Only `disclose()`
    makes one, and outgoing code takes nothing else."""

    subject_id = models.UUIDField(db_index=True)
    recipient = models.CharField(max_length=60)
    fields = models.JSONField()
    purpose = models.CharField(max_length=60)
    policy_version = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_disclosure"

    def __str__(self) -> str:
        return f"{self.recipient} {self.pk}"
