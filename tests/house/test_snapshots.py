"""Whatever widens a purpose, a public page or a back door is seen as a diff."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.house.generated import GENERATED, back_doors, purpose_matrix
from tests.house.source import ROOT
from upheld.policy import current


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_generated_file_is_current(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == GENERATED[name](current()), "run `make snapshots`"


def test_the_matrix_shows_a_wider_purpose() -> None:
    policy = current()
    email = policy.fields["order.email"]
    wider = {**policy.fields, "order.email": replace(email, purposes=email.purposes | {"forget"})}
    assert purpose_matrix(replace(policy, fields=wider)) != purpose_matrix(policy)


def test_the_engine_and_the_store_have_no_back_door() -> None:
    assert back_doors(current()) == ""
