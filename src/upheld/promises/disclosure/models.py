"""Who received what, about whom, why and when: committed before anything leaves."""

from __future__ import annotations

from typing import ClassVar, NoReturn

from django.db import models

_WAY_IN = "Call upheld.promises.disclosure.disclose(): it checks the policy and makes the row."


class DisclosureQuerySet(models.QuerySet["Disclosure"]):
    """Reads only: a record of what left is neither corrected nor taken back."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError(f"A disclosure is not written by hand. {_WAY_IN}")

    bulk_create = update = bulk_update = delete = _refuse


class Disclosure(models.Model):
    """A permission to send named fields of one subject to one recipient. Only `disclose()`
    makes one, and outgoing code takes nothing else."""

    subject_id = models.UUIDField(db_index=True)
    recipient = models.CharField(max_length=60)
    # names of declared fields, sorted; never a value
    fields = models.JSONField()
    purpose = models.CharField(max_length=60)
    policy_version = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)

    objects: ClassVar[models.Manager[Disclosure]] = DisclosureQuerySet.as_manager()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_disclosure"

    def __str__(self) -> str:
        return f"{self.recipient} {self.pk}"

    def save(self, *args: object, **kwargs: object) -> NoReturn:
        """Refused: a row that nobody checked would open the way out."""
        raise TypeError(f"A disclosure is not written by hand. {_WAY_IN}")

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        """Refused: the customer is shown each disclosure."""
        raise TypeError("A disclosure is not taken back: what left has left.")
