"""How often a bought file was fetched: a count, and nothing about who fetched it."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from upheld.db.insertion import insert
from upheld_store.catalog.models import ReleaseFile
from upheld_store.orders.models import OrderLine


class Download(models.Model):
    """The count of one file of one order line."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="downloads")
    file = models.ForeignKey(ReleaseFile, models.CASCADE, related_name="+")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "store_delivery_download"
        constraints = [
            models.UniqueConstraint(fields=["line", "file"], name="store_download_line_file")
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.file_id}"

    @classmethod
    def add_one(cls, line_id: int, file_id: int) -> None:
        """Count one more fetch from the beginning of the file."""
        # The first fetch is one statement, and of two at once neither is lost.
        if not insert(cls(line_id=line_id, file_id=file_id, count=1), keep_existing=True):
            counted = cls.objects.filter(line_id=line_id, file_id=file_id)
            counted.update(count=F("count") + 1)
