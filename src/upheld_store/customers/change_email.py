"""Act: another address, once it is shown to be the person's own."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from upheld.db import for_purpose
from upheld_store.customers.models import AccountLetter, Customer, LetterAbout, LetterDetail
from upheld_store.customers.write_letter import write_letter


@for_purpose("manage_account")
def change_email(customer: Customer, letter: AccountLetter, code: str, now: datetime) -> bool:
    """Whether the address is changed now. The old one gets word of it. A letter of another's, a
    wrong code and an address that has an account look alike."""
    if letter.customer_id != customer.pk or not letter.redeem(code, now):
        return False
    detail = LetterDetail.objects.get(pk=letter.pk)
    address = EmailAddress.objects.get(user=customer, primary=True)
    old, address.email = address.email, detail.email
    try:
        with transaction.atomic():
            address.save(update_fields=["email"])
            detail.delete()
            write_letter(LetterAbout.EMAIL_CHANGED, old, now, customer=customer)
    except IntegrityError:
        return False
    return True
