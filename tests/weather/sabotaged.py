"""What a worker of the sabotaged server loads."""

from __future__ import annotations

import os

from tests.weather.sabotage import NAME, SWITCHES
from upheld_store.site.wsgi import application

SWITCHES[os.environ[NAME]]()

__all__ = ["application"]
