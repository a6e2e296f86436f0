"""The one public origin of this site, as configured: what a request is measured against."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme and network location, as a browser writes them into `Origin`."""

    scheme: str
    netloc: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def host(self) -> str:
        """The host's name without its port."""
        return urlsplit(str(self)).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """True where only this machine can reach the site."""
        return self.host in _LOOPBACK_HOSTS

    @property
    def needs_encryption(self) -> bool:
        """False on a plain loopback origin alone: nothing leaves the machine there."""
        return not (self.scheme == "http" and self.is_loopback)


def own_origin() -> Origin:
    """The origin in `settings.UPHELD_ORIGIN`."""
    return parse_origin(settings.UPHELD_ORIGIN)


def origin_of_host(netloc: str) -> Origin:
    """The one of our origins that has this host: the staff pages may have one of their own."""
    staff = getattr(settings, "UPHELD_STAFF_ORIGIN", "")
    if staff and parse_origin(staff).netloc == netloc.lower():
        return parse_origin(staff)
    return own_origin()


@functools.lru_cache(maxsize=8)
def parse_origin(text: str) -> Origin:
    """An origin from its text, with a default port left out as browsers do."""
    parts = urlsplit(text)
    default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    netloc = parts.netloc.lower()
    return Origin(parts.scheme, netloc.removesuffix(default) if default else netloc)
