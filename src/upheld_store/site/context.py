"""What every page knows of the store: the same for everyone, so pages stay public."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest

from upheld.web.public import is_public
from upheld_store.pages.owner_pages import TERMS, pages_of, read_page

_OWN_ICON = "site/icon.svg"
# The pages of an account, in the order of its menu.
ACCOUNT_WAYS = (
    ("control_panel:home", "Overview"),
    ("control_panel:orders", "Orders"),
    ("control_panel:licenses", "License keys"),
    ("control_panel:profile", "Edit Profile"),
    ("mfa_index", "Security"),
    ("control_panel:consents", "Consents"),
    ("control_panel:looks", "Who looked"),
    ("control_panel:disclosures", "Who received"),
    ("control_panel:data", "Your data"),
)


class PageLink(NamedTuple):
    """A page of the owner's, as the foot of every page names it."""

    slug: str
    title: str


class Look(NamedTuple):
    """All that head, top and foot of a page are drawn from, anew when it differs."""

    name: str
    logo: str | None
    icon: str
    tokens: str | None
    pages: tuple[PageLink, ...]
    has_terms: bool
    is_demo: bool


def site(request: HttpRequest) -> dict[str, Any]:
    """Name, tagline, pages, logo and theme of the owner's folder."""
    facts, look = settings.UPHELD_STORE_FACTS, _look_of(Path(settings.UPHELD_STORE))
    return {
        "site": {
            "look": look,
            "name": facts.name,
            "tagline": facts.tagline,
            "currency": facts.currency,
            "icon": look.icon,
            "tokens": look.tokens,
            "origin": settings.UPHELD_ORIGIN,
            "canonical": _canonical(request),
            "route": request.resolver_match.view_name if request.resolver_match else "",
            "account_ways": ACCOUNT_WAYS,
        }
    }


def _look_of(store: Path) -> Look:
    return Look(
        name=settings.UPHELD_STORE_FACTS.name,
        logo=_theme(store, "logo.svg"),
        icon=_theme(store, "icon.svg") or _OWN_ICON,
        tokens=_theme(store, "tokens.css"),
        pages=tuple(PageLink(page.slug, page.title) for page in pages_of(store)),
        has_terms=read_page(store, TERMS) is not None,
        is_demo=settings.ENVIRONMENT.is_loopback and "practice" in settings.UPHELD_GATEWAYS,
    )


def _theme(store: Path, name: str) -> str | None:
    # Asked three times for every page, so without making paths of it.
    return f"theme/{name}" if os.path.isfile(f"{store}/theme/static/{name}") else None


def _canonical(request: HttpRequest) -> str | None:
    # Only of public pages: the address of an order is nothing to repeat.
    match = request.resolver_match
    if match is None or not is_public(match.func):
        return None
    return f"{settings.UPHELD_ORIGIN}{request.path}"
