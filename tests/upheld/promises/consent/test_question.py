"""A form shown under one version and sent under the next is recorded as the one it showed, or
shown again; never as the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from upheld.policy import Policy, current, install
from upheld.policy.errors import UndeclaredPurpose
from upheld.policy.model import Purpose
from upheld.promises import consent
from upheld.promises.consent import ConsentRecord, WordsChanged

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
ANNA, BERT = UUID(int=1), UUID(int=2)
NEWS = Purpose("send_news", "P46", "send you news", "consent", ask="Yes, send me news.")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def version_3() -> Iterator[Policy]:
    before = current()
    email = before.fields["order.email"]
    policy = replace(
        before,
        version=3,
        purposes={**before.purposes, "send_news": NEWS},
        fields={
            **before.fields,
            "order.email": replace(email, purposes=email.purposes | {"send_news"}),
        },
    )
    install(policy)
    yield policy
    install(before)


def agree(token: str, subject: UUID = ANNA) -> ConsentRecord:
    return consent.agree(subject, token, purpose="send_news", method="newsletter_form", now=NOW)


def reworded(policy: Policy) -> Policy:
    other = replace(NEWS, ask="Yes, send me news and offers.")
    return replace(policy, version=4, purposes={**policy.purposes, "send_news": other})


def wider(policy: Policy) -> Policy:
    name = policy.fields["order.name"]
    more = replace(name, purposes=name.purposes | {"send_news"})
    return replace(policy, version=4, fields={**policy.fields, "order.name": more})


def to_another(policy: Policy) -> Policy:
    relay = policy.recipients["mail_relay"]
    more = replace(relay, purposes=relay.purposes | {"send_news"})
    return replace(policy, version=4, recipients={**policy.recipients, "mail_relay": more})


def test_the_words_are_the_owners() -> None:
    assert consent.question("send_news").text == "Yes, send me news."
    assert "send_news" in [each.purpose for each in consent.questions()]
    resting = {n for n, each in current().purposes.items() if each.basis == "consent"}
    assert {each.purpose for each in consent.questions()} == resting


def test_without_words_of_the_owners_the_purpose_is_named(version_3: Policy) -> None:
    plain = replace(NEWS, ask="")
    install(replace(version_3, purposes={**version_3.purposes, "send_news": plain}))
    assert consent.question("send_news").text.endswith("to send you news.")


def test_shown_under_3_and_sent_under_4_is_recorded_as_3(version_3: Policy) -> None:
    token = consent.question("send_news").token()
    install(replace(version_3, version=4))
    record = agree(token)
    assert record.policy_version == 3
    assert record.text_hash == consent.question("send_news").text_hash


@pytest.mark.parametrize("change", [reworded, wider, to_another])
def test_what_means_more_under_4_is_shown_again(
    version_3: Policy, change: Callable[[Policy], Policy]
) -> None:
    token = consent.question("send_news").token()
    install(change(version_3))
    with pytest.raises(WordsChanged, match="read it again"):
        agree(token)
    assert not ConsentRecord.objects.exists()
    assert agree(consent.question("send_news").token()).policy_version == 4


@pytest.mark.parametrize("spoil", ["", "x", ":", "W10:AAAA", "{0}x", "x{0}"])
def test_a_token_of_anothers_making_is_none(spoil: str) -> None:
    token = spoil.format(consent.question("send_news").token())
    with pytest.raises(WordsChanged):
        agree(token)


def test_a_token_of_another_purpose_is_none(version_3: Policy) -> None:
    other = replace(NEWS, name="tell_friends")
    install(replace(version_3, purposes={**version_3.purposes, "tell_friends": other}))
    with pytest.raises(WordsChanged):
        agree(consent.question("tell_friends").token())


def test_what_rests_on_a_contract_is_not_asked() -> None:
    with pytest.raises(UndeclaredPurpose):
        consent.question("deliver_order")


def test_taking_back_twice_adds_one_word() -> None:
    agree(consent.question("send_news").token())
    first = consent.take_back(ANNA, purpose="send_news", method="button", now=NOW)
    assert first is not None and first.action == "withdrawn"
    assert consent.take_back(ANNA, purpose="send_news", method="button", now=NOW) is None
    assert not consent.live(ANNA, "send_news")


def test_many_are_asked_in_one_statement(django_assert_num_queries: Callable[..., object]) -> None:
    token = consent.question("send_news").token()
    agree(token)
    agree(token, BERT)
    consent.take_back(BERT, purpose="send_news", method="button", now=NOW)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]  # a context manager
        assert consent.live_among([ANNA, BERT, UUID(int=3)], "send_news") == {ANNA}
