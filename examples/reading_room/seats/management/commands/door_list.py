"""`manage.py door_list`: who comes tonight, for the door."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from seats.hold_seat import guests_of
from seats.models import Evening
from upheld.db import entry_point


class Command(BaseCommand):
    """The inventory lists `door_list` under the purpose that may read names."""

    help = "Print the names for the next evening."

    def handle(self, *args: Any, **options: Any) -> None:
        """One name a line."""
        evening = (
            Evening.objects.filter(begins_at__gte=timezone.now()).order_by("begins_at").first()
        )
        if evening is None:
            self.stdout.write("Nothing is planned.")
            return
        with entry_point("command", "door_list"):
            self.stdout.write("\n".join([evening.title, *guests_of(evening)]))
