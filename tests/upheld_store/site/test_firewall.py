"""The firewall opens the hosts of the policy and no other; the units beside it fit the program."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.source import ROOT
from upheld.policy import Policy, current
from upheld_store.site.command_line import build_parser
from upheld_store.site.environment import Environment, read_environment
from upheld_store.site.firewall import USER, rules

ADDRESSES = {
    "api.gateway.example.com": ["1.1.1.1", "2606:4700:4700::1111"],
    "mail.example.com": ["8.8.8.8"],
    "rebound.example.com": ["10.0.0.7", "127.0.0.1"],
    "db.example.com": ["10.0.0.5"],
}


def store(hosts: str, database: str = "sqlite:///x") -> tuple[Environment, Policy]:
    policy = current()
    recipients = dict(policy.recipients)
    gateway = recipients["gateway"]
    recipients["gateway"] = dataclasses.replace(gateway, hosts=frozenset(hosts.split()))
    relay = dataclasses.replace(recipients["mail_relay"], hosts=frozenset({"mail.example.com"}))
    recipients["mail_relay"] = relay
    environment = dataclasses.replace(
        read_environment(), smtp_url="smtps://mail.example.com:2465", database_url=database
    )
    return environment, dataclasses.replace(policy, recipients=recipients)


def made(hosts: str, database: str = "sqlite:///x") -> str:
    return rules(*store(hosts, database), lambda host: ADDRESSES.get(host, []))


def opened(text: str) -> set[tuple[str, str]]:
    """(address, port) of every rule that opens something outside."""
    found = re.findall(r"daddr \{ (.+?) \} tcp dport (\d+) accept", text)
    return {(address, port) for these, port in found for address in these.split(", ")}


def test_the_hosts_of_the_policy_and_no_other() -> None:
    assert opened(made("api.gateway.example.com")) == {
        ("1.1.1.1", "443"), ("2606:4700:4700::1111", "443"), ("8.8.8.8", "2465"),
    }  # fmt: skip
    assert opened(made("127.0.0.1")) == {("8.8.8.8", "2465")}


def test_a_host_without_a_public_address_stays_closed() -> None:
    for host in ("rebound.example.com", "nowhere.example.com"):
        text = made(host)
        assert opened(text) == {("8.8.8.8", "2465")}
        assert f"# gateway: {host}\n        # has no address just now" in text


def test_the_stores_own_database_is_reached() -> None:
    text = made("127.0.0.1", "postgres://upheld_run@db.example.com/upheld")
    assert ("10.0.0.5", "5432") in opened(text)


def test_whatever_is_not_named_is_rejected() -> None:
    lines = [line.strip() for line in made("127.0.0.1").splitlines()]
    assert lines[-3:] == ["counter reject with icmpx type admin-prohibited", "}", "}"]
    assert f'meta skuid != "{USER}" accept' in lines and 'oifname "lo" accept' in lines


def test_nft_takes_it(tmp_path: Path) -> None:
    if shutil.which("nft") is None:
        pytest.skip("nft is not installed: apt-get install nftables")
    text = made("api.gateway.example.com rebound.example.com").replace(f'"{USER}"', '"nobody"')
    (tmp_path / "rules.nft").write_text(text)
    done = subprocess.run(
        ["nft", "-c", "-f", str(tmp_path / "rules.nft")],
        capture_output=True,
        text=True,
        check=False,
    )
    if "Operation not permitted" in done.stderr:
        pytest.skip("nft may not look at this machine's rules here")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["upheld.service", "upheld-firewall.service"])
def test_the_units_call_what_there_is(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text("utf-8")
    called = re.findall(r"bin/upheld ((?:[a-z-]+ ?(?:--[a-z-]+ \d+ ?)*))", text)
    assert called
    for words in called:
        build_parser().parse_args(words.split())
    assert set(re.findall(r"Environment=(UPHELD_\w+)=", text)) == {
        "UPHELD_STORE", "UPHELD_HOME", "UPHELD_KEYS",
    }  # fmt: skip


def test_the_stores_unit_is_closed_and_needs_the_firewall() -> None:
    unit = (ROOT / "deploy" / "upheld.service").read_text("utf-8").splitlines()
    for line in (
        "Requires=upheld-firewall.service", f"User={USER}", "NoNewPrivileges=yes",
        "ProtectSystem=strict", "CapabilityBoundingSet=", "LimitCORE=0", "UMask=0077",
        "ReadWritePaths=/var/lib/upheld /var/lib/upheld-keys",
    ):  # fmt: skip
        assert line in unit
