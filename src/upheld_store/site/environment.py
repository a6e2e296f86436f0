"""The only reader of the process environment: one frozen value, read once."""

from __future__ import annotations

import importlib.util
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

# No path, because links are made by adding one, and no name or password of anyone.
_ORIGIN = re.compile(r"https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?", re.ASCII)
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class EnvironmentInvalid(Exception):
    """A variable or `store.toml` cannot be used; the message names it and the way out."""


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What the owner says in `store.toml`."""

    name: str
    tagline: str
    currency: str
    apps: tuple[str, ...]
    after: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Environment:
    """Where this store's folders are and how the world reaches it."""

    store: Path
    home: Path
    keys: Path
    policy: Path
    database_url: str
    origin: str
    gateways: tuple[str, ...]
    practice_url: str
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


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def read_store_facts(path: Path) -> StoreFacts:
    """`store.toml` → facts. Raises `EnvironmentInvalid` naming the file and the key."""
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise EnvironmentInvalid(
            f"{path}: there is no store here. Set UPHELD_STORE to an owner's folder."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise EnvironmentInvalid(f"{path}: {error}. Mend the file.") from error
    store = table.get("store", {})
    missing = [key for key in ("name", "currency") if not isinstance(store.get(key), str)]
    if missing:
        raise EnvironmentInvalid(f"{path}: [store] lacks {', '.join(missing)}. Add the line.")
    after = {event: tuple(acts) for event, acts in table.get("after", {}).items()}
    return StoreFacts(
        name=store["name"],
        tagline=store.get("tagline", ""),
        currency=store["currency"],
        apps=tuple(store.get("apps", ())),
        after=after,
    )


def read_environment(environ: Mapping[str, str] | None = None) -> Environment:
    """Variables (and the owner's `.env`, which they override) → one frozen `Environment`."""
    outer = os.environ if environ is None else environ
    store = Path(outer.get("UPHELD_STORE") or "demo").resolve()
    values = _dotenv(store / ".env") | dict(outer)

    def value(name: str, default: str) -> str:
        return values.get(f"UPHELD_{name}") or default

    home = Path(value("HOME", "var")).resolve()
    return Environment(
        store=store,
        home=home,
        keys=Path(value("KEYS", str(home.with_name(f"{home.name}-keys")))).resolve(),
        policy=Path(value("POLICY", str(store / "policy"))).resolve(),
        database_url=value("DATABASE_URL", f"sqlite:///{home / 'store.sqlite3'}"),
        origin=_origin(value("ORIGIN", "http://127.0.0.1:8000").rstrip("/")),
        gateways=tuple(name.strip() for name in value("GATEWAY", "practice").split(",")),
        practice_url=value("PRACTICE_URL", "http://127.0.0.1:8001").rstrip("/"),
        smtp_url=value("SMTP_URL", "smtp://127.0.0.1:1025"),
        trusted_proxies=tuple(filter(None, value("TRUSTED_PROXIES", "").split(","))),
        debug=value("DEBUG", "") == "1",
        facts=read_store_facts(store / "store.toml"),
    )


def _origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise EnvironmentInvalid(
            f"UPHELD_ORIGIN: {text!r} is no origin. Write scheme and host alone, such as "
            "https://your.shop."
        )
    return text


def database_settings(url: str) -> dict[str, Any]:
    """`sqlite:///path` or `postgres://…` → Django's DATABASES entry. Raises if neither."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "upheld.db.sqlite",
            "NAME": unquote(parts.path[1:] if parts.path.startswith("//") else parts.path),
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": unquote(parts.path) + ".test"},
        }
    if parts.scheme in {"postgres", "postgresql"}:
        if importlib.util.find_spec("psycopg") is None:
            raise EnvironmentInvalid(
                "UPHELD_DATABASE_URL: PostgreSQL needs its driver, which is not installed here. "
                "Run: python3 -m pip --python .venv/bin/python install 'psycopg[binary,pool]'"
            )
        socket_folder = [
            v for k, _, v in (p.partition("=") for p in parts.query.split("&")) if k == "host"
        ]
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(socket_folder[0]) if socket_folder else parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
        }
    raise EnvironmentInvalid(
        f"UPHELD_DATABASE_URL: {parts.scheme or 'no scheme'!r} is not known. "
        "Use sqlite:///path or postgres://user@host/name."
    )


def wants_keeper(environ: Mapping[str, str] | None = None) -> bool:
    """Whether this server process runs the keeper inside (set by `upheld serve`)."""
    return (os.environ if environ is None else environ).get("UPHELD_KEEPER_INSIDE") == "1"
