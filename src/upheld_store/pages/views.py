"""Pages made of the owner's words, and of the policy's contact data."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from upheld.policy import current
from upheld.policy.facts import spoken_date
from upheld.web import markdown
from upheld.web.public import public
from upheld_store.pages.models import TermsVersion
from upheld_store.pages.owner_pages import TERMS, OwnerPage, read_page
from upheld_store.pages.publish_terms import as_version, in_force


def _page(request: HttpRequest, slug: str, template: str) -> HttpResponse:
    page = read_page(Path(settings.UPHELD_STORE), slug)
    if page is None:
        raise Http404
    return render(request, template, {"page": page})


@public(seconds=60)
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """The terms of sale that are in force (P36)."""
    page = read_page(Path(settings.UPHELD_STORE), TERMS)
    if page is None:
        raise Http404
    now = timezone.now()
    return _terms(request, page, in_force(now.date()) or as_version(page, now))


@public(seconds=60)
@require_safe
def terms_version(request: HttpRequest, n: int) -> HttpResponse:
    """One version of the terms, as it was published."""
    page = read_page(Path(settings.UPHELD_STORE), TERMS)
    row = TermsVersion.objects.filter(version=min(n, 10**9)).first()
    if page is None or row is None:
        raise Http404
    return _terms(request, page, row)


def _terms(request: HttpRequest, page: OwnerPage, row: TermsVersion) -> HttpResponse:
    shown = in_force(timezone.now().date()) or row
    context = {
        "page": page,
        "version": row.version,
        "state": _state(row, shown),
        "html": markdown.render(row.text, top=2),
        "is_current": row == shown,
        "others": list(TermsVersion.objects.only("version")),
    }
    return render(request, "pages/terms.html", context)


def _state(row: TermsVersion, shown: TermsVersion) -> str:
    day = spoken_date(row.effective.isoformat())
    if row.effective > timezone.now().date():
        return f"takes effect on {day}"
    return f"in force since {day}" if row == shown else f"was in force from {day}"


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
