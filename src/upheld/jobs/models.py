"""A durable job: a name and ids, never data."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from upheld.db.prepared import Asked

# With the back-off of `running`, about four days: longer than a mail relay's bad weekend.
ATTEMPTS_MAX = 30


class JobQuerySet(models.QuerySet["Job"]):
    def due(self, now: datetime | Asked) -> JobQuerySet:
        """Not done, its time has come, nobody holds a live lease, and not given up."""
        free = models.Q(lease_until=None) | models.Q(lease_until__lte=now)
        return self.filter(free, done_at=None, run_at__lte=now, attempts__lt=ATTEMPTS_MAX).order_by(
            "run_at", "pk"
        )

    def given_up(self) -> JobQuerySet:
        """Failed too often: they stay, with an error code, until someone has looked."""
        return self.filter(done_at=None, attempts__gte=ATTEMPTS_MAX)


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

    objects: ClassVar[models.Manager[Job]] = JobQuerySet.as_manager()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_job"
        indexes = [models.Index(fields=["done_at", "run_at"], name="upheld_job_due")]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
