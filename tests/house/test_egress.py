"""Two files reach the outside world: the HTTP client and the SMTP client. Nobody else imports
what they are made of."""

from __future__ import annotations

import ast

from tests.house.source import Module, module_of, modules

NETWORK = {
    "aiohttp", "asyncio", "django.core.mail", "ftplib", "http.client", "httpx", "imaplib",
    "poplib", "requests", "smtplib", "socket", "socketserver", "ssl", "telnetlib", "urllib.request",
    "urllib3", "websockets", "xmlrpc.client",
}  # fmt: skip

# file → what it imports, and why no one's data leaves by it unrecorded
MAY: dict[str, tuple[frozenset[str], str]] = {
    "src/upheld/promises/disclosure/pinned.py": (
        frozenset({"socket"}),
        "resolves and connects, for the two clients below",
    ),
    "src/upheld/promises/disclosure/closed.py": (
        frozenset({"socket"}),
        "refuses connections, and tries its own door with a socket that connects to nothing",
    ),
    "src/upheld/promises/disclosure/egress.py": (
        frozenset({"http.client", "socket", "ssl"}),
        "the HTTP client: takes a committed Disclosure",
    ),
    "src/upheld/promises/mail/relay.py": (
        frozenset({"smtplib", "socket"}),
        "the SMTP client: takes a committed Disclosure",
    ),
    "src/upheld/promises/transport/tls_probe.py": (
        frozenset({"http.client", "socket", "ssl"}),
        "asks our own server, on loopback",
    ),
    "src/upheld_store/payments/practice.py": (
        frozenset({"http.client"}),
        "reads the demo's caught mail from loopback; sends nothing of anyone",
    ),
    "src/upheld_store/site/demo_mail.py": (
        frozenset({"http.client"}),
        "names the exception of the reading above",
    ),
    "src/upheld_store/site/demo.py": (
        frozenset({"urllib.request"}),
        "waits until the demo that it started answers on loopback",
    ),
    "src/upheld_store/site/ports.py": (
        frozenset({"socket"}),
        "tries whether a port of this machine is free; connects to nothing",
    ),
}


def network_imports(module: Module) -> set[str]:
    """Names of network modules that a module imports, in any spelling."""
    found = set()
    for node in ast.walk(module.tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            found |= {known for known in NETWORK if f"{name}.".startswith(f"{known}.")}
    return found


def outside(module: Module) -> set[str]:
    """What a module imports beyond what it may."""
    allowed, _ = MAY.get(module.name, (frozenset(), ""))
    return network_imports(module) - allowed


def ours() -> list[Module]:
    """Engine and store; the practice gateway is another party with a process of its own."""
    return [module for module in modules() if not module.name.startswith("src/practice_gateway/")]


def test_only_the_two_clients_reach_out() -> None:
    assert {module.name: found for module in ours() if (found := outside(module))} == {}


def test_no_exception_outlives_its_need() -> None:
    used = {module.name: network_imports(module) for module in ours() if module.name in MAY}
    assert used == {name: set(imports) for name, (imports, _) in MAY.items()}


def test_the_rule_can_fail() -> None:
    for text, name in {
        "import socket": "socket",
        "import urllib.request as r": "urllib.request",
        "from urllib import request": "urllib.request",
        "from http import client": "http.client",
        "from http.client import HTTPConnection": "http.client",
        "def f():\n    import smtplib": "smtplib",
        "from requests.sessions import Session": "requests",
        "from django.core.mail import send_mail": "django.core.mail",
        "import asyncio.streams": "asyncio",
    }.items():
        assert outside(module_of(text)) == {name}, text
    harmless = "from urllib.parse import quote\nfrom http import HTTPStatus\nimport sockets"
    assert outside(module_of(harmless)) == set()
