"""Django's settings, computed from one `Environment`. The owner edits store.toml, not this."""

from __future__ import annotations

from pathlib import Path

import upheld
from upheld.promises.transport.origin import parse_origin
from upheld.vault.keys import read_secret_key
from upheld_store.site.environment import database_settings, read_environment

ENVIRONMENT = read_environment()
SITE_DIR = Path(__file__).parent
# The engine is one app, but each of its promises keeps its own pages in its own folder.
ENGINE_TEMPLATES = sorted(Path(upheld.__file__).parent.rglob("templates"))

DEBUG = ENVIRONMENT.debug
SECRET_KEY = read_secret_key(ENVIRONMENT.keys)
ALLOWED_HOSTS = [
    ENVIRONMENT.origin_host,
    *filter(None, [ENVIRONMENT.staff_host]),
    *(["127.0.0.1", "localhost", "[::1]"] if ENVIRONMENT.is_loopback else []),
]
ROOT_URLCONF = "upheld_store.site.urls"
WSGI_APPLICATION = "upheld_store.site.wsgi.application"
DATABASES = {"default": database_settings(ENVIRONMENT.database_url, ENVIRONMENT.database_owner_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
APPEND_SLASH = True

INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    # Without its search for admin modules: the staff site registers what it shows.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "upheld",
    "upheld_store.catalog",
    "upheld_store.pages",
    "upheld_store.customers",
    "upheld_store.cart",
    "upheld_store.orders",
    "upheld_store.payments",
    "upheld_store.delivery",
    "upheld_store.licensing",
    "upheld_store.checkout",
    "upheld_store.control_panel",
    "upheld_store.staff",
    "upheld_store.site",
    *ENVIRONMENT.facts.apps,
]
MIDDLEWARE = [
    "upheld.promises.purpose.middleware.PurposeMiddleware",
    "upheld.web.middleware.PlainErrors",
    # Outside of transport, so that its refusals carry the policy for content too.
    "upheld.promises.transport.content_policy.ContentPolicy",
    "upheld.promises.transport.middleware.TransportMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "upheld.promises.cookies.middleware.CookieGate",
    "upheld.promises.cookies.middleware.SameOriginWrites",
    "django.middleware.common.CommonMiddleware",
    # They do nothing until a view asks who is there, and a public view cannot ask.
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "upheld_store.customers.middleware.FreshSignIn",
    "upheld.web.middleware.PublicPages",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            ENVIRONMENT.store / "theme" / "templates",
            SITE_DIR / "templates",
            *ENGINE_TEMPLATES,
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "upheld_store.site.context.site",
                # Read by the pages of an account alone, where they are shown.
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
# Django's admin wants the user put into every template. Public pages know no user, and the staff
# pages name their own.
SILENCED_SYSTEM_CHECKS = ["admin.E402"]

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.home / "static"
STATICFILES_DIRS = [("theme", ENVIRONMENT.store / "theme" / "static")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 3600
MEDIA_ROOT = ENVIRONMENT.home / "media"

_ENCRYPTED = parse_origin(ENVIRONMENT.origin).needs_encryption
AUTH_USER_MODEL = "store_customers.Customer"
AUTHENTICATION_BACKENDS = ["upheld_store.customers.backend.CustomerBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_ENGINE = "upheld_store.customers.sessions"
# As `upheld.promises.cookies.jar.wire_name` names it; how long it lasts says the policy.
SESSION_COOKIE_NAME = "__Host-session" if _ENCRYPTED else "session"
SESSION_COOKIE_SECURE = _ENCRYPTED
# Writes of other sites are refused by their origin, without a cookie. What Django's own pages
# write into their forms nevertheless stays in the session.
CSRF_USE_SESSIONS = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGIN_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "upheld_store.customers.adapters.AccountAdapter"
# An account comes into being with its address shown to be the person's own.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "upheld_store.customers.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Half a minute either way, for clocks that do not agree.
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _ENCRYPTED
LOGIN_REDIRECT_URL = "control_panel:home"
CACHES = {"default": {"BACKEND": "upheld_store.customers.rate_cache.HashedCache"}}


def _loopback(base: str) -> list[str]:
    """A stand-in for Stripe's interface shows the payment page itself."""
    return [base] if base.startswith("http://") else []


_GATEWAY_FORMS = [
    "'self'",
    *([ENVIRONMENT.practice_url] if "practice" in ENVIRONMENT.gateways else []),
    *(
        ["https://checkout.stripe.com", *_loopback(ENVIRONMENT.stripe_api_base)]
        if "stripe" in ENVIRONMENT.gateways
        else []
    ),
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": _GATEWAY_FORMS,
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Files apart, a body larger than this is refused before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
# Django's own log line for a refused request would carry its path.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {
        "console": {"class": "logging.StreamHandler"},
        "none": {"class": "logging.NullHandler"},
    },
    "loggers": {
        "django.request": {"handlers": ["none"], "propagate": False},
        "django.security": {"handlers": ["none"], "propagate": False},
        "django.server": {"handlers": ["none"], "propagate": False},
        "upheld": {"handlers": ["console"], "level": "INFO"},
    },
}

UPHELD_HOME = ENVIRONMENT.home
UPHELD_KEYS = ENVIRONMENT.keys
UPHELD_STORE = ENVIRONMENT.store
UPHELD_POLICY = ENVIRONMENT.policy
UPHELD_ORIGIN = ENVIRONMENT.origin
UPHELD_STAFF_ORIGIN = ENVIRONMENT.staff_origin
UPHELD_TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
UPHELD_SMTP_URL = ENVIRONMENT.smtp_url
UPHELD_GATEWAYS = ENVIRONMENT.gateways
UPHELD_PRACTICE_URL = ENVIRONMENT.practice_url
UPHELD_SHARE_URL = ENVIRONMENT.share_url
UPHELD_STRIPE_API_KEY = ENVIRONMENT.stripe_api_key
UPHELD_STRIPE_WEBHOOK_SECRET = ENVIRONMENT.stripe_webhook_secret
UPHELD_STRIPE_API_BASE = ENVIRONMENT.stripe_api_base
UPHELD_STORE_FACTS = ENVIRONMENT.facts
UPHELD_AFTER = ENVIRONMENT.facts.after
