"""Act: a letter to the address of an account, or to one that may become such."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from upheld.db import for_purpose
from upheld.promises import mail
from upheld_store.customers.models import AccountLetter, Customer, LetterAbout, LetterDetail

TABLE = "store_customers_letter"
WITH_CODE = frozenset({LetterAbout.REGISTER, LetterAbout.RESET, LetterAbout.CHANGE_EMAIL})


@for_purpose("manage_account")
def write_letter(
    about: LetterAbout,
    email: str,
    now: datetime,
    *,
    customer: Customer | None = None,
    digest: str = "",
) -> AccountLetter:
    """Store the letter and queue its mail. Whether the address is known is not looked up here
    but when the mail is written, so the page that asks does the same for every address."""
    letter = AccountLetter(
        subject_id=customer.subject_id if customer else uuid.uuid4(),
        customer=customer,
        about=about,
        made_at=now,
    )
    with transaction.atomic():
        letter.save(force_insert=True)
        detail = LetterDetail(letter=letter, email=email.lower(), password=digest)
        detail.save(force_insert=True)
        ground = mail.Contract(TABLE, str(letter.pk))
        kind = "account_code" if about in WITH_CODE else "account_notice"
        mail.compose(kind, subject=letter.subject_id, ground=ground, now=now).queue()
    return letter
