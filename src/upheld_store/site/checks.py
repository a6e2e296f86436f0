"""What this store refuses to start with, beside what the engine checks itself."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from upheld.policy import Finding, Policy, current
from upheld.promises.disclosure.departure import is_host_of
from upheld.start import check_all
from upheld_store.checkout.share_address import PURPOSE as SHARE
from upheld_store.pages.publish_terms import check_terms
from upheld_store.payments.gateways import GATEWAY_NAMES
from upheld_store.site.environment import LOOPBACK_HOSTS, Environment, read_environment
from upheld_store.site.gateway_checks import check_gateways

# RFC 2606 and the demo: names that belong to nobody, so no one could be asked.
_INVENTED_HOSTS = ("example.com", "example.org", "example.net")


def findings_at_start() -> list[Finding]:
    """Everything that stops a start, the engine's findings and this store's. Empty may start."""
    environment, policy = read_environment(), current()
    return [
        *check_all(),
        *check_site(environment, policy),
        *check_gateways(environment, policy),
        *check_terms(environment.store),
    ]


def check_site(environment: Environment, policy: Policy) -> list[Finding]:
    """Findings about the environment. What is for trying out stays on a loopback origin."""
    findings = _unknown_gateways(environment) + _staff_in_the_clear(environment)
    findings += _share(environment, policy)
    if environment.is_loopback:
        return findings
    if environment.debug:
        findings.append(
            _finding(
                "UPHELD_DEBUG",
                "P17",
                "Debug pages show what customers typed to whoever breaks a page.",
                "Unset UPHELD_DEBUG on a public origin.",
            )
        )
    if "practice" in environment.gateways:
        findings.append(
            _finding(
                "UPHELD_GATEWAY",
                "P19",
                "The practice gateway takes no money and keeps no promise.",
                "Name a real gateway in UPHELD_GATEWAY on a public origin.",
            )
        )
    if any(policy.controller.site.rstrip("/").endswith(host) for host in _INVENTED_HOSTS):
        findings.append(
            _finding(
                str(Path(environment.policy) / "policy.toml"),
                "P39",
                "This is the demo's policy: its controller is invented, so nobody can be reached.",
                "Fill in [controller] with your own name, address, e-mail and phone.",
            )
        )
    return findings


def _share(environment: Environment, policy: Policy) -> list[Finding]:
    """A consent that leads nowhere, or an address that the policy does not name."""
    named = [each for each in policy.recipients.values() if SHARE in each.purposes]
    url, file = environment.share_url, str(environment.store / "store.toml")
    if bool(named) != bool(url):
        problem = (
            "The policy asks people to let a company have their address, and no company takes it."
            if named
            else "[share] names where addresses go, and the policy names no company for it."
        )
        remedy = f"Have both, or neither: [share] url, and a recipient with purpose {SHARE}."
        return [_finding(file, "P30", problem, remedy)]
    host = urlsplit(url).hostname or ""
    if any(not is_host_of(each, host) for each in named):
        remedy = f"List {host} among its hosts in policy.toml, or correct [share] url."
        return [_finding(file, "P30", f"{host} is no declared host of the company.", remedy)]
    return []


def _staff_in_the_clear(environment: Environment) -> list[Finding]:
    origin = environment.staff_origin
    if not origin or origin.startswith("https://") or environment.staff_host in LOOPBACK_HOSTS:
        return []
    return [
        _finding(
            "UPHELD_STAFF_ORIGIN",
            "P18",
            f"{origin} is neither https nor loopback, so what staff see would travel in the clear.",
            "Put a TLS front before it and set UPHELD_STAFF_ORIGIN=https://desk.your.shop.",
        )
    ]


def _unknown_gateways(environment: Environment) -> list[Finding]:
    return [
        _finding(
            "UPHELD_GATEWAY",
            None,
            f"There is no gateway {name!r}.",
            f"Use one of: {', '.join(sorted(GATEWAY_NAMES))}.",
        )
        for name in environment.gateways
        if name not in GATEWAY_NAMES
    ]


def _finding(place: str, clause: str | None, problem: str, remedy: str) -> Finding:
    return Finding(file=place, line=None, clause=clause, problem=problem, remedy=remedy)
