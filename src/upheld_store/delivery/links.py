"""Signed, expiring download links. Only an order's page makes them."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing
from django.http import Http404

from upheld.db.prepared import Asked, Prepared
from upheld_store.catalog.models import ReleaseFile
from upheld_store.orders.models import Order, OrderLine, OrderState

LINK_SECONDS_MAX = 24 * 3600
_SALT = "upheld_store.delivery"


@dataclass(frozen=True, slots=True)
class DownloadOffer:
    """One file that the buyer may fetch now."""

    product: str
    version: str
    name: str
    size: int
    sha256: str
    url: str


def offers_of(order: Order, lines: Iterable[OrderLine]) -> list[DownloadOffer]:
    """Every file of the newest release of each product bought, with a fresh link. `lines` are
    the order's, each with its plan."""
    if not order.is_paid:
        return []
    offers = []
    products = {line.plan.product_id: line for line in lines}
    for file in _newest_files(len(products)).all(product=list(products)):
        line = products[file.release.product_id]
        token = signing.dumps([line.pk, file.pk], salt=_SALT)
        offers.append(
            DownloadOffer(
                line.product_name,
                file.release.version,
                file.name,
                file.size,
                file.sha256,
                f"/downloads/{token}",
            )
        )
    return offers


@functools.cache
def _newest_files(count: int) -> Prepared[ReleaseFile]:
    """Of so many products."""
    return Prepared(
        lambda: ReleaseFile.objects.newest_of(Asked.each("product", count)).select_related(
            "release"
        )
    )


def open_link(token: str) -> tuple[OrderLine, ReleaseFile]:
    """What a link opens. Raises `Http404`, the same for a forged, an expired and a
    refunded one, so that a link tells nothing about an order."""
    try:
        line_id, file_id = signing.loads(token, salt=_SALT, max_age=LINK_SECONDS_MAX)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404 from error
    line = OrderLine.objects.select_related("order").filter(pk=line_id).first()
    file = ReleaseFile.objects.filter(pk=file_id).first()
    if line is None or file is None or line.order.state != OrderState.PAID:
        raise Http404
    return line, file
