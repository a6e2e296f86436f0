"""The two accounts of the demo, one of the house and one of a customer. Their secrets are derived
from a key of this demo's own, so that none stands in the program and each start prints the same."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import django

django.setup()

# Models exist only after the line above.
from allauth.account.models import EmailAddress  # noqa: E402
from allauth.mfa.models import Authenticator  # noqa: E402
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: E402
from allauth.mfa.totp.internal.auth import TOTP  # noqa: E402

from upheld.db import entry_point, for_purpose  # noqa: E402
from upheld.vault import lasting_key  # noqa: E402
from upheld_store.customers.edit_profile import edit_profile  # noqa: E402
from upheld_store.customers.models import Customer  # noqa: E402
from upheld_store.staff.hire import hire, set_first_password  # noqa: E402
from upheld_store.staff.roles import Role  # noqa: E402

OWNER, CUSTOMER = "owner@example.com", "ada@example.com"


def demo_logins(now: datetime) -> str:
    """Makes what is missing of the two accounts, and returns the lines that say how to sign in."""
    with entry_point("command", "demo"):
        owner, customer = _owner(now), _customer(now)
        code = _code_of(owner)
    return (
        f"  Sign in as customer {customer}   password {_password(customer)}\n"
        f"  Sign in as owner    {OWNER}   password {_password(OWNER)}\n"
        f"    second factor     authenticator secret {_app_secret()}, or once the code {code}"
    )


@for_purpose("manage_account")
def _owner(now: datetime) -> Customer:
    address = EmailAddress.objects.filter(email=OWNER).first()
    if address is not None:
        return Customer.objects.get(pk=address.user_id)
    owner = hire(OWNER, Role.OWNER, now).member.customer
    set_first_password(owner, _password(OWNER))
    TOTP.activate(owner, _app_secret())
    RecoveryCodes.activate(owner)
    return owner


@for_purpose("manage_account")
def _customer(now: datetime) -> str:
    if not EmailAddress.objects.filter(email=CUSTOMER).exists():
        customer = Customer.objects.make(now.date())
        EmailAddress.objects.create(user=customer, email=CUSTOMER, verified=True, primary=True)
        set_first_password(customer, _password(CUSTOMER))
        edit_profile(customer, "Ada Example", "")
    return CUSTOMER


@for_purpose("manage_account")
def _code_of(owner: Customer) -> str:
    held = Authenticator.objects.filter(user=owner, type=Authenticator.Type.RECOVERY_CODES).first()
    unused = RecoveryCodes(held).get_unused_codes() if held else []
    return unused[0] if unused else "(all are used)"


def _password(email: str) -> str:
    return base64.b32encode(_derived(f"password of {email}"))[:12].decode().lower()


def _app_secret() -> str:
    return base64.b32encode(_derived("authenticator")).decode()


def _derived(what: str) -> bytes:
    key = lasting_key("practice_gateway")
    return hmac.new(key, f"demo, {what}".encode(), hashlib.sha1).digest()


if __name__ == "__main__":
    print(demo_logins(datetime.now(UTC)))
