"""The staff site: Django's admin, with one door before all of it and none of its own sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path

from upheld_store.staff import (
    child_views,
    customer_views,
    erasure_views,
    key_views,
    refund_views,
    reveal_views,
    send_back_views,
    team_views,
    transfer_views,
    views,
)
from upheld_store.staff.catalog_admin import NOUNS
from upheld_store.staff.entrance import guarded, member_of
from upheld_store.staff.pages import around

_PAGES: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("", views.desk, "desk"),
    ("orders/", views.list_orders, "orders"),
    ("orders/<str:number>/", views.show_order, "order"),
    ("orders/<str:number>/reveal/", reveal_views.reveal, "reveal"),
    ("orders/<str:number>/refund/", refund_views.refund, "refund"),
    ("orders/<str:number>/under-age/", child_views.forget_order, "forget_order"),
    ("customers/<int:number>/under-age/", child_views.forget_account, "forget_account"),
    ("customers/", customer_views.list_customers, "customers"),
    ("customers/find/", customer_views.find, "find_customer"),
    ("customers/<int:number>/", customer_views.show_customer, "customer"),
    ("customers/<int:number>/reveal/", customer_views.reveal, "reveal_customer"),
    ("customers/<int:number>/sign-out/", customer_views.end_sessions, "end_sessions"),
    ("customers/<int:number>/second-step/", customer_views.end_second_step, "end_second_step"),
    ("refunds/<uuid:refund_id>/", send_back_views.send_back, "send_back"),
    ("review/", views.list_review, "review"),
    ("disputes/", views.list_disputes, "disputes"),
    ("transfers/", transfer_views.transfers, "transfers"),
    ("keys/", key_views.pools, "keys"),
    ("keys/<int:pool_id>/", key_views.pool, "key_pool"),
    ("reveals/", reveal_views.list_reveals, "reveals"),
    ("holds/", views.holds, "holds"),
    ("holds/<int:hold_id>/lift/", views.lift, "lift_hold"),
    ("erasures/", erasure_views.erasures, "erasures"),
    ("erasures/<uuid:redaction_id>/", erasure_views.settle, "settle_erasure"),
    ("team/", team_views.team, "team"),
    ("team/<int:member_id>/", team_views.change, "change_member"),
    ("promises/", views.list_promises, "promises"),
)


class StaffSite(AdminSite):
    """Every address of it but one is behind `guarded`."""

    enable_nav_sidebar = False
    final_catch_all_view = False

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """`view` behind the door."""
        return guarded(view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Our own pages, and the catalog's. Not Django's: its sign-in asks for no second factor."""
        urls: list[URLPattern | URLResolver] = [
            path(address, self.admin_view(view), name=name) for address, view, name in _PAGES
        ]
        # The one page before the door: whoever opens it has no password yet.
        urls.append(path("welcome/<str:token>/", team_views.welcome, name="welcome"))
        for model, noun in self._registry.items():
            address = f"catalog/{model._meta.model_name}/"
            urls.append(path(address, include(noun.get_urls())))
        return urls

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the admin's own views hand to our templates."""
        return {
            **around(request, member_of(request)),
            "has_permission": True,
            "is_popup": False,
            "is_nav_sidebar_enabled": False,
            "available_apps": [],
        }

    def has_permission(self, request: HttpRequest) -> bool:
        """Whoever stands here came through the door."""
        return True


def staff_site() -> StaffSite:
    """The site with all its nouns."""
    site = StaffSite(name="staff")
    for model, noun in NOUNS:
        site.register(model, noun)
    return site
