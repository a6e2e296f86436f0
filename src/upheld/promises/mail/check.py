"""Could this code send a mail that the policy does not know, or send one in the clear?"""

from __future__ import annotations

import importlib

from django.conf import settings

from upheld.policy import Finding, Policy
from upheld.policy.model import Mail
from upheld.promises.disclosure.departure import is_host_of
from upheld.promises.mail.relay import RelayUrlUnsafe, read_relay
from upheld.promises.mail.sending import RELAY

_POLICY, _INVENTORY = "policy.toml", "inventory.toml"


def check(policy: Policy) -> list[Finding]:
    """Every mail has a renderer, a relay that may carry it and a job that may hold its purpose;
    every renderer has a mail; the relay is safe and declared."""
    findings = [finding for mail in policy.mails.values() for finding in _of_mail(policy, mail)]
    findings += [
        _finding(
            _POLICY,
            f"a renderer for {kind} mails exists, but the policy names no such mail",
            f"Declare [mail.{kind}], or remove [mails.{kind}] from its inventory.",
        )
        for kind in sorted(policy.inventory.mails.keys() - policy.mails.keys())
    ]
    return [*findings, *_of_relay(policy)]


def _of_mail(policy: Policy, mail: Mail) -> list[Finding]:
    findings = []
    if mail.name not in policy.inventory.mails:
        findings.append(
            _finding(
                _INVENTORY,
                f"nothing renders the declared mail {mail.name}",
                f'Add [mails.{mail.name}] render = "module:function", or remove the mail.',
            )
        )
    elif not _is_there(policy.inventory.mails[mail.name]):
        findings.append(
            _finding(
                _INVENTORY,
                f"the renderer {policy.inventory.mails[mail.name]} does not exist",
                f"Mend render under [mails.{mail.name}].",
            )
        )
    if mail.purpose not in policy.inventory.purposes_of("job", "send_mail"):
        findings.append(
            _finding(
                _INVENTORY,
                f"the job send_mail may not hold {mail.purpose}, so {mail.name} mails "
                "cannot be rendered",
                f'Add "send_mail" to [purposes.{mail.purpose}] jobs.',
            )
        )
    if RELAY in policy.recipients and mail.purpose not in policy.recipients[RELAY].purposes:
        findings.append(
            _finding(
                _POLICY,
                f"{RELAY} may get nothing for {mail.purpose}, so {mail.name} mails cannot leave",
                f"List {mail.purpose} under [disclosure.{RELAY}] purposes.",
            )
        )
    return findings


def _is_there(path: str) -> bool:
    module, _, function = path.partition(":")
    try:
        return callable(getattr(importlib.import_module(module), function, None))
    except ImportError:
        return False


def _of_relay(policy: Policy) -> list[Finding]:
    if not policy.mails:
        return []
    recipient = policy.recipients.get(RELAY)
    if recipient is None:
        return [
            _finding(
                _POLICY,
                f"mails are declared, but {RELAY} is no recipient",
                f"Declare [disclosure.{RELAY}]: the relay reads every letter.",
            )
        ]
    try:
        relay = read_relay(settings.UPHELD_SMTP_URL)
    except RelayUrlUnsafe as error:
        return [
            _finding(
                "UPHELD_SMTP_URL",
                str(error),
                "Use smtps://user:password@host, or smtp:// on this machine.",
            )
        ]
    if not is_host_of(recipient, relay.host):
        return [
            _finding(
                "UPHELD_SMTP_URL",
                f"{relay.host} is no declared host of {RELAY}",
                f"List it under [disclosure.{RELAY}] hosts.",
            )
        ]
    return []


def _finding(file: str, problem: str, remedy: str) -> Finding:
    return Finding(file=file, line=None, clause="P07", problem=problem, remedy=remedy)
