"""The hosts that the policy names, as rules for nftables: what the process refuses by itself, the
machine refuses too, whatever runs as the store's user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from upheld.policy import Policy
from upheld.promises.disclosure.addresses import is_loopback, is_public
from upheld_store.site.environment import Environment

USER = "upheld"
_DATABASE = "the store's own database"
_HTTPS, _POSTGRESQL = 443, 5432
_MAIL = {"smtps": 465, "smtp": 25}
Resolve = Callable[[str], list[str]]
_HEAD = """\
# Made by `upheld firewall` from the policy's recipients. Load it with: nft -f FILE
# What runs as the user {user} reaches this machine, the resolver, and these hosts.
table inet upheld
delete table inet upheld
table inet upheld {{
    chain out {{
        type filter hook output priority filter; policy accept;
        meta skuid != "{user}" accept
        oifname "lo" accept
        ct state established,related accept
        udp dport 53 accept
        tcp dport 53 accept
"""
_TAIL = """\
        counter reject with icmpx type admin-prohibited
    }
}
"""


def rules(environment: Environment, policy: Policy, resolve: Resolve) -> str:
    """A whole ruleset. A host that has no address just now is named in a comment and gets no
    rule: it stays closed until the rules are made anew."""
    lines = [line for who, host, port in _ways(environment, policy)
             for line in _of_host(who, host, port, resolve)]  # fmt: skip
    return _HEAD.format(user=USER) + "".join(f"        {line}\n" for line in lines) + _TAIL


def _ways(environment: Environment, policy: Policy) -> Iterator[tuple[str, str, int]]:
    """(who, host, port), without what is on this machine."""
    relay = urlsplit(environment.smtp_url)
    for recipient in sorted(policy.recipients.values(), key=lambda each: each.name):
        for host in sorted(recipient.hosts):
            if not is_loopback(host):
                mail = host == relay.hostname
                standard = _MAIL.get(relay.scheme, _HTTPS)
                yield recipient.name, host, (relay.port or standard) if mail else _HTTPS
    database = urlsplit(environment.database_url)
    server = database.hostname if database.scheme.startswith("postgres") else None
    if server and not is_loopback(server):
        yield _DATABASE, server, database.port or _POSTGRESQL


def _of_host(who: str, host: str, port: int, resolve: Resolve) -> Iterator[str]:
    yield f"# {who}: {host}"
    own = who == _DATABASE  # it may well stand on a network of the owner's
    found = sorted({each for each in resolve(host) if own or is_public(ip_address(each))})
    if not found:
        yield "# has no address just now, so it stays closed"
    for version, words in ((4, "ip"), (6, "ip6")):
        these = [each for each in found if ip_address(each).version == version]
        if these:
            yield f"{words} daddr {{ {', '.join(these)} }} tcp dport {port} accept"
