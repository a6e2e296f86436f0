"""A running practice gateway with a clock that a test moves."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from practice_gateway.practice import Options, Practice
from tests.practice_gateway.caller import STORE, Caller


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Store:
    """Takes webhooks in place of a store, and answers as a test wishes."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[bytes, dict[str, str]]] = []

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.got.append((body, headers))
        return self.status


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def caller(clock: Clock, store: Store) -> Iterator[Caller]:
    options = Options(
        port=0,
        store_origin=STORE,
        webhook_url=f"{STORE}/hook/",
        secret="whsec_test",
        smtp_port=0,
        clock=clock,
        post=store,
    )
    with Practice(options) as running:
        yield Caller(running)
