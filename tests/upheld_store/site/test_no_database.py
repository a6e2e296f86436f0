"""A command without a usable database says so in a sentence."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from django.db import OperationalError

from upheld_store.site import command_line


def test_a_database_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(arguments: object) -> int:
        raise OperationalError("attempt to write a readonly database")

    real = importlib.import_module

    def import_module(name: str) -> object:
        return SimpleNamespace(run=run) if name == "upheld_store.site.verbs" else real(name)

    monkeypatch.setattr(command_line.importlib, "import_module", import_module)
    assert command_line.main(["keep"]) == 1
    said = capsys.readouterr().err
    assert "readonly database" in said and "UPHELD_HOME" in said and "Traceback" not in said
