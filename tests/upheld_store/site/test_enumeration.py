"""No form tells whether an address is known: not by its answer, not by what comes after it, not by
the number of things done, not by what waits to be mailed. How long they take is `make bench`'s."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.upheld_store.account import PASSWORD, Visitor
from tests.upheld_store.staff.desk import EMAIL as KNOWN
from tests.upheld_store.staff.desk import an_order
from upheld.jobs.models import Job
from upheld.promises.mail.models import OutboxMail
from upheld_store.customers import views
from upheld_store.customers.models import LetterAbout

pytestmark = pytest.mark.django_db

UNKNOWN = "ida.hidden@example.com"
UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")

SAVEPOINT = re.compile(r"\"s\d+_x\d+\"")


@dataclass(frozen=True)
class Seen:
    """Everything that somebody at the other end of the wire can tell, and what the store did."""

    status: int
    location: str
    body: str
    headers: list[str]
    cookies: list[str]
    statements: list[str]
    mails: list[str]
    jobs: int


def masked(text: str, email: str) -> str:
    return UUID.sub("LETTER", text.replace(email, "EMAIL"))


def _kind(sql: str) -> str:
    """A statement without its values; savepoints are numbered."""
    return SAVEPOINT.sub("SAVEPOINT", " ".join(sql.split()[:3]))


def seen(email: str, ask: Callable[[str], Any]) -> Seen:
    """One answer, and the effects of the question."""
    mails, jobs = OutboxMail.objects.count(), Job.objects.count()
    with CaptureQueriesContext(connection) as captured:
        answer = ask(email)
    new = OutboxMail.objects.order_by("pk")[mails:]
    return Seen(
        status=answer.status_code,
        location=masked(answer.get("Location", ""), email),
        body=masked(answer.content.decode(), email),
        headers=sorted(answer.headers),
        cookies=sorted(answer.cookies),
        statements=[_kind(query["sql"]) for query in captured],
        mails=[mail.kind for mail in new],
        jobs=Job.objects.count() - jobs,
    )


@pytest.fixture(autouse=True)
def _known() -> None:
    """Ada has an account and an order, and every page was asked for once before."""
    Visitor().register(KNOWN)
    an_order()
    for form in FORMS.values():
        form("warm.up@example.com")


def _signed_in() -> Visitor:
    visitor = Visitor()
    visitor.register(f"eve.{OutboxMail.objects.count()}@example.com")
    again = visitor.client.get("/account/profile/address/")["Location"]
    visitor.client.post(again, {"password": PASSWORD})
    return visitor


def _sign_in(email: str) -> Any:
    return Visitor().sign_in(email, "not the password")


def _register(email: str) -> Any:
    return Visitor().ask(email)


def _reset(email: str) -> Any:
    return Visitor().client.post("/account/password/reset/", {"email": email})


def _find_orders(email: str) -> Any:
    return Visitor().client.post("/orders/find/", {"email": email})


FORMS: dict[str, Callable[[str], Any]] = {
    "sign_in": _sign_in,
    "register": _register,
    "reset": _reset,
    "find_orders": _find_orders,
}


@pytest.mark.parametrize("form", FORMS)
def test_known_and_unknown_look_alike(form: str) -> None:
    assert seen(KNOWN, FORMS[form]) == seen(UNKNOWN, FORMS[form])


def test_another_address_for_an_account_looks_alike() -> None:
    eve = _signed_in()

    def change(email: str) -> Any:
        return eve.client.post("/account/profile/address/", {"email": email})

    change("warm.up@example.com")
    assert seen(KNOWN, change) == seen(UNKNOWN, change)


@pytest.mark.parametrize("form", ["register", "reset"])
def test_the_page_after_it_looks_alike(form: str) -> None:
    """The page that takes the code, and what it says to a wrong one."""
    pages = []
    for email in (KNOWN, UNKNOWN):
        page, visitor = FORMS[form](email)["Location"], Visitor()
        shown = visitor.client.get(page)
        tried = visitor.client.post(page, {"code": "00000000", "password": PASSWORD})
        pages.append([(a.status_code, masked(a.content.decode(), email)) for a in (shown, tried)])
    assert pages[0] == pages[1]


def test_a_checkout_looks_alike() -> None:
    """Its address is never looked up: the form comes back the same."""
    form = {"name": "", "shown": "x"}
    assert seen(KNOWN, lambda e: Visitor().client.post("/checkout/", {**form, "email": e})) == seen(
        UNKNOWN, lambda e: Visitor().client.post("/checkout/", {**form, "email": e})
    )


def test_the_comparison_sees_a_letter_that_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a reset that writes to known addresses alone is told apart."""
    write = views.write_letter

    def only_if_known(about: LetterAbout, email: str, *args: Any, **options: Any) -> Any:
        letter = write(about, email, *args, **options)
        if email != KNOWN:
            OutboxMail.objects.filter(ground_key=str(letter.pk)).delete()
        return letter

    monkeypatch.setattr(views, "write_letter", only_if_known)
    assert seen(KNOWN, _reset) != seen(UNKNOWN, _reset)


def test_the_comparison_sees_a_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a sign-in that skips the digest's look-up for an unknown address."""
    from upheld_store.customers import backend

    class NoCredential:
        objects = backend.Credential.objects.none()

    def ask(email: str) -> Any:
        if email != KNOWN:
            monkeypatch.setattr(backend, "Credential", NoCredential)
        return _sign_in(email)

    assert seen(KNOWN, ask) != seen(UNKNOWN, ask)
