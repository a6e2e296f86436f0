"""Staff members."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from upheld.promises.purpose.record_reveal import Viewer
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

    @property
    def viewer(self) -> Viewer:
        """As the record of a look names who looked."""
        return Viewer(number=self.pk, role=self.get_role_display())

    def may(self, right: Right) -> bool:
        """Whether the member's role has this right."""
        return self.active and may(self.role, right)
