"""contract.toml and the program name the same things, in both directions."""

from __future__ import annotations

import argparse
import re
import tomllib
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.source import ROOT, modules
from upheld.policy import current
from upheld_store.orders.models import OrderState
from upheld_store.site.command_line import build_parser
from upheld_store.site.owner_files import VARIABLES

CONTRACT: dict[str, Any] = tomllib.loads((ROOT / "contract.toml").read_text("utf-8"))


def commands() -> dict[str, list[str]]:
    """Verb → its arguments, as the parser knows them."""
    verbs = next(
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return {
        name: sorted(
            (action.option_strings[-1] if action.option_strings else str(action.metavar))
            for action in parser._actions
            if not isinstance(action, argparse._HelpAction)
        )
        for name, parser in verbs.choices.items()
    }


def addresses(
    resolver: URLResolver | None = None, prefix: str = "/", namespace: str = ""
) -> dict[str, str]:
    """Address → route name, for everything the store answers."""
    found: dict[str, str] = {}
    for pattern in (resolver or get_resolver()).url_patterns:
        text = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            found[text] = f"{namespace}{pattern.name}"
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else namespace
            found |= addresses(pattern, text, inner)
    return found


def test_commands() -> None:
    assert commands() == {name: sorted(words) for name, words in CONTRACT["commands"].items()}


def test_addresses() -> None:
    assert addresses() == CONTRACT["addresses"]


def test_make_targets() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):", makefile, re.M)
    assert sorted(targets) == CONTRACT["make"]["targets"]


def test_environment() -> None:
    module = next(m for m in modules() if m.name == "src/upheld_store/site/environment.py")
    read = set(re.findall(r'value\("([A-Z_]+)"', module.text)) | {"STORE"}
    assert sorted(f"UPHELD_{name}" for name in read) == CONTRACT["environment"]["names"]
    assert sorted(VARIABLES) == CONTRACT["environment"]["names"]


def test_orders_and_mails() -> None:
    assert sorted(OrderState.values) == sorted(CONTRACT["order_json"]["states"])
    assert sorted(current().mails) == sorted(CONTRACT["mail"]["kinds"])


def test_it_can_fail() -> None:
    assert addresses() != CONTRACT["addresses"] | {"/nowhere/": "nowhere"}
    assert "no-such-verb" not in commands()
