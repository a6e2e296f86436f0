"""Pages made of the owner's words, and of the policy's contact data."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from upheld.policy import current
from upheld.web.public import public
from upheld_store.pages.owner_pages import TERMS, read_page


def _page(request: HttpRequest, slug: str, template: str) -> HttpResponse:
    page = read_page(Path(settings.UPHELD_STORE), slug)
    if page is None:
        raise Http404
    return render(request, template, {"page": page})


@public(seconds=60)
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """The terms of sale, with the version that is in force (P36)."""
    return _page(request, TERMS, "pages/terms.html")


@public(seconds=60)
@require_safe
def owner_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of the owner's. The terms answer under their own address only."""
    if slug == TERMS:
        raise Http404
    return _page(request, slug, "pages/page.html")


@public(seconds=60)
@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Who answers for the store: what the policy says, and nothing else (P39)."""
    return render(request, "pages/contact.html", {"controller": current().controller})
