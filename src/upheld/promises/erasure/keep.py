"""What the keeper does for this promise."""

from __future__ import annotations

import logging
from datetime import datetime

from upheld.jobs import own_transactions
from upheld.promises.erasure.carry_on import carry_on
from upheld.promises.erasure.models import Erasure
from upheld.promises.erasure.tombstones import prune_tombstones

_log = logging.getLogger("upheld.erasure")


@own_transactions
def carry_out(now: datetime) -> int:
    """Go on with every erasure that is due; one that fails never stops the rest. Returns how many
    were done with."""
    done, failed = 0, 0
    for erasure in Erasure.objects.due(now):
        try:
            done += carry_on(erasure, now).done_at is not None
        except Exception as error:
            failed += 1
            _log.error("%s waits: %s", erasure, type(error).__name__)
    prune_tombstones(now)
    if failed:
        raise ErasuresWait(f"{failed} erasures could not go on")
    return done


class ErasuresWait(Exception):
    """Some erasures failed, and are tried again; the job stays in sight."""
