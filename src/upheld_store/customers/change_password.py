"""Act: a new password. Whoever was signed in with the old one no longer is."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from upheld.db import for_purpose
from upheld_store.customers.models import (
    AccountLetter,
    Customer,
    LetterAbout,
    LetterDetail,
    SignIn,
)
from upheld_store.customers.write_letter import write_letter


@for_purpose("manage_account")
def change_password(customer: Customer, password: str, now: datetime) -> None:
    """Set it, end every session of this person and send word of it. Whoever is to stay signed in
    is signed in anew by the caller."""
    with transaction.atomic():
        customer.set_password(password)
        customer.save()
        SignIn.objects.filter(customer=customer).delete()
        email = EmailAddress.objects.get(user=customer, primary=True).email
        write_letter(LetterAbout.PASSWORD_CHANGED, email, now, customer=customer)


@for_purpose("manage_account")
def reset_password(letter: AccountLetter, code: str, password: str, now: datetime) -> bool:
    """The same for whoever typed the code from the letter. False where the code is not right."""
    if letter.about != LetterAbout.RESET or not letter.redeem(code, now):
        return False
    email = LetterDetail.objects.get(pk=letter.pk).email
    known = EmailAddress.objects.select_related("user").filter(email=email, verified=True).first()
    if known is None:
        return False
    change_password(known.user, password, now)
    return True
