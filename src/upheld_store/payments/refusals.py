"""Refused webhooks in the log: that they come, never what they hold, and not without end."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

_QUIET = timedelta(minutes=1)
_log = logging.getLogger("upheld.payments")
_last_line: dict[str, datetime] = {}


def log_refusal(gateway: str, reason: str, now: datetime) -> None:
    """One line a minute and gateway, with our own word for why."""
    last = _last_line.get(gateway)
    if last is None or not now - _QUIET < last <= now:
        _last_line[gateway] = now
        _log.warning("refused a webhook of %s: %s", gateway, reason)
