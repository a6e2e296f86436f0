"""Which purpose is in force, and who may change it: the same on both databases."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from upheld.db import entry_point, for_purpose, in_force, purpose, reveal_without_purpose, stream
from upheld.db.purpose import now_in_force, purpose_for_test, schema_change_allowed
from upheld.policy import current
from upheld.policy import in_force as policy_in_force
from upheld.policy.errors import PolicyViolation, UndeclaredPurpose

ONE = ("route", "orders:find")  # deliver_order alone lists it
TWO = ("route", "checkout:checkout")  # deliver_order and take_payment list it


@pytest.fixture
def no_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_in_force, "_in_force", [])


def test_nothing_is_in_force_by_default() -> None:
    assert in_force() is None
    assert str(now_in_force()) == "none (no entry point)"


def test_an_entry_point_of_one_purpose_starts_with_it() -> None:
    with entry_point(*ONE):
        assert in_force() == "deliver_order"
    assert in_force() is None


def test_an_entry_point_of_several_or_none_starts_with_none() -> None:
    for kind, name in (TWO, ("route", "catalog:home"), ("job", "orders:find"), ("route", "")):
        with entry_point(kind, name):  # type: ignore[arg-type]  # literals, lost in the loop
            assert in_force() is None


def test_nothing_of_an_outer_entry_point_stays() -> None:
    with entry_point(*ONE), entry_point("route", "catalog:home"):
        assert in_force() is None


def test_the_inner_purpose_replaces_the_outer_one() -> None:
    with entry_point(*TWO), purpose("deliver_order"):
        with purpose("take_payment"):
            assert in_force() == "take_payment"
        assert in_force() == "deliver_order"


def test_an_error_restores_what_was_before() -> None:
    with entry_point(*TWO):
        with pytest.raises(ZeroDivisionError), purpose("deliver_order"):
            raise ZeroDivisionError
        assert in_force() is None


def test_only_a_purpose_that_lists_the_entry_point_can_be_held() -> None:
    with entry_point(*ONE), pytest.raises(UndeclaredPurpose) as caught, purpose("support"):
        pass
    told = str(caught.value)
    assert isinstance(caught.value, PolicyViolation)
    assert "purpose support (P13)" in told
    assert "In force: deliver_order (route 'orders:find')" in told
    assert "test_purpose.py:" in told
    assert 'add "orders:find" to routes under [purposes.support] in ' in told


def test_outside_every_entry_point_no_purpose_can_be_held() -> None:
    refused = pytest.raises(UndeclaredPurpose, match="from a route, a job or a command")
    with refused, purpose("deliver_order"):
        pass


def test_a_purpose_that_is_not_in_the_policy_is_refused_with_its_remedy() -> None:
    refused = pytest.raises(UndeclaredPurpose, match=r"Declare \[purpose\] spy in")
    with entry_point(*ONE), refused, purpose("spy"):
        pass


def test_an_act_brings_its_purpose() -> None:
    @for_purpose("deliver_order")
    def act(number: int) -> tuple[int, str | None]:
        return number, in_force()

    with entry_point(*TWO):
        assert act(7) == (7, "deliver_order")
        assert in_force() is None
    with entry_point("job", "nightly"), pytest.raises(UndeclaredPurpose):
        act(7)


def test_the_consumer_of_a_stream_does_not_run_in_its_purpose() -> None:
    inside: list[str | None] = []

    def rows() -> Iterator[int]:
        for number in range(3):
            inside.append(in_force())
            yield number

    with entry_point(*TWO):
        outside = [in_force() for _ in stream("deliver_order", rows())]
    assert inside == ["deliver_order"] * 3
    assert outside == [None] * 3


def test_a_stream_asks_at_each_step() -> None:
    with entry_point(*TWO):
        rows = stream("deliver_order", [1, 2])
        assert next(rows) == 1
    with entry_point("route", "catalog:home"), pytest.raises(UndeclaredPurpose):
        next(rows)


def test_a_new_thread_has_no_purpose() -> None:
    found: list[str | None] = []
    with purpose_for_test("support"):
        worker = threading.Thread(target=lambda: found.append(in_force()))
        worker.start()
        worker.join()
    assert found == [None]


def test_the_back_door_wants_a_reason_and_a_reviewer(caplog: pytest.LogCaptureFixture) -> None:
    for reason, reviewer in (("", "Lee"), ("because", " ")):
        refused = pytest.raises(ValueError, match="who reviewed it")
        with refused, reveal_without_purpose(reason=reason, reviewed_by=reviewer):
            pass
    with caplog.at_level(logging.WARNING, "upheld.db"):
        logging.getLogger("upheld").addHandler(caplog.handler)
        with reveal_without_purpose(reason="a court order", reviewed_by="Lee"):
            assert now_in_force().revealed
        logging.getLogger("upheld").removeHandler(caplog.handler)
    assert not now_in_force().revealed
    assert "a court order (reviewed by Lee, at tests/upheld/db/test_purpose.py:" in caplog.text


def test_a_purpose_entered_behind_the_back_door_closes_it() -> None:
    revealed = reveal_without_purpose(reason="why", reviewed_by="who")
    with entry_point(*TWO), revealed, purpose("deliver_order"):
        assert not now_in_force().revealed


def test_a_test_may_hold_every_declared_purpose_and_no_other() -> None:
    with purpose_for_test("support"), purpose("take_payment"):
        assert in_force() == "take_payment"
    with pytest.raises(LookupError), purpose_for_test("spy"):
        pass
    refused = pytest.raises(UndeclaredPurpose)
    at_home = entry_point("route", "catalog:home")
    with purpose_for_test("support"), at_home, refused, purpose("support"):
        pass


def test_only_named_commands_change_the_schema() -> None:
    assert not schema_change_allowed()
    for kind, name, allowed in (
        ("command", "upgrade", True), ("command", "migrate", True), ("command", "serve", False),
        ("route", "upgrade", False), ("job", "migrate", False),
    ):  # fmt: skip
        with entry_point(kind, name):  # type: ignore[arg-type]  # literals, lost in the loop
            assert schema_change_allowed() is allowed


@pytest.mark.usefixtures("no_policy")
def test_without_a_policy_nothing_is_allowed_but_making_the_schema() -> None:
    with entry_point(*ONE):
        assert in_force() is None
        with pytest.raises(UndeclaredPurpose), purpose("deliver_order"):
            pass
    with entry_point("command", "migrate"):
        assert schema_change_allowed()
    with entry_point("command", "shell"):
        assert not schema_change_allowed()


@pytest.mark.django_db
def test_a_refusal_that_is_caught_still_dooms_the_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        try:
            with purpose("spy"):
                pass
        except UndeclaredPurpose:
            pass
        connection.cursor().execute("SELECT 1")


def test_the_callers_are_read_anew_when_the_policy_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with entry_point(*ONE):
        assert in_force() == "deliver_order"
    policy = current()
    bare = type(policy.inventory)({}, {}, {}, {}, {}, {}, {}, frozenset())
    values = {name: getattr(policy, name) for name in policy.__dataclass_fields__}
    monkeypatch.setattr(
        policy_in_force, "_in_force", [type(policy)(**values | {"inventory": bare})]
    )
    with entry_point(*ONE):
        assert in_force() is None
