"""A durable job: a name and ids, never data."""

from __future__ import annotations

from django.db import models


class Job(models.Model):
    """Due when `run_at` has come and no live lease is on it; done once `done_at` is set."""

    name = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=200, unique=True, null=True)
    run_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_job"
        indexes = [models.Index(fields=["done_at", "run_at"], name="upheld_job_due")]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
