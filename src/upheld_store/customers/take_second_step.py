"""Act: a person who has lost device and recovery codes signs in with the password alone again."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from upheld.db import for_purpose
from upheld_store.customers.models import Customer, LetterAbout, SignIn
from upheld_store.customers.write_letter import write_letter


@for_purpose("manage_account")
def take_second_step(customer: Customer, now: datetime) -> None:
    """Passkeys, authenticator app and recovery codes go, every session ends, and word of it is
    sent, so that the person learns of it where somebody else had asked."""
    with transaction.atomic():
        Authenticator.objects.filter(user=customer).delete()
        SignIn.objects.filter(customer=customer).delete()
        address = EmailAddress.objects.filter(user=customer, primary=True).first()
        if address is not None:
            write_letter(LetterAbout.FACTOR_CHANGED, address.email, now, customer=customer)
