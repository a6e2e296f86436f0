"""The application: public pages from memory in front, Django behind, promises first."""

from __future__ import annotations

import gc
import threading
from datetime import UTC, datetime

from django.core.wsgi import get_wsgi_application

from upheld import keeping
from upheld.policy import PolicyInvalid
from upheld.web.content import read_version
from upheld.web.last_resort import LastResort
from upheld.web.memory import ServeFromMemory
from upheld_store.site.checks import findings_at_start
from upheld_store.site.environment import wants_keeper

_django = get_wsgi_application()
# What is due is destroyed before the first answer: a request cannot arrive earlier than this.
keeping.before_first_answer(datetime.now(UTC))
# However the server was started, it does not serve code that could break the policy.
if _findings := findings_at_start():
    raise PolicyInvalid(_findings)
application = LastResort(ServeFromMemory(_django, read_version))
# What a start made lives until the end: the collector need not walk through it again and again.
gc.collect()
gc.freeze()

if wants_keeper():
    threading.Thread(
        target=keeping.keep_loop, args=(threading.Event(),), name="keeper", daemon=True
    ).start()
