"""The log's rows: one an entry, and one head with the tree's right edge."""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from upheld.ledger.events import leaf_data


class LedgerEntry(models.Model):
    """One event. `root` and `signature` are the tree's as this entry completed it, so that a
    later change is not only noticed but found."""

    index = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    event = models.CharField(max_length=64, db_index=True)
    facts = models.TextField()
    root = models.CharField(max_length=64)
    signature = models.BinaryField()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_ledger_entry"

    def __str__(self) -> str:
        return f"{self.index} {self.event}"

    def leaf_data(self) -> bytes:
        """The bytes of this entry's leaf."""
        return leaf_data(self.index, self.at, self.event, self.facts)

    def read_facts(self) -> dict[str, Any]:
        """The facts by name; days as ISO text."""
        facts: dict[str, Any] = json.loads(self.facts)
        return facts


class LedgerHead(models.Model):
    """The one row that every append locks: size, right edge and signed root."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    size = models.BigIntegerField()
    frontier = models.TextField(blank=True)
    root = models.CharField(max_length=64)
    signature = models.BinaryField()
    signer = models.CharField(max_length=16)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_ledger_head"

    def __str__(self) -> str:
        return f"{self.size} {self.root}"
