"""Walks through the public pages as two people who could not be less alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve

from upheld.promises.transport.origin import own_origin, parse_origin
from upheld.promises.transport.routes import routes
from upheld.promises.transport.visits import Visit, Visitor

PAGES_MAX = 200
_SOMEONE = {"user_agent": "Mozilla/5.0 (X11; Linux x86_64)", "accept_language": "en"}
_SOMEONE_ELSE = {
    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)",
    "accept_language": "pt-BR, pt;q=0.8",
    "cookie": "cart=left-by-an-earlier-visit; sessionid=abc; visitor=42",
    "referer": "https://news.example.com/",
    "x_forwarded_for": "198.51.100.7",
    "dnt": "1",
}
# Attributes by which a page fetches something without being asked.
_FETCHING = {
    ("img", "src"), ("script", "src"), ("iframe", "src"), ("frame", "src"), ("embed", "src"),
    ("object", "data"), ("source", "src"), ("video", "src"), ("video", "poster"),
    ("audio", "src"), ("track", "src"), ("input", "src"), ("body", "background"),
}  # fmt: skip
_FETCHING_RELATIONS = frozenset(
    {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "manifest", "preconnect",
     "dns-prefetch", "prerender", "apple-touch-icon"}
)  # fmt: skip


@dataclass(slots=True)
class PagesSeen:
    """How many pages were visited, and what went wrong on which of them."""

    visited: int = 0
    cookies: list[str] = field(default_factory=list)
    told_apart: list[str] = field(default_factory=list)
    fetched_elsewhere: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    more_left: bool = False


def visit_public_pages(pages_max: int = PAGES_MAX) -> PagesSeen:
    """Every public address without arguments, then whatever public pages those link to."""
    seen, visitor = PagesSeen(), Visitor()
    waiting = [route.path for route in routes() if route.is_public and route.path]
    known = set(waiting)
    while waiting:
        if seen.visited == pages_max:
            seen.more_left = True
            break
        address = waiting.pop(0)
        first = visitor.get(address, **_SOMEONE)
        second = visitor.get(address, **_SOMEONE_ELSE)
        if first.status >= 500:
            seen.failed.append(address)
            continue
        _note(seen, address, first, second)
        found = [link for link in _linked(address, first) if link not in known]
        known.update(found)
        waiting += dict.fromkeys(found)
    return seen


def _note(seen: PagesSeen, address: str, first: Visit, second: Visit) -> None:
    seen.visited += 1
    if first.set_cookies or second.set_cookies:
        seen.cookies.append(address)
    if (first.status, first.body) != (second.status, second.body):
        seen.told_apart.append(address)
    elsewhere = [url for url in _Addresses.of(first).fetched if not _is_own(address, url)]
    if elsewhere:
        seen.fetched_elsewhere.append(address)


class _Addresses(HTMLParser):
    """The addresses in one page: those it links to, and those it fetches by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []

    @classmethod
    def of(cls, visit: Visit) -> _Addresses:
        """Of a page or a sitemap; of anything else none."""
        parsed = cls()
        if "html" in visit.headers.get("content-type", ""):
            parsed.feed(visit.text)
        elif "xml" in visit.headers.get("content-type", ""):
            parsed.links = [part.split("</loc>")[0] for part in visit.text.split("<loc>")[1:]]
        return parsed

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects."""
        given = {name: value or "" for name, value in attrs}
        relations = set(given.get("rel", "").lower().split())
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "link" and relations & _FETCHING_RELATIONS:
            self.fetched.append(given.get("href", ""))
        self.fetched += [given[name] for name in given if (tag, name) in _FETCHING]
        self.fetched += [
            part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()
        ]


def _linked(address: str, visit: Visit) -> Iterator[str]:
    """Addresses of our own public pages in this one."""
    found = _Addresses.of(visit)
    for url in (*found.links, *found.fetched):
        target = urlsplit(urljoin(f"{own_origin()}{address}", url))
        if not _is_own(address, url):
            continue
        try:
            view = resolve(target.path).func
        except Resolver404:
            continue
        if getattr(view, "upheld_public", False):
            yield target.path + (f"?{target.query}" if target.query else "")


def _is_own(address: str, url: str) -> bool:
    try:
        target = urljoin(f"{own_origin()}{address}", url)
        return target.startswith("data:") or parse_origin(target) == own_origin()
    except ValueError:
        return False
