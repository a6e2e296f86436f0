"""`python -m bench.accounts COUNT`: so many customers, known0@example.com and on."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime

import django

PASSWORD = "a calm heron at dusk"  # noqa: S105 - of people who do not exist


def address(number: int) -> str:
    """Of one of them."""
    return f"known{number}@example.com"


def open_accounts(numbers: Iterable[int]) -> None:
    """As if each had typed the code of their letter, with one password for all of them."""
    from allauth.account.models import EmailAddress  # noqa: PLC0415 - models come after set-up
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415 - as above
    from django.db import transaction  # noqa: PLC0415 - as above

    from upheld.db import entry_point, purpose  # noqa: PLC0415 - as above
    from upheld_store.customers.models import Customer  # noqa: PLC0415 - as above

    digest, today = make_password(PASSWORD), datetime.now(UTC).date()
    with entry_point("route", "account_code"), purpose("manage_account"), transaction.atomic():
        for number in numbers:
            customer = Customer.objects.make(today)
            EmailAddress.objects.create(
                user=customer, email=address(number), verified=True, primary=True
            )
            customer.password = digest
            customer.save()


if __name__ == "__main__":
    django.setup()
    open_accounts(range(int(sys.argv[1])))
