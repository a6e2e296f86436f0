"""The shop window: pages that are the same for everyone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from upheld.web.public import public
from upheld_store.catalog.list_filter import FilterRefused, ListFilter, read_filter
from upheld_store.catalog.models import Category, Plan, Product, ReleaseFile

PAGE_SIZE = 48
NEWEST_SHOWN = 6
SITEMAP_MAX = 40_000
# Pages of other apps that a search engine should know: addresses of the contract.
PAGES = ("/privacy/", "/privacy/promises/", "/terms/", "/contact/")


def _currency() -> str:
    return str(settings.UPHELD_STORE_FACTS.currency)


@public(seconds=60)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this shop is, its shelves, and what is new on them."""
    on_show = Product.objects.on_show(_currency())
    context = {
        "categories": Category.objects.filter(products__published=True).distinct(),
        "newest": on_show.newest_first()[:NEWEST_SHOWN],
        "free": on_show.free()[:NEWEST_SHOWN],
        "currency": _currency(),
    }
    return render(request, "catalog/home.html", context)


def _products(asked: ListFilter) -> Any:
    found = Product.objects.on_show(_currency()).order_by("name").search(asked.words)
    if asked.category:
        found = found.filter(category__slug=asked.category)
    return Paginator(found, PAGE_SIZE).page(asked.page)


@public(seconds=60)
@require_safe
def list_products(request: HttpRequest) -> HttpResponse:
    """All products, by words or by category. What cannot be answered gets a sentence."""
    categories = list(Category.objects.all())
    asked, problem = ListFilter(), ""
    try:
        asked = read_filter(request.GET, {category.slug for category in categories})
        page = _products(asked)
    except (FilterRefused, EmptyPage) as refused:
        problem = (
            str(refused)
            if isinstance(refused, FilterRefused)
            else ("There is no such page. Here is the first one.")
        )
        asked = ListFilter(asked.query, asked.category)
        page = _products(asked)
    context = {
        "categories": categories,
        "shelf": next((c for c in categories if c.slug == asked.category), None),
        "asked": asked,
        "page": page,
        "problem": problem,
        "currency": _currency(),
    }
    return render(request, "catalog/list.html", context, status=400 if problem else 200)


@public(seconds=60)
@require_safe
def show_product(request: HttpRequest, slug: str) -> HttpResponse:
    """One product: what it is, what it costs, which files come, what changed."""
    product = get_object_or_404(
        Product.objects.filter(published=True).select_related("category"), slug=slug
    )
    context = {
        "product": product,
        "plans": Plan.objects.on_sale(_currency()).filter(product=product),
        "files": ReleaseFile.objects.newest_of([product.pk]).select_related("release"),
        "releases": product.releases.all(),
        "currency": _currency(),
    }
    return render(request, "catalog/product.html", context)


@public(seconds=60)
@require_safe
def artwork(request: HttpRequest, slug: str) -> HttpResponse:
    """A product's picture. The path comes from the catalog, never from the address."""
    product = get_object_or_404(Product.objects.exclude(artwork=""), slug=slug, published=True)
    media = Path(settings.MEDIA_ROOT).resolve()
    path = (media / product.artwork).resolve()
    if not path.is_relative_to(media / "artwork") or not path.is_file():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="image/svg+xml")


@public(seconds=60)
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Crawlers may read the shop window, and nothing that belongs to a visitor."""
    context = {"origin": settings.UPHELD_ORIGIN}
    return render(request, "catalog/robots.txt", context, content_type="text/plain")


@public(seconds=60)
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page a search engine may list."""
    products = Product.objects.on_show(_currency()).newest_first()[:SITEMAP_MAX]
    context = {
        "origin": settings.UPHELD_ORIGIN,
        "products": products,
        "categories": Category.objects.all(),
        "pages": PAGES,
    }
    return render(request, "catalog/sitemap.xml", context, content_type="application/xml")
