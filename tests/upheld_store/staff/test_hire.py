"""How someone comes to work here: `create-owner`, the page Team, and the link that is good once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from tests.upheld_store.staff.desk import NOW, OWN, member
from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld_store.customers.models import Credential, Customer
from upheld_store.site.command_line import build_parser
from upheld_store.site.verbs import run
from upheld_store.staff.hire import Hired, StaffRefused, hire
from upheld_store.staff.models import StaffMember

pytestmark = pytest.mark.django_db

PASSWORD = "heron on a moonlit pond"


def hired(email: str = "owner@example.com", role: str = "owner") -> Hired:
    with entry_point("command", "create-owner"):
        return hire(email, role, NOW)


def newcomer(path: str) -> Client:
    """A browser that has opened this link and answered the age question, which comes first."""
    client = Client(**OWN)
    first = client.get(path)
    assert b'name="birth_year"' in first.content and b'name="password"' not in first.content
    assert client.post(path, {"birth_year": "1990"}).status_code == 303
    return client


def create_owner(email: str) -> int:
    return run(build_parser().parse_args(["create-owner", email]))


def test_the_command_prints_a_link_that_sets_the_password_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert create_owner("Owner@Example.com") == 0
    said = capsys.readouterr().out
    link = re.search(r"http://127\.0\.0\.1:8000(/staff/welcome/\S+/)", said)
    assert link and "owner@example.com" not in said
    client = newcomer(link[1])
    assert client.get(link[1]).status_code == 200
    weak = client.post(link[1], {"password": "password12"})
    assert weak.status_code == 400 and b"too common" in weak.content
    assert client.post(link[1], {"password": PASSWORD}).status_code == 302
    for answer in (client.get(link[1]), client.post(link[1], {"password": "another long one"})):
        assert answer.status_code == 404
    account = StaffMember.objects.get(role="owner").customer
    with purpose_for_test("manage_account"):
        assert Customer.objects.get(pk=account.pk).check_password(PASSWORD)
    assert create_owner("owner@example.com") == 0
    assert "has a password already" in capsys.readouterr().out


def test_a_child_gets_no_account() -> None:
    path = hired().welcome_path
    child = Client(**OWN)
    assert child.post(path, {"birth_year": str(NOW.year - 9)}).status_code == 403
    assert child.post(path, {"password": PASSWORD}).status_code == 403
    with purpose_for_test("manage_account"):
        assert not Credential.objects.exists()


def test_a_forged_or_old_link_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    path = hired().welcome_path
    client = newcomer(path)
    for forged in (
        path[:-2] + "/",
        "/staff/welcome/1-x/",
        "/staff/welcome/-/",
        "/staff/welcome/é/",
    ):
        assert client.get(forged).status_code == 404
    module = "django.contrib.auth.tokens.PasswordResetTokenGenerator._now"
    later = NOW.replace(tzinfo=None) + timedelta(days=3650)
    monkeypatch.setattr(module, lambda self: later)
    assert client.get(path).status_code == 404


def test_an_address_that_nobody_verified_lets_no_one_in() -> None:
    from allauth.account.models import EmailAddress

    with purpose_for_test("manage_account"):
        squatter = Customer.objects.make(NOW.date())
        EmailAddress.objects.create(user=squatter, email="owner@example.com", verified=False)
    assert hired().member.customer_id != squatter.pk


def test_a_verified_account_keeps_its_password() -> None:
    from allauth.account.models import EmailAddress

    with purpose_for_test("manage_account"):
        known = Customer.objects.make(NOW.date())
        EmailAddress.objects.create(user=known, email="owner@example.com", verified=True)
        Credential.objects.create(customer=known, password="digest")
    made = hired()
    assert made.member.customer_id == known.pk and made.welcome_path == ""
    known.refresh_from_db()
    assert known.is_staff


def test_what_is_no_address_or_another_role_is_refused() -> None:
    with pytest.raises(StaffRefused, match="looks like"):
        hired("not an address")
    hired()
    with pytest.raises(StaffRefused, match="already"):
        hired(role="sales")


def test_the_owner_adds_and_changes_members() -> None:
    _, owner = member("owner")
    page = owner.post("/staff/team/", {"email": "new@example.com", "role": "support"})
    link = re.search(r"/staff/welcome/[\w-]+/", page.content.decode())
    assert page.status_code == 200 and link
    assert link[0] not in owner.get("/staff/team/").content.decode()
    assert b"new@example.com" not in page.content
    new = StaffMember.objects.get(role="support")
    answer = owner.post(f"/staff/team/{new.pk}/", {"role": "sales", "active": "on"})
    assert answer.status_code == 303
    new.refresh_from_db()
    assert new.role == "sales"
    owner.post(f"/staff/team/{new.pk}/", {"role": "sales"})
    new.refresh_from_db()
    assert not new.active and newcomer(link[0]).get(link[0]).status_code == 404


def test_the_last_owner_stays() -> None:
    row, owner = member("owner")
    for form in ({"role": "sales", "active": "on"}, {"role": "owner"}):
        answer = owner.post(f"/staff/team/{row.pk}/", form)
        assert answer.status_code == 400 and b"owner first" in answer.content
    row.refresh_from_db()
    assert row.active and row.role == "owner"
