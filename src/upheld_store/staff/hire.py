"""Acts: make someone a member of the staff, change what a member does, set the first password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.http import base36_to_int, int_to_base36

from upheld.db import for_purpose
from upheld.policy.errors import ActRefused
from upheld_store.customers.models import Credential, Customer
from upheld_store.staff.models import StaffMember
from upheld_store.staff.roles import Role


class StaffRefused(ActRefused):
    """This cannot be done to this member; the message names the way out."""


@dataclass(frozen=True, slots=True)
class Hired:
    """A member, and the path of the page where the first password is set; '' where the account
    has one already."""

    member: StaffMember
    welcome_path: str


@for_purpose("manage_account")
def hire(email: str, role: str, now: datetime) -> Hired:
    """Whoever has this verified address works here from now on, in this role; a new account is
    made where nobody has it. The same again gives a new link. Raises `StaffRefused`."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise StaffRefused("This is no e-mail address. It looks like name@example.com.") from error
    with transaction.atomic():
        # An unverified address is anyone's: its account must not get in.
        held = EmailAddress.objects.filter(email=email, verified=True).first()
        account = Customer.objects.get(pk=held.user_id) if held else _new_account(email, now)
        member = StaffMember.objects.filter(customer=account).first()
        if member is None:
            member = StaffMember.objects.create(customer=account, role=role, since=now.date())
        elif not member.active or member.role != role:
            raise StaffRefused(
                f"This account is {member} already, {member.get_role_display()}. "
                "Change the role on the page Team."
            )
        if not account.is_staff:
            account.is_staff = True
            account.save(update_fields=["is_staff"])
        has_password = Credential.objects.filter(customer=account).exists()
    return Hired(member, "" if has_password else _welcome_path(account))


def _new_account(email: str, now: datetime) -> Customer:
    account = Customer.objects.make(now.date(), is_staff=True)
    EmailAddress.objects.create(user=account, email=email, verified=True, primary=True)
    return account


def _welcome_path(account: Customer) -> str:
    # The token is spent by the password that it sets, and ends by itself after a few days.
    token = default_token_generator.make_token(account)
    return f"/staff/welcome/{int_to_base36(account.pk)}-{token}/"


def welcome_url(path: str) -> str:
    """The address that a new member opens, on the staff pages' own origin where there is one."""
    return (settings.UPHELD_STAFF_ORIGIN or settings.UPHELD_ORIGIN) + path


@for_purpose("manage_account")
def welcomed(token: str) -> Customer | None:
    """The account whose unspent link this is, or None."""
    number, _, secret = token.partition("-")
    try:
        key = base36_to_int(number)
    except ValueError:
        return None
    working = StaffMember.objects.filter(active=True, customer_id=key).select_related("customer")
    member = working.first()
    if member is None or not default_token_generator.check_token(member.customer, secret):
        return None
    return member.customer


@for_purpose("manage_account")
def set_first_password(account: Customer, password: str) -> None:
    """Raises `ValidationError` in plain words for a password that is too easy to guess."""
    validate_password(password, account)
    account.set_password(password)
    account.save()  # the digest stands beside the row


def change_member(member_id: int, role: str, *, active: bool) -> None:
    """A member's new role, or the end of the work here. Raises `StaffRefused` where no owner
    would be left."""
    with transaction.atomic():
        owners = StaffMember.objects.select_for_update().filter(active=True, role=Role.OWNER)
        others = [owner for owner in owners if owner.pk != member_id]
        member = StaffMember.objects.filter(pk=member_id).first()
        if member is None or role not in Role.values:
            raise StaffRefused("There is no such member, or no such role.")
        if not others and not (active and role == Role.OWNER):
            raise StaffRefused("Nobody else is an owner. Make someone an owner first.")
        member.role, member.active = role, active
        member.save(update_fields=["role", "active"])
        Customer.objects.filter(pk=member.customer_id).update(is_staff=active)
