"""Categories, products, plans, releases and files. All of it public, none of it personal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import Case, Count, F, IntegerField, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.urls import reverse
from django.utils.safestring import SafeString

from upheld.db.prepared import Asked
from upheld.web import markdown
from upheld.web.content import PublicContent, PublicContentQuerySet

# What a word is worth by where it stands: the name beats the summary beats the description.
_WORTH = (
    ("name__iexact", 40),
    ("name__istartswith", 24),
    ("name__icontains", 16),
    ("summary__icontains", 6),
    ("description__icontains", 1),
)


class Category(PublicContent):
    """A shelf of the shop."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    summary = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager[Category]] = PublicContentQuerySet.as_manager()

    class Meta:
        db_table = "store_catalog_category"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(PublicContentQuerySet["Product"]):
    def on_show(self, currency: str) -> ProductQuerySet:
        """Published products that can be bought in this currency, with their lowest price."""
        on_sale = Q(plans__active=True, plans__currency=currency)
        return (
            self.filter(published=True)
            .annotate(
                price_from_minor=Min("plans__price_minor", filter=on_sale),
                plan_count=Count("plans", filter=on_sale),
            )
            .filter(plan_count__gt=0)
            .select_related("category")
        )

    def free(self) -> ProductQuerySet:
        """Of the products on show, those with a plan that costs nothing."""
        return self.filter(Q(price_from_minor=0)).order_by("name")

    def search(self, words: Iterable[str]) -> ProductQuerySet:
        """Products that hold every word somewhere, best first. Django escapes % and _."""
        found, rank = self, None
        for word in words:
            found = found.filter(
                Q(name__icontains=word)
                | Q(summary__icontains=word)
                | Q(description__icontains=word)
            )
            worth = _worth(word)
            rank = worth if rank is None else rank + worth
        if rank is None:
            return found
        return found.annotate(rank=rank).order_by("-rank", "name")

    def newest_first(self) -> ProductQuerySet:
        """By the day of the newest release."""
        newest = Release.objects.filter(product=OuterRef("pk")).order_by("-released_on")
        return self.annotate(updated_on=Subquery(newest.values("released_on")[:1])).order_by(
            F("updated_on").desc(nulls_last=True), "name"
        )


def _worth(word: str) -> Combinable:
    whens = [When(**{place: word}, then=Value(points)) for place, points in _WORTH]
    return Case(*whens, default=Value(0), output_field=IntegerField())


class Product(PublicContent):
    """Something on the shelf. A third party's product names its vendor and their policy."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    summary = models.CharField(max_length=300)
    description = models.TextField(blank=True, help_text="Markdown")
    category = models.ForeignKey(Category, models.PROTECT, related_name="products")
    vendor_name = models.CharField(max_length=200, blank=True)
    vendor_policy_url = models.URLField(blank=True)
    artwork = models.CharField(max_length=200, blank=True, help_text="Path below the media folder")
    published = models.BooleanField(default=True)

    objects: ClassVar[models.Manager[Product]] = ProductQuerySet.as_manager()

    class Meta:
        db_table = "store_catalog_product"
        ordering = ["name"]
        constraints = [
            # P27: whoever sells another's product says whose policy applies to it.
            models.CheckConstraint(
                condition=Q(vendor_name="") | ~Q(vendor_policy_url=""),
                name="store_product_vendor_policy",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The product's page."""
        return reverse("catalog:product", args=[self.slug])

    def description_html(self) -> SafeString:
        """The description as the page shows it."""
        return markdown.render(self.description, top=3)


class KeyPool(PublicContent):
    """License keys of a vendor, to be sold one by one. `sold_out` is what the shop window says; it
    is decided anew when an order is placed."""

    name = models.CharField(max_length=100, unique=True)
    sold_out = models.BooleanField(default=True)

    objects: ClassVar[models.Manager[KeyPool]] = PublicContentQuerySet.as_manager()

    class Meta:
        db_table = "store_catalog_keypool"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PlanQuerySet(PublicContentQuerySet["Plan"]):
    def on_sale(self, currency: str | Asked) -> PlanQuerySet:
        """Plans a visitor may buy today in this currency, each with its product and key pool."""
        return self.filter(active=True, currency=currency, product__published=True).select_related(
            "product", "pool"
        )


class Plan(PublicContent):
    """One way to buy a product, at one price in minor units. Licensed: a key comes with it, made
    by us or, where there is a pool, taken from it."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="plans")
    name = models.CharField(max_length=200)
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    licensed = models.BooleanField(default=False)
    pool = models.ForeignKey(KeyPool, models.PROTECT, null=True, blank=True, related_name="plans")
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    objects: ClassVar[models.Manager[Plan]] = PlanQuerySet.as_manager()

    class Meta:
        db_table = "store_catalog_plan"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "name", "currency"], name="store_plan_product_name"
            ),
            models.CheckConstraint(
                condition=Q(pool=None) | Q(licensed=True), name="store_plan_pool_licensed"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Release(PublicContent):
    """One version of a product and what changed in it."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="releases")
    version = models.CharField(max_length=40)
    notes = models.TextField(blank=True, help_text="Markdown")
    released_on = models.DateField()

    objects: ClassVar[models.Manager[Release]] = PublicContentQuerySet.as_manager()

    class Meta:
        db_table = "store_catalog_release"
        ordering = ["-released_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="store_release_version")
        ]

    def __str__(self) -> str:
        return self.version

    def notes_html(self) -> SafeString:
        """The change notes as the page shows them."""
        return markdown.render(self.notes, top=4)


class ReleaseFileQuerySet(PublicContentQuerySet["ReleaseFile"]):
    def newest_of(self, products: Iterable[int | Asked]) -> ReleaseFileQuerySet:
        """The files of the newest release that has any, for each of these product ids."""
        newest = (
            Release.objects.filter(product=OuterRef("release__product"), files__isnull=False)
            .order_by("-released_on", "-pk")
            .values("pk")[:1]
        )
        return self.filter(release__product__pk__in=list(products), release=Subquery(newest))


class ReleaseFile(PublicContent):
    """One file of a release. `path` is below the media folder; only bought links serve it."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=300)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)

    objects: ClassVar[models.Manager[ReleaseFile]] = ReleaseFileQuerySet.as_manager()

    class Meta:
        db_table = "store_catalog_releasefile"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["release", "name"], name="store_releasefile_name")
        ]

    def __str__(self) -> str:
        return self.name
