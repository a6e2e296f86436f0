"""Which gateways this store has, in the order of `UPHELD_GATEWAY`."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404

from upheld.vault import lasting_key
from upheld_store.payments.gateway import PaymentGateway
from upheld_store.payments.practice import PracticeGateway
from upheld_store.payments.stripe_gateway import StripeGateway
from upheld_store.payments.transfer import TransferGateway


def _practice() -> PracticeGateway:
    return PracticeGateway(settings.UPHELD_PRACTICE_URL, lasting_key("practice_gateway").hex())


def _stripe() -> StripeGateway:
    return StripeGateway(
        settings.UPHELD_STRIPE_API_KEY,
        settings.UPHELD_STRIPE_WEBHOOK_SECRET,
        settings.UPHELD_STRIPE_API_BASE,
    )


_DOORS: dict[str, Callable[[], PaymentGateway]] = {
    "practice": _practice,
    "stripe": _stripe,
    "transfer": TransferGateway,
}
GATEWAY_NAMES = frozenset(_DOORS)


def gateway_named(name: str) -> PaymentGateway:
    """The gateway of this name. Raises `Http404` for one that this store does not use."""
    if name not in settings.UPHELD_GATEWAYS or name not in _DOORS:
        raise Http404
    return _DOORS[name]()


def gateways() -> list[PaymentGateway]:
    """Every gateway of this store, the first of the list first."""
    return [_DOORS[name]() for name in settings.UPHELD_GATEWAYS if name in _DOORS]


def gateways_with_page() -> list[PaymentGateway]:
    """Those on whose own page the buyer pays, and who can be asked what became of it."""
    return [door for door in gateways() if door.has_page]


def chosen_gateway() -> PaymentGateway:
    """The first gateway of the list. Raises `ImproperlyConfigured` where there is none."""
    found = gateways()
    if not found:
        raise ImproperlyConfigured("UPHELD_GATEWAY names no gateway that this store knows.")
    return found[0]
