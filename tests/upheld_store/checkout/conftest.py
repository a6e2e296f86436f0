"""What holds of one gateway holds of the other: the same tests, through Stripe's SDK too."""

from __future__ import annotations

import pytest

# Each story about one payment at a time; races and budgets are the store's own affair.
BOTH = {
    "test_purchase",
    "test_webhooks",
    "test_reconcile",
    "test_refunds",
    "test_disputes",
    "test_permutations",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize `gateway_name` where the module's stories hold for both."""
    module = metafunc.module.__name__.rpartition(".")[2]
    if module in BOTH and "buyer" in metafunc.fixturenames:
        metafunc.fixturenames.append("gateway_name")
        metafunc.parametrize("gateway_name", ["practice", "stripe"])
