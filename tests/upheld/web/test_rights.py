"""A guest's rights, by a mailed link."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.upheld.promises.erasure.conftest import bought, buyer, gateway, gateway_name, stock
from tests.upheld_store.account import Visitor
from tests.upheld_store.buyer import OWN
from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld.promises.access.mails import render_link
from upheld.promises.access.models import RightsLink
from upheld.promises.access.request import prune_links
from upheld.promises.erasure.models import Erasure
from upheld.promises.mail.models import OutboxMail, SentMail

__all__ = ["bought", "buyer", "gateway", "gateway_name", "stock"]
pytestmark = pytest.mark.django_db
Bought = Callable[[str], str]
PAGE = "/privacy/rights/"


@pytest.fixture
def guest() -> Client:
    cache.clear()
    return Client(**OWN)


def link_of(guest: Client, email: str) -> str:
    """The page from the letter."""
    assert guest.post(PAGE, {"email": email}).status_code == 200
    link = RightsLink.objects.latest("made_at")
    with purpose_for_test("answer_request"):
        letter = render_link(str(link.pk), datetime.now(UTC))
    assert letter.to.lower() == email.lower()
    found = re.search(r"http://127.0.0.1:8000(/privacy/rights/\S+)", letter.text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("headers", "honored"),
    [
        ({}, False),
        ({"HTTP_SEC_GPC": "1"}, True),
        ({"HTTP_DNT": "1"}, True),
        ({"HTTP_SEC_GPC": "0", "HTTP_DNT": "0"}, False),
        ({"HTTP_SEC_GPC": "true"}, False),
    ],
)
def test_the_signal_is_shown(guest: Client, headers: dict[str, str], honored: bool) -> None:
    page = guest.get(PAGE, **headers)  # type: ignore[arg-type]
    assert ("Opt-out signal honored" in page.content.decode()) == honored
    assert not page.cookies


def test_the_answer_is_the_same_for_every_address(guest: Client, bought: Bought) -> None:
    bought("ada@example.com")
    Visitor().register("eve@example.com")
    answers = [guest.post(PAGE, {"email": f"{n}@example.com"}) for n in ("ada", "eve", "no")]
    assert len({(a.status_code, a.content, str(a.headers)) for a in answers}) == 1
    assert RightsLink.objects.count() == OutboxMail.objects.filter(kind="rights_link").count() == 3


def test_the_same_statements_for_every_address(guest: Client, bought: Bought) -> None:
    bought("ada@example.com")
    counts = []
    for name in ("ada", "no", "ada", "no"):
        with CaptureQueriesContext(connection) as asked:
            guest.post(PAGE, {"email": f"{name}@example.com"})
        counts.append(len(asked))
    assert counts[2] == counts[3], counts


def test_a_letter_to_nobody_is_not_written(guest: Client) -> None:
    guest.post(PAGE, {"email": "no@example.com"})
    with purpose_for_test("answer_request"), pytest.raises(ObjectDoesNotExist):
        render_link(str(RightsLink.objects.get().pk), datetime.now(UTC))


def test_the_copy_and_the_erasure(guest: Client, bought: Bought) -> None:
    bought("ada@example.com")
    bought("Ada@Example.com")
    bought("eve@example.com")
    page = link_of(guest, "ada@example.com")
    assert "ada@example.com" not in guest.get(page).content.decode(), "nothing of anyone on it"
    answer = guest.post(f"{page}copy.json")
    found = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    text = json.dumps(found)
    assert "ada@example.com" in text and "Ada@Example.com" in text and "eve@" not in text
    shown = b"".join(guest.post(f"{page}copy/").streaming_content)  # type: ignore[attr-defined]
    assert b"ada@example.com" in shown
    gone = guest.post(f"{page}erase/")
    assert gone.status_code == 303
    assert guest.get(page).status_code == 404, "the link is used up"
    assert guest.post(f"{page}copy.json").status_code == 404
    receipt = guest.get(gone["Location"]).content.decode()
    assert "Take it back" in receipt and "ada@example.com" not in receipt
    assert guest.post(gone["Location"]).status_code == 303
    assert "Nothing is erased" in guest.get(gone["Location"]).content.decode()


def test_a_get_changes_nothing(guest: Client, bought: Bought) -> None:
    bought("ada@example.com")
    page = link_of(guest, "ada@example.com")
    for path in ("", "", "copy/", "copy.json", "erase/"):
        assert guest.get(f"{page}{path}").status_code in (200, 405)
    assert not Erasure.objects.exists()
    assert RightsLink.objects.get().used_at is None


def test_the_link_is_short_lived(guest: Client, bought: Bought) -> None:
    bought("ada@example.com")
    page = link_of(guest, "ada@example.com")
    RightsLink.objects.update(made_at=datetime.now(UTC) - timedelta(minutes=60))
    assert guest.get(page).status_code == 404
    assert guest.post(f"{page}copy.json").status_code == 404
    assert guest.get(f"{PAGE}not-a-token/").status_code == 404


def test_an_accounts_orders_are_no_guests(guest: Client, bought: Bought) -> None:
    bought("ada@example.com")
    Visitor().register("ada@example.com")  # joins the order
    guest.post(PAGE, {"email": "ada@example.com"})
    with purpose_for_test("answer_request"), pytest.raises(Exception, match="Nobody"):
        render_link(str(RightsLink.objects.get().pk), datetime.now(UTC))


def test_limits_hold_no_address(guest: Client, bought: Bought) -> None:
    answers = [guest.post(PAGE, {"email": "ada@example.com"}) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 400]
    assert b"a quarter of an hour" in answers[-1].content
    assert b'value="ada@example.com"' in answers[-1].content, "nothing typed is lost"
    assert guest.post(PAGE, {"email": "no@example.com"}).status_code == 200


def test_links_that_no_letter_carries_go(guest: Client, bought: Bought) -> None:
    guest.post(PAGE, {"email": "no@example.com"})
    guest.post(PAGE, {"email": "no2@example.com"})
    kept = RightsLink.objects.earliest("made_at")
    OutboxMail.objects.all().delete()
    SentMail.objects.create(
        kind="rights_link",
        subject_id=kept.subject_id,
        ground_kind="contract",
        ground_table="upheld_rights_link",
        ground_key=str(kept.pk),
        message_id="<x>",
        sent_at=datetime.now(UTC),
    )
    with entry_point("command", "keep"):
        assert prune_links(datetime.now(UTC)) == 0
        assert prune_links(datetime.now(UTC) + timedelta(days=2)) == 1
    assert RightsLink.objects.get() == kept
