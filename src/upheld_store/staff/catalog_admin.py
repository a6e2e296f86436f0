"""The catalog in Django's admin: its lists, forms and history, in our own templates. Nothing is
deleted here, because orders point at it; it is taken off sale."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path

from upheld_store.catalog.models import Category, Plan, Product, Release, ReleaseFile
from upheld_store.staff.entrance import member_of
from upheld_store.staff.forms import (
    CategoryForm,
    PlanForm,
    ProductForm,
    ReleaseFileForm,
    ReleaseForm,
)
from upheld_store.staff.roles import Right


class _ByRole:
    """Answers Django's questions about permissions with the rights of the member's role."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return member_of(request).may(Right.SEE_CATALOG)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return member_of(request).may(Right.EDIT_CATALOG)

    has_change_permission = has_add_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


class _Noun(_ByRole, admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """List, add, change, history; no actions over many rows and no pop-ups."""

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    sortable_by: ClassVar[tuple[str, ...]] = ()
    view_on_site = False
    preserve_filters = False
    add_form_template = change_form_template = "staff/catalog_form.html"
    change_list_template = "staff/catalog_list.html"
    object_history_template = "staff/catalog_history.html"

    def get_urls(self) -> list[URLPattern]:
        door, key = self.admin_site.admin_view, f"store_catalog_{self.opts.model_name}"
        return [
            path("", door(self.changelist_view), name=f"{key}_changelist"),
            path("add/", door(self.add_view), name=f"{key}_add"),
            path("<int:object_id>/", door(self._change), name=f"{key}_change"),
            path("<int:object_id>/history/", door(self._history), name=f"{key}_history"),
        ]

    def _change(self, request: HttpRequest, object_id: int) -> Any:
        get_object_or_404(self.model, pk=object_id)
        return self.change_view(request, str(object_id))

    def _history(self, request: HttpRequest, object_id: int) -> Any:
        get_object_or_404(self.model, pk=object_id)
        return self.history_view(request, str(object_id))


class _Rows(_ByRole, admin.StackedInline):  # type: ignore[type-arg]  # generic in the stubs alone
    """Rows of another noun on the same page; one empty one to fill in."""

    extra = 1
    can_delete = False


class CategoryAdmin(_Noun):
    form = CategoryForm
    list_display = ("name", "slug", "position")


class PlanRows(_Rows):
    model = Plan
    form = PlanForm


class ProductAdmin(_Noun):
    form = ProductForm
    inlines = (PlanRows,)
    list_display = ("name", "category", "published")
    list_select_related = ("category",)
    search_fields = ("name", "slug")


class ReleaseFileRows(_Rows):
    model = ReleaseFile
    form = ReleaseFileForm


class ReleaseAdmin(_Noun):
    form = ReleaseForm
    inlines = (ReleaseFileRows,)
    list_display = ("version", "product", "released_on")
    list_select_related = ("product",)
    search_fields = ("product__name", "version")


NOUNS: tuple[tuple[type[models.Model], type[_Noun]], ...] = (
    (Category, CategoryAdmin),
    (Product, ProductAdmin),
    (Release, ReleaseAdmin),
)
