"""The versions of the policy as anyone reads them: what changed, from when, and what only waits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client

from upheld.policy import Policy, current
from upheld.policy.stated import digest_of_facts, state
from upheld.promises.notice.models import PolicyVersion, changes_text
from upheld.web import changes_page, policy_page

TODAY = datetime.now(UTC).date()
NOW = datetime.now(UTC)
ATOM = "{http://www.w3.org/2005/Atom}"

pytestmark = pytest.mark.django_db


def publish(policy: Policy, **parts: object) -> PolicyVersion:
    """A row as `publish` makes it."""
    facts = state(policy)
    values: dict[str, object] = {
        "version": policy.version,
        "digest": digest_of_facts(facts),
        "facts": json.dumps(facts),
        "files": "{}",
        "changes": changes_text(()),
        "effective": policy.effective,
        "published_at": NOW,
        "step": "none",
        "in_force_from": policy.effective,
        **parts,
    }
    return PolicyVersion.objects.create(**values)


@pytest.fixture
def longer() -> Policy:
    """The next version: 90 days instead of 60."""
    policy = current()
    p20 = policy.clauses["P20"]
    words = replace(p20, markdown=p20.markdown.replace("60 days", "90 days"))
    return replace(
        policy,
        version=policy.version + 1,
        effective=TODAY,
        clauses={**policy.clauses, "P20": words},
        retention=replace(policy.retention, private_financial_days=90),
    )


def loosened() -> str:
    words = "Private financial data: kept 90 days, was 60 days"
    return '[{"words": "' + words + '", "clause": "P20", "looser": true, "material": false}]'


def test_what_waits_is_posted_and_not_called_in_force(client: Client, longer: Policy) -> None:
    publish(current())
    begin = TODAY + timedelta(days=7)
    publish(longer, step="cooling_off", in_force_from=begin, changes=loosened())
    text = client.get("/privacy/changes/").content.decode()
    assert "kept 90 days, was 60 days" in text and "Loosened:" in text
    assert f"Takes effect on {begin.day} {begin:%B} {begin.year}: one person decides" in text
    assert text.count("In force since") == 1
    page = client.get("/privacy/versions/2/").content.decode()
    assert "<del>60 </del><ins>90 </ins>" in page and "In force since" not in page
    assert client.get("/privacy/versions/3/").status_code == 404


def test_a_policy_whose_day_is_to_come_is_not_called_in_force(client: Client) -> None:
    policy = current()
    later = policy_page.page(policy, TODAY + timedelta(days=3), TODAY)
    assert not later["has_begun"]
    assert policy_page.page(policy, TODAY, TODAY)["has_begun"]
    publish(policy, in_force_from=TODAY + timedelta(days=3))
    text = client.get("/privacy/").content.decode()
    assert "Takes effect on" in text and "In force since" not in text


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"step": "second_person", "in_force_from": None}, "has not approved it yet"),
        ({"revoked_at": NOW, "in_force_from": TODAY}, "never in force"),
        ({"in_force_from": TODAY}, "Takes effect when the store next starts"),
        (
            {"step": "second_person", "in_force_from": TODAY + timedelta(days=1)},
            "approved by a second person",
        ),
    ],
)
def test_what_became_of_it(longer: Policy, parts: dict[str, object], told: str) -> None:
    row = publish(longer, **parts)
    assert told in changes_page.state_of(row, current().version, NOW)


def test_earlier_versions_stay(longer: Policy) -> None:
    row = publish(current(), in_force_from=date(2026, 11, 2))
    assert changes_page.state_of(row, 2, NOW) == "Was in force from 2 November 2026"
    after = publish(longer, step="cooling_off", in_force_from=TODAY)
    assert "by one person, after waiting" in changes_page.state_of(after, 2, NOW)


def test_the_feed(client: Client, longer: Policy) -> None:
    publish(current())
    publish(longer, in_force_from=TODAY, changes=loosened())
    answer = client.get("/privacy/changes/feed.atom")
    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        "Privacy policy, version 2",
        "Privacy policy, version 1",
    ]
    assert "kept 90 days, was 60 days" in (entries[0].findtext(f"{ATOM}summary") or "")
    assert (entries[0].findtext(f"{ATOM}id") or "").endswith("/privacy/versions/2/")


def test_marks_are_no_way_in() -> None:
    marked = changes_page.mark("a <b> c", "a <script> c")
    assert marked == "a <del>&lt;b&gt; </del><ins>&lt;script&gt; </ins>c"


def test_an_empty_feed_says_the_same_to_everyone(client: Client) -> None:
    feed = ElementTree.fromstring(client.get("/privacy/changes/feed.atom").content)
    assert feed.findtext(f"{ATOM}updated") == f"{current().effective}T00:00:00+00:00"
