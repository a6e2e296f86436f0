"""Consent given and withdrawn: rows are only ever added."""

from __future__ import annotations

from typing import ClassVar, NoReturn

from django.db import models

_WHY = "A consent record is added and never changed. Give or withdraw again."


class ConsentRecordQuerySet(models.QuerySet["ConsentRecord"]):
    """Adds and reads; nothing that exists is touched."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError(_WHY)

    bulk_create = update = bulk_update = delete = _refuse


class ConsentRecord(models.Model):
    """One word of one person on one purpose, bound to the exact text that was shown."""

    subject_id = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=60)
    action = models.CharField(max_length=20)
    text_hash = models.CharField(max_length=64)
    policy_version = models.PositiveIntegerField()
    method = models.CharField(max_length=60)
    at = models.DateTimeField()

    objects: ClassVar[models.Manager[ConsentRecord]] = ConsentRecordQuerySet.as_manager()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_consent_record"

    def __str__(self) -> str:
        return f"{self.purpose} {self.action} {self.pk}"

    def save(self, *args: object, **kwargs: object) -> NoReturn:
        """Refused: `give()` and `withdraw()` add rows, nothing changes one."""
        raise TypeError(_WHY)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        """Refused."""
        raise TypeError(_WHY)
