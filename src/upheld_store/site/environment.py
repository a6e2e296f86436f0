"""The only reader of the process environment: one frozen value, read once."""

from __future__ import annotations

import importlib.util
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

# No path, because links are made by adding one, and no name or password of anyone.
_ORIGIN = re.compile(r"https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?", re.ASCII)
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_POSTGRESQL_SCHEMES = frozenset({"postgres", "postgresql"})


class EnvironmentInvalid(Exception):
    """A variable or `store.toml` cannot be used; the message names it and the way out."""


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """The account to which buyers transfer money; the owner's own, so it names no customer."""

    holder: str
    iban: str
    bic: str


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What the owner says in `store.toml`."""

    name: str
    tagline: str
    currency: str
    apps: tuple[str, ...]
    after: Mapping[str, tuple[str, ...]]
    transfer: TransferFacts | None = None


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
    def staff_host(self) -> str:
        """Host name of the staff pages' own origin; '' where they have none."""
        return urlsplit(self.staff_origin).hostname or ""


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
        transfer=_transfer(path, table.get("transfer")),
    )


def _transfer(path: Path, table: object) -> TransferFacts | None:
    if table is None:
        return None
    given = table if isinstance(table, dict) else {}
    texts = {name: given.get(name, "") for name in ("holder", "iban", "bic")}
    wrong = [
        n for n, text in texts.items() if not isinstance(text, str) or not (text or n == "bic")
    ]
    if wrong:
        raise EnvironmentInvalid(f"{path}: [transfer] lacks {', '.join(wrong)}. Add the line.")
    return TransferFacts(**texts)


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
        database_owner_url=value("DATABASE_OWNER_URL", ""),
        origin=_origin(value("ORIGIN", "http://127.0.0.1:8000").rstrip("/")),
        staff_origin=value("STAFF_ORIGIN", "").rstrip("/"),
        gateways=tuple(name.strip() for name in value("GATEWAY", "practice").split(",")),
        practice_url=value("PRACTICE_URL", "http://127.0.0.1:8001").rstrip("/"),
        stripe_api_key=value("STRIPE_API_KEY", ""),
        stripe_webhook_secret=value("STRIPE_WEBHOOK_SECRET", ""),
        stripe_api_base=value("STRIPE_API_BASE", "https://api.stripe.com").rstrip("/"),
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
