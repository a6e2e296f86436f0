"""An order, its lines, the buyer's contact beside it, and the links that open its page."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from upheld.db.insertion import insert
from upheld.db.prepared import Asked, Prepared, PreparedChange
from upheld.vault import lasting_key
from upheld_store.cart.quote import Quote
from upheld_store.customers.models import Customer

# Crockford's base 32: no letter that can be taken for a digit.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def order_number(seed: bytes) -> str:
    """Ten random symbols (50 bits): tells neither how many orders there are nor when."""
    symbols = "".join(_ALPHABET[byte % 32] for byte in seed[:10])
    return f"{symbols[:5]}-{symbols[5:]}"


FIRST_SERIAL = 1


class OrderState(models.TextChoices):
    """Where an order stands; the words are the contract's."""

    AWAITING_PAYMENT = "awaiting_payment", "awaiting payment"
    PAID = "paid", "paid"
    REVIEW = "review", "being looked at"
    REFUNDED = "refunded", "refunded"
    CANCELED = "canceled", "canceled"


class OrderQuerySet(models.QuerySet["Order"]):
    def of_cart(self, cart_digest: str, quote_digest: str) -> Order | None:
        """The order that this cart became at this quote, or None."""
        return self.filter(cart_digest=cart_digest, quote_digest=quote_digest).first()

    def by_token(self, token: str) -> Order | None:
        """The order whose link carries this token, or None."""
        return self.filter(links__token_digest=digest_of(token)).first()

    def newest_of(self, email: str) -> uuid.UUID | None:
        """The id of the newest order placed under this address, or None."""
        return self._placed_by(email).values_list("pk", flat=True).first()

    def to_be_mailed(self, email: str, most: int) -> list[Order]:
        """The newest orders under this address that money or a free product stands behind, each
        with its links."""
        known = self._placed_by(email).exclude(state=OrderState.AWAITING_PAYMENT)
        return list(known.prefetch_related("links")[:most])

    def of(self, customer: Customer) -> OrderQuerySet:
        """The customer's own orders, the newest first: pages of an account look nowhere else."""
        return self.filter(customer=customer).order_by("-placed_at")

    def placed_under(self, email: str) -> OrderQuerySet:
        """The orders of this exact address, the newest first."""
        return self._placed_by(email)

    def of_no_one_at(self, email: str) -> OrderQuerySet:
        """Orders under this address that belong to no account."""
        return self._placed_by(email).filter(customer=None).order_by()

    def _placed_by(self, email: str) -> OrderQuerySet:
        return self.filter(contact__email__iexact=email).order_by("-placed_at")


class Order(models.Model):
    """Facts of a sale. Who bought stands in `OrderContact`, so anything may join this table."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=16, unique=True)
    subject_id = models.UUIDField(db_index=True)
    # None for a guest's, until the guest has shown that the address is theirs.
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="orders"
    )
    cart_digest = models.CharField(max_length=64)
    # Names what the buyer was shown: lines, prices, currency, policy version.
    quote_digest = models.CharField(max_length=64)
    state = models.CharField(
        max_length=20, choices=OrderState.choices, default=OrderState.AWAITING_PAYMENT
    )
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    policy_version = models.PositiveIntegerField()
    placed_at = models.DateTimeField(db_index=True)
    paid_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Order]] = OrderQuerySet.as_manager()

    class Meta:
        db_table = "store_orders_order"
        constraints = [
            # One cart, as it was shown, becomes one order however often it is submitted. At
            # another price it is another order: nobody is charged a total they did not see.
            models.UniqueConstraint(
                fields=["cart_digest", "quote_digest"], name="store_order_one_per_cart"
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_paid(self) -> bool:
        """True while the buyer is entitled to what was bought."""
        return self.state == OrderState.PAID

    def mark_paid(self, now: datetime) -> bool:
        """Awaiting payment (or canceled, when the money came after all) → paid, once. What is
        under review, paid or refunded stays so. Returns whether this call did it."""
        changed = _MARK_PAID.run(pk=self.pk, now=now)
        if changed:
            self.state, self.paid_at = OrderState.PAID, now
        return bool(changed)

    def put_under_review(self) -> bool:
        """Money and order disagree: nothing is delivered until a person has looked."""
        changed = Order.objects.filter(pk=self.pk, state=OrderState.AWAITING_PAYMENT).update(
            state=OrderState.REVIEW
        )
        if changed:
            self.state = OrderState.REVIEW
        return bool(changed)

    def withhold(self) -> bool:
        """Paid → under review: what was bought cannot be handed over. Returns whether this call
        did it."""
        return self._go_on((OrderState.PAID,), OrderState.REVIEW)

    def cancel(self) -> bool:
        """Awaiting payment → canceled. Returns whether this call did it."""
        return self._go_on((OrderState.AWAITING_PAYMENT,), OrderState.CANCELED)

    def restore(self) -> bool:
        """Under review → paid: what was withheld is the buyer's again. Returns whether this call
        did it."""
        return self._go_on((OrderState.REVIEW,), OrderState.PAID)

    def mark_refunded(self) -> bool:
        """Paid or under review → refunded: nothing of the money is left, and with it goes what
        it had bought. Returns whether this call did it."""
        return self._go_on((OrderState.PAID, OrderState.REVIEW), OrderState.REFUNDED)

    def _go_on(self, begin: tuple[OrderState, ...], end: OrderState) -> bool:
        changed = Order.objects.filter(pk=self.pk, state__in=begin).update(state=end)
        if changed:
            self.state = end
        return bool(changed)

    def first_token(self) -> str:
        """The secret of the link that was made with the order: no look-up is needed, and it
        stays good when further links are mailed."""
        return OrderLink(order=self, serial=FIRST_SERIAL).token()

    def newest_token(self) -> str:
        """The secret of this order's newest link, computed anew: the database does not hold it."""
        return _NEWEST_LINK.all(order=self.pk)[0].token()

    def page_path(self, token: str) -> str:
        """Where the buyer sees this order."""
        return f"/orders/{token}/"


class OrderLine(models.Model):
    """One plan as it was bought; names and prices are copies, so later changes do not reach it."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    plan = models.ForeignKey("store_catalog.Plan", models.PROTECT, related_name="+")
    product_name = models.CharField(max_length=200)
    plan_name = models.CharField(max_length=200)
    unit_minor = models.BigIntegerField()
    quantity = models.PositiveIntegerField()
    licensed = models.BooleanField()
    # Where the keys of a licensed line come from; None where we make them.
    pool = models.ForeignKey("store_catalog.KeyPool", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "store_orders_orderline"

    def __str__(self) -> str:
        return f"{self.product_name}, {self.plan_name}"

    @classmethod
    def by_token(cls, token: str) -> list[OrderLine]:
        """The lines of the order whose link carries this token, each with its plan and the
        order; an empty list where there is none, because no order is without lines."""
        return _LINES_BY_TOKEN.all(digest=digest_of(token))

    @property
    def total_minor(self) -> int:
        """Unit price times quantity, in minor units."""
        return self.unit_minor * self.quantity


class OrderContact(models.Model):
    """Who bought: the one place of an order with personal columns."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="contact")
    email = models.EmailField(max_length=254, db_index=True)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "store_orders_ordercontact"

    def __str__(self) -> str:
        return str(self.order_id)


class OrderLink(models.Model):
    """A way to an order's page. The token is derived from a lasting key, so a stolen
    database alone opens nothing; its digest is all that is stored."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="links")
    serial = models.PositiveIntegerField()
    token_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "store_orders_orderlink"
        constraints = [
            models.UniqueConstraint(fields=["order", "serial"], name="store_orderlink_serial")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.serial}"

    @classmethod
    def make(cls, order: Order, serial: int, now: datetime) -> OrderLink:
        """A further link to the order; `serial` counts its links from 1."""
        link = cls(order=order, serial=serial, made_at=now)
        link.token_digest = digest_of(link.token())
        insert(link)
        return link

    def token(self) -> str:
        """256 bits, base64url."""
        message = f"{self.order_id}:{self.serial}".encode()
        mac = hmac.new(lasting_key("order_links"), message, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


_MARK_PAID = PreparedChange(
    lambda: Order.objects.filter(
        pk=Asked("pk"), state__in=(OrderState.AWAITING_PAYMENT, OrderState.CANCELED)
    ),
    state=OrderState.PAID,
    paid_at=Asked("now"),
)
_LINES_BY_TOKEN = Prepared(
    lambda: (
        OrderLine.objects.filter(order__links__token_digest=Asked("digest"))
        .select_related("order", "plan")
        .order_by("pk")
    )
)
_NEWEST_LINK = Prepared(
    lambda: OrderLink.objects.filter(order=Asked("order")).order_by("-serial")[:1]
)


def digest_of(token: str) -> str:
    """What is stored of a link's secret: enough to know it again, useless otherwise."""
    return hashlib.sha256(token.encode()).hexdigest()


def lines_of(order: Order, quote: Quote) -> Sequence[OrderLine]:
    """The order's lines as the quote names them, not yet stored."""
    return [
        OrderLine(
            order=order,
            plan=line.plan,
            product_name=line.plan.product.name,
            plan_name=line.plan.name,
            unit_minor=line.plan.price_minor,
            quantity=line.quantity,
            licensed=line.plan.licensed,
            pool_id=line.plan.pool_id,
        )
        for line in quote.lines
    ]


def page_url(token: str) -> str:
    """The order's page as mails name it: links come from the configured origin alone."""
    return f"{settings.UPHELD_ORIGIN}/orders/{token}/"
