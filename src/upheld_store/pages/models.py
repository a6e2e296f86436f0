"""Every version of the terms that was ever shown, for ever."""

from __future__ import annotations

from django.db import models


class TermsVersion(models.Model):
    """The terms as they were published. Rows are only added."""

    version = models.PositiveIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    text = models.TextField()
    effective = models.DateField()
    published_at = models.DateTimeField()

    class Meta:
        db_table = "store_pages_termsversion"
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"terms version {self.version}"
