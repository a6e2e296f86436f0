"""The only reader of the process environment: one frozen value, read once."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from upheld_store.site.owner_files import (
    EnvironmentInvalid,
    StoreFacts,
    read_dotenv,
    read_store_facts,
)

# No path, because links are made by adding one, and no name or password of anyone.
_ORIGIN = re.compile(r"https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?", re.ASCII)
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_POSTGRESQL_SCHEMES = frozenset({"postgres", "postgresql"})


@dataclass(frozen=True, slots=True)
class Environment:
    """Where this store's folders are and how the world reaches it."""

    store: Path
    home: Path
    keys: Path
    policy: Path
    database_url: str
    database_owner_url: str
    origin: str
    staff_origin: str
    gateways: tuple[str, ...]
    practice_url: str
    stripe_api_key: str = field(repr=False)
    stripe_webhook_secret: str = field(repr=False)
    stripe_api_base: str
    smtp_url: str
    trusted_proxies: tuple[str, ...]
    debug: bool
    facts: StoreFacts

    @property
    def origin_host(self) -> str:
        """Host name of the public origin, without port."""
        return urlsplit(self.origin).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """True where only this machine can reach the store."""
        return self.origin_host in LOOPBACK_HOSTS

    @property
    def share_url(self) -> str:
        """Where addresses of those who agreed go; '' where the owner shares with nobody."""
        url = self.facts.share_url
        return f"{self.practice_url}{url}" if url.startswith("/") else url

    @property
    def staff_host(self) -> str:
        """Host name of the staff pages' own origin; '' where they have none."""
        return urlsplit(self.staff_origin).hostname or ""


def store_path(environ: Mapping[str, str] | None = None) -> Path:
    """The owner's folder, whether or not there is one."""
    outer = os.environ if environ is None else environ
    return Path(outer.get("UPHELD_STORE") or "demo").resolve()


def key_folder_path(environ: Mapping[str, str] | None = None) -> Path:
    """The key folder as `read_environment` finds it, for those who come before there is a store."""
    outer = os.environ if environ is None else environ
    values = read_dotenv(store_path(outer) / ".env") | dict(outer)
    home = Path(values.get("UPHELD_HOME") or "var").resolve()
    return Path(values.get("UPHELD_KEYS") or home.with_name(f"{home.name}-keys")).resolve()


def wanted_folders() -> tuple[str, str]:
    """HOME and key folder as the environment names them for a new store; '' where it does not."""
    return os.environ.get("UPHELD_HOME", ""), os.environ.get("UPHELD_KEYS", "")


def read_environment(environ: Mapping[str, str] | None = None) -> Environment:
    """Variables (and the owner's `.env`, which they override) → one frozen `Environment`."""
    outer = os.environ if environ is None else environ
    store = Path(outer.get("UPHELD_STORE") or "demo").resolve()
    values = read_dotenv(store / ".env") | dict(outer)

    def value(name: str, default: str) -> str:
        return values.get(f"UPHELD_{name}") or default

    home = Path(value("HOME", "var")).resolve()
    return Environment(
        store=store,
        home=home,
        keys=Path(value("KEYS", str(home.with_name(f"{home.name}-keys")))).resolve(),
        policy=Path(value("POLICY", str(store / "policy"))).resolve(),
        database_url=value("DATABASE_URL", f"sqlite:///{home / 'store.sqlite3'}"),
        database_owner_url=value("DATABASE_OWNER_URL", ""),
        origin=_address("ORIGIN", value("ORIGIN", "http://127.0.0.1:8000")),
        staff_origin=_address("STAFF_ORIGIN", staff)
        if (staff := value("STAFF_ORIGIN", ""))
        else "",
        gateways=tuple(name.strip() for name in value("GATEWAY", "practice").split(",")),
        practice_url=_address("PRACTICE_URL", value("PRACTICE_URL", "http://127.0.0.1:8001")),
        stripe_api_key=value("STRIPE_API_KEY", ""),
        stripe_webhook_secret=value("STRIPE_WEBHOOK_SECRET", ""),
        stripe_api_base=_address(
            "STRIPE_API_BASE", value("STRIPE_API_BASE", "https://api.stripe.com")
        ),
        smtp_url=value("SMTP_URL", "smtp://127.0.0.1:1025"),
        trusted_proxies=tuple(filter(None, value("TRUSTED_PROXIES", "").split(","))),
        debug=_switch("DEBUG", value("DEBUG", "")),
        facts=read_store_facts(store / "store.toml"),
    )


def _address(name: str, text: str) -> str:
    address = text.rstrip("/")
    if not _ORIGIN.fullmatch(address):
        raise EnvironmentInvalid(
            f"UPHELD_{name}: {text!r} is no origin. Write scheme and host alone, such as "
            "https://your.shop."
        )
    return address


def _switch(name: str, text: str) -> bool:
    if text not in {"", "0", "1"}:
        raise EnvironmentInvalid(f"UPHELD_{name}: {text!r} is neither 1 nor 0. Write one of them.")
    return text == "1"


def database_settings(url: str, owner_url: str = "") -> dict[str, Any]:
    """`sqlite:///path` or `postgres://…` → Django's DATABASES entry; `owner_url` is the login that
    changes a PostgreSQL schema. Raises if neither."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "upheld.db.sqlite",
            "NAME": unquote(parts.path[1:] if parts.path.startswith("//") else parts.path),
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": unquote(parts.path) + ".test"},
        }
    if parts.scheme in _POSTGRESQL_SCHEMES:
        if importlib.util.find_spec("psycopg") is None:
            raise EnvironmentInvalid(
                "UPHELD_DATABASE_URL: PostgreSQL needs its driver, which is not installed here. "
                "Run: python3 -m pip --python .venv/bin/python install 'psycopg[binary,pool]'"
            )
        owner = urlsplit(owner_url)
        if owner_url and owner.scheme not in _POSTGRESQL_SCHEMES:
            raise EnvironmentInvalid(
                "UPHELD_DATABASE_OWNER_URL: use postgres://owner@host/name, the same database."
            )
        return {
            "ENGINE": "upheld.db.postgresql",
            **_login(parts),
            "OWNER": _login(owner) if owner_url else None,
            "CONN_MAX_AGE": 60,
        }
    raise EnvironmentInvalid(
        f"UPHELD_DATABASE_URL: {parts.scheme or 'no scheme'!r} is not known. "
        "Use sqlite:///path or postgres://user@host/name."
    )


def _login(parts: SplitResult) -> dict[str, str]:
    """Where and as whom; `?host=` names the folder of a local socket."""
    socket_folder = [
        v for k, _, v in (p.partition("=") for p in parts.query.split("&")) if k == "host"
    ]
    return {
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(socket_folder[0]) if socket_folder else parts.hostname or "",
        "PORT": str(parts.port or ""),
    }


def wants_keeper(environ: Mapping[str, str] | None = None) -> bool:
    """Whether this server process runs the keeper inside (set by `upheld serve`)."""
    return (os.environ if environ is None else environ).get("UPHELD_KEEPER_INSIDE") == "1"
