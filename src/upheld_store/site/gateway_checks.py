"""What is wrong with how the gateways are set up, found before a buyer finds it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from upheld.policy import Finding, Policy
from upheld_store.payments.stripe_gateway import API_BASE, is_live
from upheld_store.site.environment import LOOPBACK_HOSTS, Environment

_KEY = re.compile(r"(sk|rk)_(test|live)_\w+", re.ASCII)


def check_gateways(environment: Environment, policy: Policy) -> list[Finding]:
    """Findings about Stripe's variables and the bank account, none of which shows a secret."""
    findings = []
    if "stripe" in environment.gateways:
        findings += _stripe_variables(environment) or _stripe_mode(environment)
        findings += _stripe_host(environment, policy)
    if "transfer" in environment.gateways and environment.facts.transfer is None:
        findings.append(
            _finding(
                str(environment.store / "store.toml"),
                "A buyer who pays by transfer would see no account to pay to.",
                "Add [transfer] with holder and iban (and bic), or leave transfer out of "
                "UPHELD_GATEWAY.",
            )
        )
    return findings


def _stripe_variables(environment: Environment) -> list[Finding]:
    findings = []
    if not _KEY.fullmatch(environment.stripe_api_key):
        findings.append(
            _finding(
                "UPHELD_STRIPE_API_KEY",
                "It is missing, or no secret key of Stripe's (sk_… or rk_…).",
                "Copy the secret or a restricted key from Stripe's dashboard into .env.",
            )
        )
    if not environment.stripe_webhook_secret.startswith("whsec_"):
        findings.append(
            _finding(
                "UPHELD_STRIPE_WEBHOOK_SECRET",
                "It is missing, or no signing secret (whsec_…): no webhook could be believed.",
                f"Make an endpoint {environment.origin}/payments/stripe/webhook/ in Stripe's "
                "dashboard and copy its signing secret into .env.",
            )
        )
    return findings


def _stripe_mode(environment: Environment) -> list[Finding]:
    """Play money must not buy real goods, and real money is not for trying out."""
    live = is_live(environment.stripe_api_key)
    if live and environment.is_loopback:
        problem = "is a live key, and this store is on loopback: a trial would charge real cards."
        remedy = "Use a test key here."
    elif not live and not environment.is_loopback:
        problem = "is a test key on a public origin: anyone could buy with a test card's number."
        remedy = "Use a live key, or try out on a loopback origin."
    elif live and environment.stripe_api_base != API_BASE:
        problem = "is a live key and would be sent elsewhere than to Stripe."
        remedy = "Unset UPHELD_STRIPE_API_BASE, or use a test key."
    else:
        return []
    return [_finding("UPHELD_STRIPE_API_KEY", f"The key {problem}", remedy)]


def _stripe_host(environment: Environment, policy: Policy) -> list[Finding]:
    host = urlsplit(environment.stripe_api_base).hostname or ""
    if environment.stripe_api_base != API_BASE and host not in LOOPBACK_HOSTS:
        return [
            _finding(
                "UPHELD_STRIPE_API_BASE",
                "Another interface than Stripe's own is for tests, on this machine.",
                "Unset it.",
            )
        ]
    gateway = policy.recipients.get("gateway")
    if gateway is None or host not in gateway.hosts:
        return [
            _finding(
                str(environment.policy / "policy.toml"),
                f"[disclosure.gateway] does not name {host}, so no payment could be started.",
                f'Write hosts = ["{host}"] there, and the agreement with Stripe beside it.',
            )
        ]
    return []


def _finding(place: str, problem: str, remedy: str) -> Finding:
    return Finding(file=place, line=None, clause="P19", problem=problem, remedy=remedy)
