"""The log's rows: one an entry, and one head with the tree's right edge."""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from upheld.ledger.events import leaf_data

ORIGIN_LENGTH_MAX = 255


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
    """The one row that every append locks: the log's name, size, right edge and signed root."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    origin = models.CharField(max_length=ORIGIN_LENGTH_MAX)
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


class LedgerOrigin(models.Model):
    """A name of the log, and the first entry that is signed under it. There is more than one
    where the log went on after a restore, because entries that were signed before are gone."""

    first_index = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=ORIGIN_LENGTH_MAX)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_ledger_origin"

    def __str__(self) -> str:
        return f"{self.first_index} {self.name}"


class LedgerNode(models.Model):
    """The hash over 256**level entries, kept so that a proof reads a few rows and not the log."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    node = models.CharField(max_length=64)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_ledger_node"
        constraints = [
            models.UniqueConstraint(fields=["level", "index"], name="upheld_ledger_node_place")
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.index} {self.node}"
