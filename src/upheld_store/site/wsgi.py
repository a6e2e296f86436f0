"""Where a server finds the application, whichever server it is and however it was started."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upheld_store.site.settings")
# Models cannot be imported before; `upheld serve` has done this already, another server has not.
django.setup()

from upheld_store.site.application import application  # noqa: E402  # needs the set-up above

__all__ = ["application"]
