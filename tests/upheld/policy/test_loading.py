"""The demo's policy as a value: complete, immutable, quick, and fuzzed."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import upheld.policy
from tests.upheld.policy.owner_folder import DEMO, INVENTORIES, OwnerFolder
from upheld.policy import Policy, PolicyInvalid, load
from upheld.policy.categories import SEALED_FORMS
from upheld.policy.lines import LineIndex
from upheld.vault.forms import FORMS


def test_the_demo_loads_within_a_tenth_of_a_second_of_the_processor() -> None:
    load(DEMO, INVENTORIES)
    started = time.process_time()
    load(DEMO, INVENTORIES)
    assert time.process_time() - started < 0.1


def test_the_facts_arrive() -> None:
    policy = load(DEMO, INVENTORIES)
    assert policy.retention.private_financial_days == 60
    assert policy.age_minimum_years == 13
    assert policy.fields["order.email"].purposes == {
        "tell_changes",
        "share_address",
        "answer_request",  # every stored field serves the purpose of [access] by itself
        "deliver_order",
        "support",
    }
    assert policy.fields["payment.card_last4"].sealed
    assert policy.cookies["age"].kept_days is None
    assert policy.recipients["gateway"].agreement is not None
    table = policy.inventory.tables["store_orders_ordercontact"]
    assert table.fields == {"email": "order.email", "name": "order.name"}
    assert table.deletes == {"forget"}
    assert table.file.endswith("orders/inventory.toml")
    assert policy.inventory.inputs[("checkout", "email")].field == "order.email"
    assert "deliver_order" in policy.inventory.purposes_of("route", "checkout:checkout")
    assert policy.inventory.schema_commands >= {"migrate"}


def test_a_policy_cannot_be_changed() -> None:
    policy: Any = load(DEMO, INVENTORIES)
    attempts: list[Callable[[], object]] = [
        lambda: setattr(policy, "version", 9),
        lambda: policy.fields.update({}),
        lambda: policy.inventory.tables.pop("store_orders_order"),
        lambda: policy.fields["order.email"].purposes.add("news"),
        lambda: policy.inventory.tables["store_orders_ordercontact"].fields.pop("email"),
    ]
    for attempt in attempts:
        with pytest.raises((FrozenInstanceError, AttributeError)):
            attempt()


def test_two_apps_may_name_callers_of_one_purpose(owner: OwnerFolder) -> None:
    inventory = owner.load().inventory
    held = inventory.purposes_of("route", "orders:find") - inventory.inner_purposes
    assert held == {"deliver_order"}
    assert inventory.inner_purposes == {"keep_signed_in"}


def test_the_package_is_pure() -> None:
    for file in Path(upheld.policy.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & {"django", "os", "time"}


def test_the_vault_knows_the_forms_the_policy_allows() -> None:
    assert FORMS.keys() == SEALED_FORMS


def test_lines_are_found() -> None:
    lines = LineIndex('a = 1\n["b c".d]\ne.f = 2\n  [[ g ]]\n"h.i" = { j = 1 }\n')
    paths: list[tuple[tuple[str, ...], int | None]] = [
        (("a",), 1),
        (("b c", "d"), 2),
        (("b c", "d", "e", "f"), 3),
        (("g", "h.i"), 5),
        (("g", "h.i", "j"), 5),
        (("nothing",), None),
    ]
    assert [lines.line(path) for path, _ in paths] == [line for _, line in paths]


SOURCE = (DEMO / "policy.toml").read_text("utf-8")
INVENTORY = next(f for f in INVENTORIES if "orders" in f.parts).read_text("utf-8")
CLAUSES = (DEMO / "clauses" / "retention.md").read_text("utf-8")
_SCRAPS = st.sampled_from(
    ["[", "]", "{", "}", '"', "=", "\n", ".", "0", "-1", "''", '"x"', "true", "inf", "0xffff",
     "2026-01-01", "[age]", "clause", "\x00", "\ufeff", "é", "# ", "## P01 x", "[[mail]]", "a.b.c",
     "[1, {}]", "{ x = 1 }", "stored = false", "sealed = true", "kept_days = 0"]
)  # fmt: skip


def _mutated(text: str, edits: list[tuple[int, int, str]]) -> str:
    for place, length, scrap in edits:
        at = place % (len(text) + 1)
        text = text[:at] + scrap + text[at + length :]
    return text


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    target=st.sampled_from(["policy", "inventory", "clauses"]),
    edits=st.lists(
        st.tuples(st.integers(0, 20_000), st.integers(0, 40), _SCRAPS | st.text(max_size=8)),
        min_size=1,
        max_size=4,
    ),
)
def test_any_mutation_gives_a_policy_or_findings(
    owner: OwnerFolder, target: str, edits: list[tuple[int, int, str]]
) -> None:
    file, source = {
        "policy": (owner.policy_file, SOURCE),
        "inventory": (owner.inventory("upheld_store-orders"), INVENTORY),
        "clauses": (owner.policy / "clauses" / "retention.md", CLAUSES),
    }[target]
    file.write_bytes(_mutated(source, edits).encode("utf-8", "replace"))
    _policy_or_findings(owner)
    file.write_text(source, "utf-8")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(line=st.integers(0, SOURCE.count("\n")), value=_VALUES)
def test_any_value_in_place_of_any_other(owner: OwnerFolder, line: int, value: object) -> None:
    lines = SOURCE.split("\n")
    if "=" in lines[line]:
        lines[line] = f"{lines[line].split('=')[0]}= {_as_toml(value)}"
    owner.policy_file.write_text("\n".join(lines), "utf-8")
    _policy_or_findings(owner)


def _as_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(_as_toml, value)) + "]"
    if isinstance(value, dict):
        inner = (f"{_as_toml(str(key))} = {_as_toml(item)}" for key, item in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, int | float):
        return repr(value)
    text = "".join(f"\\U{ord(c):08x}" for c in str(value) if not 0xD800 <= ord(c) < 0xE000)
    return f'"{text}"'


def _policy_or_findings(owner: OwnerFolder) -> None:
    try:
        assert isinstance(owner.load(), Policy)
    except PolicyInvalid as error:
        assert error.findings
        assert all(found.problem and found.remedy and found.file for found in error.findings)
