"""`upheld export` and `upheld erase`."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.upheld.promises.erasure.conftest import bought, buyer, gateway, gateway_name, stock
from upheld.management.rights import NobodyThere
from upheld.promises.erasure.models import Erasure, ErasureState
from upheld.promises.mail.models import OutboxMail
from upheld_store.orders.models import OrderContact
from upheld_store.site.command_line import build_parser
from upheld_store.site.verbs import run

__all__ = ["bought", "buyer", "gateway", "gateway_name", "stock"]
pytestmark = pytest.mark.django_db
Bought = Callable[[str], str]


def upheld(*words: str) -> int:
    return run(build_parser().parse_args(words))


def test_export_writes_for_its_owner_alone(
    bought: Bought, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bought("ada@example.com")
    file = tmp_path / "ada.json"
    assert upheld("export", "ADA@example.com", "-o", str(file)) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    said = json.loads(file.read_text("utf-8"))
    capsys.readouterr()
    assert upheld("export", "ada@example.com") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["records"] == said["records"]
    fields = {value.get("field") for record in said["records"] for value in record["values"]}
    assert {"order.email", "payment.card_last4", "license.key"} <= fields


def test_erase_opens_the_window(bought: Bought, capsys: pytest.CaptureFixture[str]) -> None:
    bought("ada@example.com")
    assert upheld("erase", "ada@example.com") == 0
    said = capsys.readouterr().out
    assert "/privacy/erasures/" in said and "taken back there until" in said
    assert OrderContact.objects.exists()


def test_erase_now_does_not_wait_for_a_relay_that_is_down(
    bought: Bought, capsys: pytest.CaptureFixture[str], settings: object
) -> None:
    bought("ada@example.com")
    settings.UPHELD_SMTP_URL = "smtp://127.0.0.1:1"  # type: ignore[attr-defined]
    assert upheld("erase", "ada@example.com", "--now") == 0
    said = capsys.readouterr().out
    assert "could not be mailed" in said
    assert "stays: the gateway's reference" in said
    assert not OrderContact.objects.exists()
    assert not OutboxMail.objects.filter(kind="erasure_receipt").exists()
    assert Erasure.objects.get().state == ErasureState.BEGUN


def test_nobody_there_is_said(db: None) -> None:
    for verb in ("export", "erase"):
        with pytest.raises(NobodyThere, match="Nothing is held"):
            upheld(verb, "no@example.com")
