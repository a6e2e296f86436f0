"""A withdrawal binds the very next question in every thread and connection: nobody asks memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection

from upheld.policy import current, install
from upheld.policy.model import Purpose
from upheld.promises import consent

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
PEOPLE = [UUID(int=number) for number in range(1, 31)]
ASKERS = 4

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _news() -> Iterator[None]:
    before = current()
    news = Purpose("send_news", "P46", "send you news", "consent")
    install(replace(before, purposes={**before.purposes, "send_news": news}))
    yield
    install(before)


def test_no_answer_is_stale() -> None:
    """Four threads with connections of their own ask for everyone, over and over, while one takes
    back consent after consent. What was committed before a question began is never overlooked."""
    text = consent.question("send_news").text
    for subject in PEOPLE:
        consent.give(subject, purpose="send_news", text=text, method="form", now=NOW)
    taken_back: list[UUID] = []
    done, stale, asked = threading.Event(), [0], [0]

    def ask() -> None:
        while not done.is_set() or asked[0] < ASKERS * len(PEOPLE):
            known = set(taken_back)
            asked[0] += len(PEOPLE)
            stale[0] += len(known & consent.live_among(PEOPLE, "send_news"))
            stale[0] += sum(consent.live(subject, "send_news") for subject in list(known)[-2:])
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(ASKERS)]
    for thread in threads:
        thread.start()
    for subject in PEOPLE:
        consent.take_back(subject, purpose="send_news", method="button", now=NOW)
        taken_back.append(subject)
    done.set()
    for thread in threads:
        thread.join()
    assert stale == [0] and asked[0] >= ASKERS * len(PEOPLE)


def test_an_answer_from_memory_is_caught() -> None:
    """The same question put to a memory: it would go on sending."""
    text = consent.question("send_news").text
    consent.give(PEOPLE[0], purpose="send_news", text=text, method="form", now=NOW)
    remembered = consent.live_among(PEOPLE, "send_news")
    consent.take_back(PEOPLE[0], purpose="send_news", method="button", now=NOW)
    assert PEOPLE[0] in remembered
    assert PEOPLE[0] not in consent.live_among(PEOPLE, "send_news")
