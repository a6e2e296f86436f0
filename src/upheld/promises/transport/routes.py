"""Every route of this site, with its address where it has one without arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True, slots=True)
class Route:
    """`name` as `namespace:name`; `path` is None where the route takes arguments."""

    name: str
    view: Callable[..., Any]
    path: str | None

    @property
    def is_public(self) -> bool:
        """Whether the view answers everyone alike (the mark is the web package's)."""
        return bool(getattr(self.view, "upheld_public", False))

    @property
    def asks_age(self) -> bool:
        """Whether the age question stands before the view."""
        return bool(getattr(self.view, "upheld_asks_age", False))

    @property
    def takes_nothing_down(self) -> bool:
        """Whether the view's form is only compared with what is held already."""
        return bool(getattr(self.view, "upheld_takes_nothing_down", False))


def routes() -> list[Route]:
    """In the order of the URL configuration."""
    return list(_walk(get_resolver().url_patterns, ()))


def _walk(
    entries: Iterable[URLPattern | URLResolver], namespaces: tuple[str, ...]
) -> Iterator[Route]:
    for entry in entries:
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from _walk(entry.url_patterns, inner)
        else:
            name = ":".join((*namespaces, entry.name or ""))
            yield Route(name, entry.callback, _path_of(name) if entry.name else None)


def _path_of(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
