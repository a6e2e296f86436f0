"""The account of someone who works here stays, however long ago its last sign-in was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.upheld_store.staff.desk import NOW, account
from upheld.db import entry_point
from upheld.promises.retention.keep import preview
from upheld_store.customers.models import Customer

pytestmark = pytest.mark.django_db


def due() -> dict[str, int]:
    with entry_point("command", "keep"):
        return preview(NOW)


def test_a_staff_account_is_exempt_until_the_work_ends() -> None:
    someone = account()
    long_ago = (NOW - timedelta(days=2000)).date()
    mine = Customer.objects.filter(pk=someone.pk)
    mine.update(active_month=long_ago)
    assert due() == {}
    mine.update(is_staff=False)
    assert due() == {"mfa_authenticator": 1, "store_customers_credential": 1}
