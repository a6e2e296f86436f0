"""What every page knows of the store: the same for everyone, so pages stay public."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Name, tagline, logo and theme of the owner's `store.toml` and `theme/`."""
    facts = settings.UPHELD_STORE_FACTS
    static = Path(settings.UPHELD_STORE) / "theme" / "static"
    return {
        "site": {
            "name": facts.name,
            "tagline": facts.tagline,
            "currency": facts.currency,
            "logo": "theme/logo.svg" if (static / "logo.svg").is_file() else None,
            "tokens": "theme/tokens.css" if (static / "tokens.css").is_file() else None,
            "origin": settings.UPHELD_ORIGIN,
            "is_demo": settings.ENVIRONMENT.is_loopback and "practice" in settings.UPHELD_GATEWAYS,
        }
    }
