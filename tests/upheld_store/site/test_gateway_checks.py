"""What is wrong with how a gateway is set up is found before a buyer finds it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from upheld.policy import current
from upheld_store.site.environment import Environment, read_environment
from upheld_store.site.gateway_checks import check_gateways
from upheld_store.site.owner_files import TransferFacts

TWIN = "http://127.0.0.1:8001"


def environment(gateways: str = "stripe", **changed: Any) -> Environment:
    usable = {
        "gateways": tuple(gateways.split(",")),
        "stripe_api_key": "sk_test_abc",
        "stripe_webhook_secret": "whsec_abc",
        "stripe_api_base": TWIN,
    }
    return dataclasses.replace(read_environment(), **(usable | changed))


def places(found: Environment) -> list[str]:
    return [finding.file.rpartition("/")[2] for finding in check_gateways(found, current())]


def test_usable() -> None:
    assert places(environment()) == []
    assert places(environment("practice", stripe_api_key="")) == []


@pytest.mark.parametrize("key", ["", "pk_test_abc", "sk_test_", "whsec_abc"])
def test_no_key(key: str) -> None:
    assert places(environment(stripe_api_key=key)) == ["UPHELD_STRIPE_API_KEY"]


def test_no_webhook_secret() -> None:
    assert places(environment(stripe_webhook_secret="x")) == ["UPHELD_STRIPE_WEBHOOK_SECRET"]


def test_play_money_buys_nothing_on_a_public_origin() -> None:
    public = environment(origin="https://shop.example.com")
    assert places(public) == ["UPHELD_STRIPE_API_KEY"]
    live = dataclasses.replace(public, stripe_api_key="rk_live_abc")
    (finding,) = check_gateways(live, current())  # a live key never goes to a stand-in
    assert "elsewhere" in finding.problem


def test_real_money_is_not_for_trying_out() -> None:
    assert places(environment(stripe_api_key="sk_live_abc")) == ["UPHELD_STRIPE_API_KEY"]


def test_hosts() -> None:
    elsewhere = environment(stripe_api_base="https://pay.example.com")
    assert places(elsewhere) == ["UPHELD_STRIPE_API_BASE"]
    own = environment(stripe_api_base="https://api.stripe.com")
    (finding,) = check_gateways(own, current())
    assert 'hosts = ["api.stripe.com"]' in finding.remedy


def test_a_transfer_needs_an_account() -> None:
    without = environment("transfer")
    without = dataclasses.replace(without, facts=dataclasses.replace(without.facts, transfer=None))
    assert places(without) == ["store.toml"]
    account = TransferFacts("Larkfield Software", "DE02120300000000202051", "")
    facts = dataclasses.replace(without.facts, transfer=account)
    assert places(dataclasses.replace(without, facts=facts)) == []


def test_no_secret_is_shown() -> None:
    shown = environment(stripe_api_key="sk_live_hidden", stripe_webhook_secret="hidden")
    assert "hidden" not in f"{shown!r} {check_gateways(shown, current())!r}"
