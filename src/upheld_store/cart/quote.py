"""What the cart costs, computed from the catalog and from nothing the browser sends."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from upheld.db.prepared import Asked, Prepared
from upheld_store.cart.cart import Cart
from upheld_store.catalog.models import Plan


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line of a cart at today's price, in minor units."""

    plan: Plan
    quantity: int

    @property
    def total_minor(self) -> int:
        """Unit price times quantity, in minor units."""
        return self.plan.price_minor * self.quantity


@dataclass(frozen=True, slots=True)
class Quote:
    """The whole cart at today's prices."""

    lines: tuple[QuoteLine, ...]
    currency: str

    @property
    def total_minor(self) -> int:
        """Sum over the lines, in minor units."""
        return sum(line.total_minor for line in self.lines)

    def digest(self, policy_version: int) -> str:
        """Names exactly what a page showed: lines, prices, currency, policy version."""
        shown = [(line.plan.pk, line.plan.price_minor, line.quantity) for line in self.lines]
        text = f"{shown}|{self.total_minor}|{self.currency}|{policy_version}"
        return hashlib.sha256(text.encode()).hexdigest()


def quote(cart: Cart, currency: str) -> Quote:
    """Price the cart. Plans that are no longer sold, or not in this currency, drop out."""
    plans = {plan.pk: plan for plan in plans_on_sale(list(cart.lines), currency)}
    lines = tuple(
        QuoteLine(plans[plan_id], quantity)
        for plan_id, quantity in cart.lines.items()
        if plan_id in plans
    )
    return Quote(lines=lines, currency=currency)


def plans_on_sale(plan_ids: Sequence[int], currency: str) -> list[Plan]:
    """Those of these plans that a visitor may buy today, each with its product."""
    return _on_sale(len(plan_ids)).all(plan=plan_ids, currency=currency) if plan_ids else []


@functools.cache
def _on_sale(count: int) -> Prepared[Plan]:
    """So many plans; a cart holds few."""
    return Prepared(
        lambda: Plan.objects.on_sale(Asked("currency")).filter(Q(pk__in=Asked.each("plan", count)))
    )
