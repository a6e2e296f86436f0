"""What others have yet to erase, and what a person says of it."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from tests.upheld_store.staff.desk import EMAIL, an_order, member
from upheld.promises.erasure.models import Erasure, Redaction, RedactionState

pytestmark = pytest.mark.django_db


def waiting(state: str = RedactionState.BY_HAND) -> tuple[Redaction, str]:
    order, now = an_order(), timezone.now()
    erasure = Erasure.ask(None, now, now)
    redaction = Redaction.objects.create(
        erasure=erasure,
        subject_id=order.subject_id,
        recipient="gateway",
        state=state,
        asked_at=now,
    )
    return redaction, order.number


@pytest.mark.parametrize(
    ("button", "state"),
    [("confirmed", RedactionState.CONFIRMED), ("must_keep", RedactionState.MUST_KEEP)],
)
def test_a_person_says_what_was_heard(button: str, state: str) -> None:
    redaction, number = waiting()
    _, officer = member("privacy_officer")
    page = officer.get("/staff/erasures/").content.decode()
    assert number in page and "by hand" in page and EMAIL not in page
    path = f"/staff/erasures/{redaction.pk}/"
    assert officer.post(path, {button: ""}).status_code == 303
    redaction.refresh_from_db()
    assert redaction.state == state and redaction.settled_at
    assert number not in officer.get("/staff/erasures/").content.decode()
    officer.post(path, {"must_keep" if button == "confirmed" else "confirmed": ""})
    redaction.refresh_from_db()
    assert redaction.state == state, "what is settled stays settled"


def test_only_who_may_settle_may_settle() -> None:
    redaction, _ = waiting()
    for role in ("sales", "support"):
        _, someone = member(role)
        assert someone.get("/staff/erasures/").status_code == 403
        assert someone.post(f"/staff/erasures/{redaction.pk}/").status_code == 403
    _, owner = member("owner")
    assert owner.post(f"/staff/erasures/{uuid.uuid4()}/").status_code == 404
