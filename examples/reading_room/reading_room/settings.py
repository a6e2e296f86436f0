"""A small site on the engine alone: no accounts, no sessions, no store."""

from __future__ import annotations

import os
from pathlib import Path

import upheld
from upheld.vault.keys import read_secret_key

HERE = Path(__file__).parent.parent
# What the engine asks of a site.
UPHELD_HOME = Path(os.environ.get("UPHELD_HOME", HERE / "var")).resolve()
UPHELD_KEYS = Path(os.environ.get("UPHELD_KEYS", HERE / "var-keys")).resolve()
UPHELD_POLICY = HERE / "policy"
UPHELD_ORIGIN = os.environ.get("UPHELD_ORIGIN", "http://127.0.0.1:8000")
UPHELD_TRUSTED_PROXIES: tuple[str, ...] = ()
UPHELD_SMTP_URL = "smtp://127.0.0.1:1025"

SECRET_KEY = read_secret_key(UPHELD_KEYS)
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "reading_room.urls"
WSGI_APPLICATION = "reading_room.wsgi.application"
DATABASES = {
    "default": {
        # The back end that asks for a purpose before it gives out anything personal.
        "ENGINE": "upheld.db.sqlite",
        "NAME": UPHELD_HOME / "reading_room.sqlite3",
        "CONN_MAX_AGE": None,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
INSTALLED_APPS = ["csp", "upheld", "seats"]
MIDDLEWARE = [
    "upheld.promises.purpose.middleware.PurposeMiddleware",
    "upheld.web.middleware.PlainErrors",
    "csp.middleware.CSPMiddleware",
    "upheld.promises.transport.middleware.TransportMiddleware",
    "upheld.promises.cookies.middleware.CookieGate",
    "upheld.promises.cookies.middleware.SameOriginWrites",
    "django.middleware.common.CommonMiddleware",
    "upheld.web.middleware.PublicPages",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The engine is one app, but each of its promises keeps its pages in its own folder.
        "DIRS": sorted(Path(upheld.__file__).parent.rglob("templates")),
        "APP_DIRS": True,
    }
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
