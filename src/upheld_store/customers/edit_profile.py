"""Act: what a customer tells of themselves, as they now want it."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from upheld.db import for_purpose
from upheld_store.customers.models import Customer, CustomerProfile


@for_purpose("manage_account")
def edit_profile(customer: Customer, name: str, phone: str) -> None:
    """Name and phone number; empty takes them away."""
    CustomerProfile.objects.update_or_create(
        customer=customer, defaults={"name": name, "phone": phone}
    )


@for_purpose("manage_account")
def profile_of(customer: Customer) -> dict[str, str]:
    """Address, name and phone number as they stand."""
    profile = CustomerProfile.objects.filter(customer=customer).first() or CustomerProfile()
    email = EmailAddress.objects.filter(user=customer, primary=True).first()
    return {
        "email": email.email if email else "",
        "name": profile.name,
        "phone": profile.phone,
    }
