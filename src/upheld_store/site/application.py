"""The application: public pages from memory in front, Django behind, promises first."""

from __future__ import annotations

import gc
import threading

from django.core.wsgi import get_wsgi_application

from upheld import keeping
from upheld.promises.retention.closing import ClosedWhileRestoring
from upheld.start import checked
from upheld_store.site.checks import findings_at_start
from upheld_store.site.environment import wants_keeper

application = ClosedWhileRestoring(lambda: checked(get_wsgi_application(), findings_at_start))
# What a start made lives until the end: the collector need not walk through it again and again.
gc.collect()
gc.freeze()

if wants_keeper():
    threading.Thread(
        target=keeping.keep_loop, args=(threading.Event(),), name="keeper", daemon=True
    ).start()
