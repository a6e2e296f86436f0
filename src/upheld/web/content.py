"""What public pages are made of, and the number that rises whenever any of it changes.

A page in memory is good for one version. The version is a row, changed in the transaction that
changes the content, so every process sees both or neither."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from django.db import models, router, transaction
from django.db.models import F

_ROW = 1
_Content = TypeVar("_Content", bound=models.Model)


class ContentVersion(models.Model):
    """The one row that says which version of the public content is in the database."""

    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_content_version"

    def __str__(self) -> str:
        return str(self.version)


def read_version() -> int:
    """The version in the database; 0 before anything public was ever written."""
    row = ContentVersion.objects.filter(pk=_ROW).values_list("version", flat=True).first()
    return row or 0


def bump_version(using: str | None = None) -> None:
    """Make every process forget its public pages. Call it in the transaction of the change."""
    rows = ContentVersion.objects.using(using or router.db_for_write(ContentVersion))
    if not rows.filter(pk=_ROW).update(version=F("version") + 1):
        rows.get_or_create(pk=_ROW, defaults={"version": 1})


class PublicContentQuerySet(models.QuerySet[_Content]):
    """Every way to change rows in bulk raises the version with them. Raw SQL does not: whoever
    writes it calls `bump_version`."""

    def update(self, **values: Any) -> int:
        with transaction.atomic(using=self.db):
            changed = super().update(**values)
            bump_version(self.db)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]  # Django's mark for templates

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=self.db):
            removed = super().delete()
            bump_version(self.db)
        return removed

    delete.alters_data = True  # type: ignore[attr-defined]  # Django's mark for templates

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        with transaction.atomic(using=self.db):
            made = super().bulk_create(objs, *args, **options)
            bump_version(self.db)
        return made

    bulk_create.alters_data = True  # type: ignore[attr-defined]  # Django's mark for templates


class PublicContent(models.Model):
    """A noun that the public pages show to everyone alike."""

    objects: ClassVar[models.Manager[Any]] = PublicContentQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Saves, and raises the version in the same transaction."""
        using = options.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            super().save(*args, **options)
            bump_version(using)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Deletes, and raises the version in the same transaction."""
        using = options.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            removed = super().delete(*args, **options)
            bump_version(using)
        return removed
