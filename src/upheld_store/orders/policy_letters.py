"""Act, and its mail: whoever has an account or bought something is told of a material change of
the policy, before it takes effect, once an address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.urls import reverse

from upheld.db import for_purpose
from upheld.jobs import own_transactions
from upheld.policy.facts import plain, spoken_date
from upheld.promises import mail
from upheld.promises.mail import Content
from upheld.promises.notice.models import PolicyLetter, PolicyVersion
from upheld_store.customers.models import Customer
from upheld_store.orders.models import Order, OrderContact

KIND = "policy_change"
_BATCH = 200


@dataclass(frozen=True, slots=True)
class _Told:
    """One person to be told: subject, and the contract that is the letter's ground."""

    subject: UUID
    ground: mail.Contract


@own_transactions
@for_purpose("tell_changes")
def mail_policy_changes(now: datetime) -> int:
    """Queue the letters of every version that is material, has its day and was not told yet. A
    run that was killed goes on where it stopped. Returns how many letters."""
    queued = 0
    waiting = PolicyVersion.objects.filter(told_at=None, revoked_at=None)
    for row in waiting.exclude(in_force_from=None).order_by("version"):
        if row.is_material:
            queued += _tell(row, now)
        PolicyVersion.objects.filter(pk=row.pk).update(told_at=now)
    return queued


@for_purpose("tell_changes")
def render_policy_change(key: str, now: datetime) -> Content:
    """The letter to the account or the order with this key: a customer's is a number, an order's
    a UUID. Raises `ObjectDoesNotExist`, and no letter leaves, where the version was taken back."""
    row = _newest_told()
    changes = [c for c in row.read_changes() if c["looser"] or c["material"]]
    begins_on = max(row.effective, row.in_force_from or row.effective)
    context = {
        "version": row.version,
        "begins_on": begins_on,
        "changes": [(plain(change["words"]), change["looser"]) for change in changes],
        "url": settings.UPHELD_ORIGIN + reverse("upheld:changes"),
    }
    day = spoken_date(begins_on.isoformat())
    return Content(
        to=_address(key),
        subject=f"Our privacy policy changes on {day}",
        text=render_to_string("orders/policy_change.txt", context),
        html=render_to_string("orders/policy_change.html", context),
    )


def _newest_told() -> PolicyVersion:
    alive = PolicyVersion.objects.filter(revoked_at=None).exclude(in_force_from=None)
    for row in alive.order_by("-version"):
        if row.is_material:
            return row
    raise PolicyVersion.DoesNotExist


def _address(key: str) -> str:
    if not key.isdigit():
        return str(OrderContact.objects.values_list("email", flat=True).get(pk=UUID(key)))
    held = EmailAddress.objects.filter(user_id=int(key), verified=True)
    found = held.order_by("-primary", "pk").values_list("email", flat=True).first()
    if found is None:
        raise EmailAddress.DoesNotExist
    return str(found)


def _tell(row: PolicyVersion, now: datetime) -> int:
    told = set(PolicyLetter.objects.filter(version=row).values_list("subject_id", flat=True))
    queued = 0
    people = [person for person in _people(row) if person.subject not in told]
    for start in range(0, len(people), _BATCH):
        batch = people[start : start + _BATCH]
        with transaction.atomic():
            PolicyLetter.objects.bulk_create(
                [PolicyLetter(version=row, subject_id=person.subject) for person in batch]
            )
            for person in batch:
                mail.compose(KIND, subject=person.subject, ground=person.ground, now=now).queue()
        queued += len(batch)
    return queued


def _people(row: PolicyVersion) -> Iterator[_Told]:
    """Accounts by their verified address; then, of each address without an account, its newest
    order before the version was posted, so that a second run chooses the same one."""
    accounts = dict(
        EmailAddress.objects.filter(verified=True).values_list(Lower("email"), "user_id")
    )
    subjects = Customer.objects.filter(pk__in=set(accounts.values()), is_active=True)
    for pk, subject in subjects.order_by("pk").values_list("pk", "subject_id"):
        yield _Told(subject, mail.Contract("store_customers_customer", str(pk)))
    placed = OrderContact.objects.filter(order__placed_at__lte=row.published_at)
    newest = placed.order_by().values(address=Lower("email")).annotate(at=Max("order__placed_at"))
    wanted = {each["address"]: each["at"] for each in newest if each["address"] not in accounts}
    for address, at in sorted(wanted.items()):
        found = Order.objects.filter(contact__email__iexact=address, placed_at=at)
        order = found.order_by("pk").values_list("pk", "subject_id").first()
        if order is not None:
            yield _Told(order[1], mail.Contract("store_orders_order", str(order[0])))
