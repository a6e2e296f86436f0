"""What the owner writes is read in a closed world: a slip is named, never obeyed in silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from upheld_store.site.environment import read_environment
from upheld_store.site.owner_files import EnvironmentInvalid, read_dotenv, read_store_facts


@pytest.fixture
def store(tmp_path: Path) -> Path:
    shutil.copy(Path(settings.UPHELD_STORE) / "store.toml", tmp_path)
    return tmp_path


def test_a_dotenv_is_read(store: Path) -> None:
    (store / ".env").write_text('# mine\n\nUPHELD_GATEWAY = "transfer"\nOTHER=a=b\n')
    assert read_dotenv(store / ".env") == {"UPHELD_GATEWAY": "transfer", "OTHER": "a=b"}
    assert read_environment({"UPHELD_STORE": str(store)}).gateways == ("transfer",)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("UPHELD_ORIGN=https://a.example.com", "Perhaps UPHELD_ORIGIN"),
        ("UPHELD_XYZZY_QUUX=1", "docs/reference.md"),
        ("sk_live_secret", "no NAME=value"),
    ],
)
def test_a_slip_is_named_without_its_value(store: Path, line: str, named: str) -> None:
    (store / ".env").write_text(f"# one\n{line}\n")
    with pytest.raises(EnvironmentInvalid, match=named) as refused:
        read_environment({"UPHELD_STORE": str(store)})
    assert ".env:2: " in str(refused.value)
    assert "sk_live" not in str(refused.value) and "a.example.com" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UPHELD_PRACTICE_URL", "x"),
        ("UPHELD_STRIPE_API_BASE", "api.example.com"),
        ("UPHELD_STAFF_ORIGIN", "https://staff.example.com/desk"),
        ("UPHELD_ORIGIN", "ftp://shop.example.com"),
        ("UPHELD_DEBUG", "yes"),
    ],
)
def test_a_variable_out_of_form_is_named(store: Path, name: str, value: str) -> None:
    with pytest.raises(EnvironmentInvalid, match=f"{name}: '{value}'"):
        read_environment({"UPHELD_STORE": str(store), name: value})


@pytest.mark.parametrize("currency", ["usd", "US", "USDX", "12A"])
def test_a_currency_out_of_form_is_named(tmp_path: Path, currency: str) -> None:
    file = tmp_path / "store.toml"
    file.write_text(f'[store]\nname = "A"\ncurrency = "{currency}"\n')
    with pytest.raises(EnvironmentInvalid, match="is no currency"):
        read_store_facts(file)
