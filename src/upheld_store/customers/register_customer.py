"""Act: whoever typed the code from the letter has an account."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from upheld.db import for_purpose
from upheld_store.customers.models import AccountLetter, Customer, LetterDetail


@for_purpose("manage_account")
def register_customer(letter: AccountLetter, code: str, now: datetime) -> Customer | None:
    """The new customer, or None: a wrong code, one that is used up, and an address that has an
    account by now look alike. Nothing of an account exists before the address is shown to be
    the person's own, so nobody can wait in it for its owner."""
    if not letter.redeem(code, now):
        return None
    detail = LetterDetail.objects.get(pk=letter.pk)
    try:
        with transaction.atomic():
            customer = Customer.objects.make(now.date())
            EmailAddress.objects.create(
                user=customer, email=detail.email, verified=True, primary=True
            )
            customer.password = detail.password
            customer.save()
            detail.delete()
    except IntegrityError:
        return None
    return customer
