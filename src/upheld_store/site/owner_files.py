"""What the owner writes beside the policy: `store.toml` and `.env`."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# As the contract names them. A name that is mistyped would be obeyed by nobody, in silence.
VARIABLES = (
    "UPHELD_DATABASE_OWNER_URL",
    "UPHELD_DATABASE_URL",
    "UPHELD_DEBUG",
    "UPHELD_GATEWAY",
    "UPHELD_HOME",
    "UPHELD_KEYS",
    "UPHELD_ORIGIN",
    "UPHELD_POLICY",
    "UPHELD_PRACTICE_URL",
    "UPHELD_SMTP_URL",
    "UPHELD_STAFF_ORIGIN",
    "UPHELD_STORE",
    "UPHELD_STRIPE_API_BASE",
    "UPHELD_STRIPE_API_KEY",
    "UPHELD_STRIPE_WEBHOOK_SECRET",
    "UPHELD_TRUSTED_PROXIES",
)
# ISO 4217's form.
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


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
    share_url: str = ""


def read_dotenv(path: Path) -> dict[str, str]:
    """The variables of an owner's `.env`, one `NAME=value` a line. Raises `EnvironmentInvalid`
    naming the line that is none, or whose name nothing reads; never its value, which may be a
    secret."""
    values: dict[str, str] = {}
    lines = path.read_text("utf-8-sig").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals:
            raise EnvironmentInvalid(f"{path}:{number}: this is no NAME=value. Mend the line.")
        if name.startswith("UPHELD_") and name not in VARIABLES:
            near = difflib.get_close_matches(name, VARIABLES, n=1)
            hint = f"Perhaps {near[0]}." if near else "docs/reference.md lists all there are."
            raise EnvironmentInvalid(f"{path}:{number}: nothing reads {name}. {hint}")
        values[name] = value.strip('"')
    return values


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
    if not _CURRENCY.fullmatch(store["currency"]):
        raise EnvironmentInvalid(
            f"{path}: currency = {store['currency']!r} is no currency. Write its three capital "
            "letters, such as USD."
        )
    after = {event: tuple(acts) for event, acts in table.get("after", {}).items()}
    return StoreFacts(
        name=store["name"],
        tagline=store.get("tagline", ""),
        currency=store["currency"],
        apps=tuple(store.get("apps", ())),
        after=after,
        transfer=_transfer(path, table.get("transfer")),
        share_url=_share_url(path, table.get("share")),
    )


def _share_url(path: Path, table: object) -> str:
    """An address on the internet, or a path that the practice gateway answers."""
    if table is None:
        return ""
    url = table.get("url", "") if isinstance(table, dict) else ""
    if not isinstance(url, str) or not url.startswith(("https://", "/")):
        raise EnvironmentInvalid(
            f"{path}: [share] url is no https address. Write where the company takes addresses."
        )
    return url


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
