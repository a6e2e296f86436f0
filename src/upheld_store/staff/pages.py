"""What every staff page shows around its own content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from upheld_store.payments.transfer import TransferGateway
from upheld_store.staff.models import StaffMember
from upheld_store.staff.roles import Right

_TRANSFERS = "staff:transfers"
# In the order of the page's head: the right that it needs, the route, the word.
_WAYS = (
    (Right.SEE_ORDERS, "staff:orders", "Orders"),
    (Right.SEE_CUSTOMERS, "staff:customers", "Customers"),
    (Right.SEE_ORDERS, "staff:review", "Review"),
    (Right.SEE_ORDERS, "staff:disputes", "Disputes"),
    (Right.MATCH_TRANSFER, _TRANSFERS, "Transfers"),
    (Right.SEE_CATALOG, "staff:store_catalog_product_changelist", "Products"),
    (Right.SEE_CATALOG, "staff:store_catalog_release_changelist", "Releases"),
    (Right.SEE_CATALOG, "staff:store_catalog_category_changelist", "Categories"),
    (Right.IMPORT_KEYS, "staff:keys", "Keys"),
    (Right.SEE_REVEALS, "staff:reveals", "Reveals"),
    (Right.HOLD, "staff:holds", "Holds"),
    (Right.SETTLE_ERASURE, "staff:erasures", "Erasures"),
    (Right.MANAGE_TEAM, "staff:team", "Team"),
    (Right.ENTER, "staff:promises", "Promises"),
)


def around(request: HttpRequest, member: StaffMember) -> dict[str, Any]:
    """Who is signed in, where this role may go, and what there is to tell."""
    takes_transfers = TransferGateway.name in settings.UPHELD_GATEWAYS
    return {
        "staff_member": member,
        "staff_ways": [
            (route, word)
            for right, route, word in _WAYS
            if member.may(right) and (route != _TRANSFERS or takes_transfers)
        ],
        "messages": get_messages(request),
    }


def staff_page(
    request: HttpRequest,
    member: StaffMember,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """`template` within the frame of the staff pages."""
    return render(request, template, {**around(request, member), **context}, status=status)
