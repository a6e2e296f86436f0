"""Stripe through its SDK, against the practice gateway in Stripe's place."""

from __future__ import annotations

import ast
import logging
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from practice_gateway.practice import Practice
from tests.upheld_store.payments.test_practice import CHECKOUT
from upheld.policy.errors import UndeclaredDisclosure
from upheld.promises.disclosure import Disclosure, disclose, egress
from upheld_store.payments import stripe_gateway
from upheld_store.payments.gateway import BadEvent, GatewayUnavailable
from upheld_store.payments.gateways import gateway_named
from upheld_store.payments.stripe_gateway import StripeGateway, is_live
from upheld_store.payments.stripe_shaped import CallRefused

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("take_payment")]

SECRET_KEY = "sk_test_never_shown"


@pytest.fixture
def gateway_name() -> str:
    return "stripe"


@pytest.fixture
def stripe(gateway: Practice) -> StripeGateway:
    return StripeGateway(SECRET_KEY, "whsec_never_shown", gateway.origin)


@pytest.fixture
def disclosure() -> Disclosure:
    return disclose(
        "gateway",
        subject=uuid.uuid4(),
        fields=["payment.reference"],
        purpose="take_payment",
        now=timezone.now(),
    )


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, str], bytes]]:
    """Everything that leaves."""
    calls: list[tuple[str, str, dict[str, str], bytes]] = []
    leave = egress.request

    def request(
        to: Disclosure,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout_seconds: float,
    ) -> Any:
        calls.append((method, url, dict(headers), body or b""))
        return leave(to, method, url, headers=headers, body=body, timeout_seconds=timeout_seconds)

    monkeypatch.setattr(egress, "request", request)
    return calls


def test_the_store_has_it_by_name(gateway: Practice) -> None:
    assert isinstance(gateway_named("stripe"), StripeGateway)


def test_only_the_order_and_no_machine_is_told(
    stripe: StripeGateway, disclosure: Disclosure, sent: list[Any]
) -> None:
    """The SDK's telemetry, and what it says of machine, language and agent, stays here."""
    session = stripe.start(disclosure, CHECKOUT)
    stripe.retrieve(disclosure, session.reference)
    stripe.retrieve(disclosure, session.reference)
    names = {name.lower() for _, _, headers, _ in sent for name in headers}
    assert names == {
        "authorization",
        "content-type",
        "idempotency-key",
        "stripe-version",
        "user-agent",
    }
    assert {headers["User-Agent"] for _, _, headers, _ in sent} == {"upheld"}
    assert sent[0][2]["Idempotency-Key"] == CHECKOUT.idempotency_key
    form = sent[0][3].decode()
    assert "ui_mode=hosted_page" in form and "ABCDE-FGHJK" in form
    assert not any(word in form for word in ("email", "customer", "phone", "address"))


def test_the_same_key_is_the_same_page(stripe: StripeGateway, disclosure: Disclosure) -> None:
    assert stripe.start(disclosure, CHECKOUT) == stripe.start(disclosure, CHECKOUT)


@pytest.mark.parametrize("fault", ["500", "drop"])
def test_one_bad_answer_is_asked_again(
    gateway: Practice,
    stripe: StripeGateway,
    disclosure: Disclosure,
    sent: list[Any],
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Under the same idempotency key, so that what was dropped is not done twice."""
    monkeypatch.setattr(stripe_gateway, "RETRIES_MAX", 2)
    monkeypatch.setattr("stripe.HTTPClient.INITIAL_DELAY", 0.01)
    gateway.api.troubles = gateway.api.troubles.changed({"api": fault, "api_times": 1})
    stripe.start(disclosure, CHECKOUT)
    assert len(sent) == 2 and len(gateway.book.sessions()) == 1


@pytest.mark.parametrize("fault", ["500", "drop"])
def test_a_gateway_that_stays_away(
    gateway: Practice, stripe: StripeGateway, disclosure: Disclosure, fault: str
) -> None:
    gateway.api.troubles = gateway.api.troubles.changed({"api": fault})
    with pytest.raises(GatewayUnavailable):
        stripe.start(disclosure, CHECKOUT)


def test_an_unknown_page_is_not_given_up(stripe: StripeGateway, disclosure: Disclosure) -> None:
    with pytest.raises(GatewayUnavailable, match="404"):
        stripe.retrieve(disclosure, "cs_test_00")


def test_no_secret_in_any_word(
    gateway: Practice,
    stripe: StripeGateway,
    disclosure: Disclosure,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        stripe.start(disclosure, CHECKOUT)
        gateway.api.troubles = gateway.api.troubles.changed({"api": "500"})
        with pytest.raises(GatewayUnavailable) as failure:
            stripe.start(disclosure, CHECKOUT)
    words = f"{caplog.text} {failure.value!r} {failure.value.__cause__!r} {stripe!r} {settings!r}"
    assert "never_shown" not in words


def test_an_undeclared_host_is_refused(disclosure: Disclosure) -> None:
    """The demo's policy names this machine; Stripe's own host has to be declared."""
    with pytest.raises(UndeclaredDisclosure, match="no declared host"):
        StripeGateway(SECRET_KEY, "whsec_x").start(disclosure, CHECKOUT)


def test_nothing_leaves_without_a_disclosure(stripe: StripeGateway) -> None:
    with pytest.raises(TypeError, match="disclose"):
        stripe.start(None, CHECKOUT)


def test_a_live_store_believes_no_test_event(gateway: Practice) -> None:
    live = StripeGateway("sk_live_x", gateway.sender.secret, gateway.origin)
    session = gateway.book.open_session(
        amount=1,
        currency="usd",
        description="",
        reference="",
        metadata={},
        success_url="",
        cancel_url="",
    )
    gateway.api.announce("checkout.session.completed", session)
    body, headers = gateway.sender.sealed(gateway.sender.events[-1])
    with pytest.raises(BadEvent, match="mode"):
        live.read_event(body, headers, timezone.now())
    assert StripeGateway("rk_test_x", gateway.sender.secret).read_event(
        body, headers, timezone.now()
    )


def test_a_live_store_is_paid_by_no_test_page(
    gateway: Practice, stripe: StripeGateway, disclosure: Disclosure
) -> None:
    """A page of test mode names no order to a live store, so it goes under review."""
    session = stripe.start(disclosure, CHECKOUT)
    live = StripeGateway(SECRET_KEY, "whsec_x", gateway.origin)
    live._live = True
    assert live.retrieve(disclosure, session.reference).order_number == ""
    assert stripe.retrieve(disclosure, session.reference).order_number == "ABCDE-FGHJK"


def test_a_page_is_taken_away(
    gateway: Practice, stripe: StripeGateway, disclosure: Disclosure
) -> None:
    session = stripe.start(disclosure, CHECKOUT)
    assert stripe.close_page(disclosure, session.reference).state == "expired"
    assert stripe.close_page(disclosure, session.reference).state == "expired"


def test_modes() -> None:
    assert [is_live(key) for key in ("sk_live_a", "rk_live_a", "sk_test_a", "")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_refusal_names_its_status() -> None:
    assert (CallRefused(404).status, str(CallRefused(404))) == (404, "refused with 404")


def test_the_sdk_is_imported_by_one_file_and_late() -> None:
    source = Path(stripe_gateway.__file__).parents[2]
    importers = [
        path.name
        for path in sorted(source.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Import) and node.names[0].name.split(".")[0] == "stripe")
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "stripe")
    ]
    assert set(importers) == {"stripe_gateway.py"}
    code = "import sys, upheld_store.payments.stripe_gateway; sys.exit('stripe' in sys.modules)"
    setup = "import django; django.setup(); "
    assert subprocess.run([sys.executable, "-c", setup + code], check=False).returncode == 0
