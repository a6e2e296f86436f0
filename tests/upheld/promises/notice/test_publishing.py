"""P38: what is published is frozen and is what runs; what loosens waits for its second step; a file
that was edited by hand does not start."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta

import pytest

from tests.upheld.promises.notice.shop import Shop, noon
from upheld.ledger.models import LedgerEntry
from upheld.policy.errors import ActRefused
from upheld.promises.notice.models import PolicyVersion

DAY = date(2026, 11, 25)
LATER = DAY + timedelta(days=1)
WAITED = DAY + timedelta(days=7)

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(shop: Shop) -> Shop:
    """A shop whose version 1 is published."""
    shop.publish(DAY)
    return shop


def days_kept(shop: Shop, today: date) -> int:
    return shop.start(today).policy.retention.private_financial_days


def loosen(shop: Shop, version: int = 2, effective: date = LATER) -> None:
    shop.edit("= 60", "= 90")
    shop.raise_to(version, effective)


def events() -> list[str]:
    return list(LedgerEntry.objects.order_by("index").values_list("event", flat=True))


def test_the_first_version_needs_nobodys_leave(published: Shop) -> None:
    row = PolicyVersion.objects.get()
    assert (row.version, row.step, row.in_force_from) == (1, "none", date(2026, 11, 2))
    assert published.refusals(DAY) == []
    assert events() == ["PolicyPublished"]
    frozen = published.owner.policy / "published" / "1"
    assert (frozen / "policy.toml").read_bytes() == published.owner.policy_file.read_bytes()
    assert json.loads((frozen / "facts.json").read_text())["private_financial_days"] == 60


def test_publishing_twice_changes_nothing(published: Shop) -> None:
    again = published.publish(LATER)
    assert not again.is_new and events() == ["PolicyPublished"]


def test_an_edit_that_loosens_does_not_start_and_does_not_run(published: Shop) -> None:
    published.edit("= 60", "= 90")
    (refusal,) = published.refusals(DAY)
    assert refusal.clause == "P20" and refusal.line
    line = published.owner.policy_file.read_text("utf-8").split("\n")[refusal.line - 1]
    assert line == "private_financial_days = 90"
    assert "kept 90 days, was 60 days" in refusal.problem and "upheld publish" in refusal.remedy
    assert days_kept(published, DAY) == 60


def test_an_edit_without_a_new_number_does_not_start(published: Shop) -> None:
    published.edit("= 60", "= 30")
    (refusal,) = published.refusals(DAY)
    assert "edited since version 1" in refusal.problem and "30 days" in refusal.problem
    # Held to the stricter of the two all the same.
    assert days_kept(published, DAY) == 30


def test_before_anything_was_shown_an_edit_that_loosens_nothing_may_start(shop: Shop) -> None:
    shop.publish(DAY)
    PolicyVersion.objects.all().delete()  # the folder moved to an empty store
    shop.edit("= 60", "= 30")
    assert shop.refusals(DAY) == []
    shop.edit("= 30", "= 90")
    assert shop.refusals(DAY) != []


def test_a_number_that_is_not_published_does_not_start(published: Shop) -> None:
    published.raise_to(2, LATER)
    (refusal,) = published.refusals(DAY)
    assert "version 2 is not published yet" in refusal.problem


def test_what_loosens_nothing_takes_effect_on_its_day(published: Shop) -> None:
    published.edit("= 60", "= 30")
    published.raise_to(2, LATER)
    row = published.publish(DAY).row
    assert (row.step, row.in_force_from) == ("none", LATER)
    assert published.refusals(DAY) == []
    assert days_kept(published, DAY) == 60
    assert days_kept(published, LATER) == 30


def test_where_the_owner_is_alone_what_loosens_waits(published: Shop) -> None:
    loosen(published)
    done = published.publish(DAY)
    assert (done.row.step, done.row.in_force_from) == ("cooling_off", WAITED)
    assert "It loosens promises, so it waits" in done.in_words(DAY)
    for day in (DAY, WAITED - timedelta(days=1)):
        assert published.refusals(day) == [] and days_kept(published, day) == 60
    assert published.refusals(WAITED) == [] and days_kept(published, WAITED) == 90


def test_a_policy_does_not_shorten_the_wait_for_itself(published: Shop) -> None:
    published.edit("cooling_off_days = 7", "cooling_off_days = 1")
    published.raise_to(2, LATER)
    assert published.publish(DAY).row.in_force_from == WAITED


def test_with_two_people_the_second_approves(published: Shop) -> None:
    loosen(published)
    done = published.publish(DAY, people=2)
    assert done.row.in_force_from is None and "second person" in done.in_words(DAY)
    a_year_on = DAY + timedelta(days=365)
    assert days_kept(published, a_year_on) == 60
    row = published.approve(DAY + timedelta(days=3)).row
    assert (row.step, row.in_force_from) == ("second_person", DAY + timedelta(days=3))
    assert days_kept(published, row.in_force_from) == 90
    assert events() == ["PolicyPublished", "PolicyPublished", "PolicyApproved"]


def test_alone_nobody_approves(published: Shop) -> None:
    loosen(published)
    published.publish(DAY)
    with pytest.raises(ActRefused, match="no second person"):
        published.approve(DAY, people=1)
    assert days_kept(published, LATER) == 60


def test_what_waits_can_be_taken_back(published: Shop) -> None:
    before = published.owner.policy_file.read_bytes()
    loosen(published)
    published.publish(DAY)
    published.revoke(LATER)
    assert published.owner.policy_file.read_bytes() == before
    assert published.refusals(WAITED) == [] and days_kept(published, WAITED) == 60
    with pytest.raises(ActRefused, match="No version waits"):
        published.revoke(LATER)
    loosen(published, effective=WAITED)
    assert "was revoked, or gave way" not in published.refusals(WAITED)[0].problem
    with pytest.raises(ActRefused, match="version = 3"):
        published.publish(WAITED)
    published.raise_to(3, WAITED)
    assert published.publish(WAITED).row.version == 3


def test_what_is_in_force_is_not_taken_back(published: Shop) -> None:
    with pytest.raises(ActRefused, match="No version waits"):
        published.revoke(DAY)


def test_a_day_that_has_passed_is_no_effective_date(published: Shop) -> None:
    published.edit("= 60", "= 30")
    published.raise_to(2, DAY - timedelta(days=1))
    with pytest.raises(ActRefused, match="posted before it takes effect"):
        published.publish(DAY)
    assert PolicyVersion.objects.count() == 1


def test_another_use_of_what_is_held_is_refused(published: Shop) -> None:
    wider = '"order.email"        = { clause = "P10", words = "your e-mail address", '
    wider += 'category = "user.contact.email", purposes = ["deliver_order", "support"'
    published.edit(wider, wider + ', "oversee"')
    published.raise_to(2, LATER)
    assert any("Declare a new field" in f.remedy for f in published.refusals(DAY))
    with pytest.raises(ActRefused, match="Declare a new field"):
        published.publish(DAY, people=2)


def test_one_version_waits_at_a_time(published: Shop) -> None:
    loosen(published)
    published.publish(DAY)
    published.raise_to(3, WAITED)
    with pytest.raises(ActRefused, match="not in force yet"):
        published.publish(DAY)


def test_an_earlier_version_put_back_does_not_start(published: Shop) -> None:
    first = published.owner.policy_file.read_text("utf-8")
    published.edit("= 60", "= 30")
    published.raise_to(2, DAY)
    published.publish(DAY)
    published.owner.policy_file.write_text(first, "utf-8")
    assert "gave way to a later one" in published.refusals(LATER)[0].problem
    assert days_kept(published, LATER) == 30


@pytest.mark.parametrize("name", ["record.json", "facts.json"])
def test_an_archive_touched_by_hand_is_seen(published: Shop, name: str) -> None:
    loosen(published)
    published.publish(DAY)
    file = published.owner.policy / "published" / "2" / name
    text = file.read_text("utf-8")
    spoiled = text.replace(str(WAITED), str(DAY)).replace(": 90", ": 600")
    assert spoiled != text
    file.write_text(spoiled, "utf-8")
    assert published.refusals(DAY) != []


def test_an_archive_that_is_gone_is_seen_and_put_back(published: Shop) -> None:
    loosen(published)
    published.publish(DAY)
    shutil.rmtree(published.owner.policy / "published")
    assert published.refusals(DAY) != []
    published.publish(DAY)
    assert published.refusals(DAY) == [] and days_kept(published, DAY) == 60


def test_a_version_made_by_hand_is_none(published: Shop) -> None:
    archive = published.owner.policy / "published"
    shutil.copytree(archive / "1", archive / "2")
    for name in ("record.json", "facts.json"):
        text = (archive / "2" / name).read_text("utf-8")
        (archive / "2" / name).write_text(text.replace('"version": 1', '"version": 2'), "utf-8")
    assert published.refusals(DAY) != []


def test_an_archive_of_another_store_is_taken_in(shop: Shop) -> None:
    shop.publish(DAY)
    loosen(shop)
    shop.publish(DAY)
    PolicyVersion.objects.all().delete()
    shop.publish(LATER)
    assert [row.version for row in PolicyVersion.objects.posted()] == [2, 1]
    assert PolicyVersion.objects.get(version=2).in_force_from == WAITED
    assert noon(LATER) > PolicyVersion.objects.get(version=2).published_at
