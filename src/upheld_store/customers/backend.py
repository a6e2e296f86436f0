"""Who signs in, and who a session belongs to."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from upheld.db import for_purpose
from upheld.promises.transport.visits import is_own_visit
from upheld_store.customers.models import Credential, Customer
from upheld_store.customers.sessions import PURPOSE


class CustomerBackend(ModelBackend):
    """Sign-in by verified address and password, in the same steps for one that nobody has."""

    @for_purpose("manage_account")
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> Customer | None:
        """The customer, or None. Known or not, two statements and one digest are computed."""
        email = credentials.get("email") or username
        if not email or not password:
            return None
        owner = (
            EmailAddress.objects.filter(email=email.lower(), verified=True)
            .values_list("user_id", flat=True)
            .first()
        )
        held = Credential.objects.select_related("customer").filter(customer_id=owner).first()
        if held is None:
            if not is_own_visit(request):
                make_password(password)
            return None
        customer = held.customer
        customer.hold(held.password)
        if not customer.check_password(password):
            return None
        return customer if self.user_can_authenticate(customer) else None

    @for_purpose(PURPOSE)
    def get_user(self, user_id: int) -> Customer | None:
        """The session's customer, with the password's digest at hand: Django compares it with
        the session's when nothing may be read any more."""
        customer = (
            Customer.objects.select_related("credential").filter(pk=user_id, is_active=True).first()
        )
        if customer is not None:
            customer.hold(_digest_of(customer))
        return customer


def _digest_of(customer: Customer) -> str:
    try:
        return customer.credential.password
    except Credential.DoesNotExist:
        return ""
