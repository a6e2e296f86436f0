"""Staff members, and the record of each time one of them looked at a buyer's contact."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from upheld_store.orders.models import Order
from upheld_store.staff.roles import Right, Role, may


class StaffMemberQuerySet(models.QuerySet["StaffMember"]):
    def working(self, customer_id: int) -> StaffMember | None:
        """The member who signs in with this account and still works here, or None."""
        return self.filter(customer_id=customer_id, active=True).first()


class StaffMember(models.Model):
    """An account that works here, in one role. Never deleted: what a member did stays signed by
    the member's number."""

    customer = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="staff_member"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    active = models.BooleanField(default=True)
    since = models.DateField()

    objects: ClassVar[models.Manager[StaffMember]] = StaffMemberQuerySet.as_manager()

    class Meta:
        db_table = "store_staff_member"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"staff {self.pk}"

    def may(self, right: Right) -> bool:
        """Whether the member's role has this right."""
        return self.active and may(self.role, right)


class RevealQuerySet(models.QuerySet["Reveal"]):
    def of_order(self, order: Order) -> list[Reveal]:
        """Who looked at this order's contact, newest first, without the reasons."""
        return list(self.filter(order=order).defer("reason").order_by("-pk"))


class Reveal(models.Model):
    """A staff member looked at the contact of an order: which fields, for which purpose, and in
    the member's own words why. The buyer may see that it happened."""

    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="reveals")
    order = models.ForeignKey(Order, models.CASCADE, related_name="reveals")
    fields = models.CharField(max_length=200)
    purpose = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(db_index=True)

    objects: ClassVar[models.Manager[Reveal]] = RevealQuerySet.as_manager()

    class Meta:
        db_table = "store_staff_reveal"

    def __str__(self) -> str:
        return f"reveal {self.pk}"
