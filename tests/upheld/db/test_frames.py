"""Which line a refusal points to."""

from __future__ import annotations

from pathlib import Path

import pytest

from upheld.db import frames


def test_it_is_the_innermost_line_outside_django_and_the_back_end() -> None:
    assert frames.calling_line().startswith("tests/upheld/db/test_frames.py:")


def test_the_inventory_is_the_one_beside_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    code = compile("def ask(f):\n    return f()\n", "src/upheld_store/orders/models.py", "exec")
    names: dict[str, object] = {}
    exec(code, names)
    ask = names["ask"]
    assert callable(ask)
    assert ask(frames.nearest_inventory) == "src/upheld_store/orders/inventory.toml"
    assert ask(frames.calling_line) == "src/upheld_store/orders/models.py:2"


def test_where_there_is_none_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert frames.nearest_inventory() == "the inventory.toml beside the app"
    monkeypatch.setattr(frames, "_caller", lambda: None)
    assert frames.calling_line() == "unknown"
    assert frames.nearest_inventory() == "the inventory.toml beside the app"


def test_a_path_outside_every_known_folder_stays_whole() -> None:
    assert frames._short(Path("/somewhere/else.py")) == "/somewhere/else.py"
