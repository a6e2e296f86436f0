"""Whatever widens a purpose, a public page or a back door is seen as a diff."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.house.generated import (
    GENERATED,
    back_doors,
    demo_version,
    permission_matrix,
    purpose_matrix,
)
from tests.house.source import ROOT
from upheld.policy import chosen, current
from upheld_store.staff.roles import DOORS


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_generated_file_is_current(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == GENERATED[name](current()), "run `make snapshots`"


def test_the_demos_first_version_is_the_demos_policy() -> None:
    folder = ROOT / "demo/policy/published/1"
    frozen = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert frozen == demo_version(chosen().disk), "run `make snapshots`"


def test_the_matrix_shows_a_wider_purpose() -> None:
    policy = current()
    email = policy.fields["order.email"]
    wider = {**policy.fields, "order.email": replace(email, purposes=email.purposes | {"forget"})}
    assert purpose_matrix(replace(policy, fields=wider)) != purpose_matrix(policy)


def test_a_staff_page_without_a_door_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {route: door for route, door in DOORS.items() if route != "staff:orders"}
    monkeypatch.setattr("upheld_store.staff.roles.DOORS", without)
    assert "staff:orders  look  nobody" in permission_matrix(current())
    name = "tests/snapshots/permission_matrix.txt"
    assert (ROOT / name).read_text("utf-8") != permission_matrix(current())


def test_the_engine_and_the_store_have_no_back_door() -> None:
    assert back_doors(current()) == ""
