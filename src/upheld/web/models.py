"""What the last proof of each promise found."""

from __future__ import annotations

from django.db import models


class ProofOutcome(models.Model):
    """The newest outcome of one promise; the ledger has the history."""

    promise_id = models.CharField(max_length=3, primary_key=True)
    state = models.CharField(max_length=10)
    kind = models.CharField(max_length=10, blank=True)
    population = models.PositiveBigIntegerField(null=True)
    figure = models.CharField(max_length=300)
    proven_at = models.DateTimeField()
    policy_version = models.PositiveIntegerField()
    # Where the log says so; None for what it says nothing of.
    entry_index = models.BigIntegerField(null=True)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_proof_outcome"

    def __str__(self) -> str:
        return f"{self.promise_id} {self.state}"
