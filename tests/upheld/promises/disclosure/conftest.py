"""A policy to bend: the demo's, put back after each test."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from upheld.policy import current, install

Bend = Callable[..., None]


@pytest.fixture
def bend() -> Iterator[Bend]:
    """`bend("recipients", "gateway", hosts=…)` changes one declared thing for this test."""
    policy = current()

    def change(section: str, name: str, **values: Any) -> None:
        held = current()
        part = dict(getattr(held, section))
        part[name] = dataclasses.replace(part[name], **values)
        install(dataclasses.replace(held, **{section: part}))

    yield change
    install(policy)
