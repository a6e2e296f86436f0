"""The events of the gateways that were dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import models

from upheld.db.insertion import insert
from upheld_store.payments.gateway import GatewayEvent


class GatewayEventRow(models.Model):
    """An event that has been dealt with: what the gateway said, and when, once."""

    gateway = models.CharField(max_length=30)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        db_table = "store_payments_gatewayevent"
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="store_gatewayevent_once")
        ]

    def __str__(self) -> str:
        return self.kind

    @staticmethod
    def unknown(gateway: str, events: Sequence[GatewayEvent]) -> list[GatewayEvent]:
        """Those of `events` that have not been dealt with."""
        seen = GatewayEventRow.objects.filter(
            gateway=gateway, event_id__in=[event.id for event in events]
        )
        known = set(seen.values_list("event_id", flat=True))
        return [event for event in events if event.id not in known]

    @staticmethod
    def note(gateway: str, event: GatewayEvent, now: datetime) -> None:
        """Remember an event, in the transaction of what followed from it; twice is once."""
        row = GatewayEventRow(gateway=gateway, event_id=event.id, kind=event.kind, at=now)
        insert(row, keep_existing=True)
