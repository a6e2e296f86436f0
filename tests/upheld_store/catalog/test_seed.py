"""The seed makes the catalog say what the stock says: once, whole, and again without a trace."""

from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.upheld_store.catalog.built_stock import STOCK, stock
from tests.upheld_store.catalog.conftest import NOW
from upheld.policy.errors import ActRefused
from upheld.web.content import read_version
from upheld_store.catalog.models import Category, Plan, Product, Release, ReleaseFile
from upheld_store.catalog.seed import seed, seed_many


def silent(done: int, total: int) -> None:
    """Nobody looks at the progress."""


def test_the_whole_stock_is_on_the_shelves(stocked: Path) -> None:
    assert Product.objects.count() == len(stock().products)
    assert Category.objects.count() == len(stock().categories)
    assert not Product.objects.filter(artwork="").exists()
    vendor = Product.objects.get(slug="heron-letters")
    assert vendor.vendor_name and vendor.vendor_policy_url.startswith("https://")


def test_every_file_lies_in_the_media_folder_with_its_checksum(stocked: Path) -> None:
    files = list(ReleaseFile.objects.all())
    assert len(files) == sum(len(r.files) for p in stock().products for r in p.releases)
    for file in files:
        content = (stocked / file.path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)


def test_a_second_seed_changes_nothing(stocked: Path) -> None:
    version, times = read_version(), {p: p.stat().st_mtime_ns for p in stocked.rglob("*")}
    seed(STOCK, NOW + timedelta(days=1), silent)
    assert read_version() == version
    assert {p: p.stat().st_mtime_ns for p in stocked.rglob("*")} == times


def test_a_plan_the_stock_no_longer_names_goes_off_sale(stocked: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stock"
    shutil.copytree(STOCK, folder)
    toml = folder / "stock.toml"
    toml.write_text(toml.read_text().replace('"Household, up to five people"', '"Family"'))
    seed(folder, NOW, silent)
    assert not Plan.objects.get(name__startswith="Household").active
    assert Plan.objects.get(name="Family").active


def test_nothing_is_released_tomorrow(stocked: Path) -> None:
    seed(STOCK, NOW.replace(year=2026, month=1, day=5), silent)
    assert max(Release.objects.values_list("released_on", flat=True)).isoformat() == "2026-01-05"


def test_a_build_that_fails_is_told_and_changes_nothing(
    db: None, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "stock.toml").write_text((STOCK / "stock.toml").read_text())
    (tmp_path / "build.py").write_text("raise SystemExit('no flour left')")
    with pytest.raises(ActRefused, match="no flour left"):
        seed(tmp_path, NOW, silent)
    assert not Product.objects.exists()


def test_a_file_the_build_did_not_make_is_named(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "stock.toml").write_text((STOCK / "stock.toml").read_text())
    (tmp_path / "build.py").write_text("")
    with pytest.raises(ActRefused, match=r"build\.py made no rename-rook-1\.4\.0\.zip"):
        seed(tmp_path, NOW, silent)


def test_invented_products_come_in_any_number(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    seen: list[tuple[int, int]] = []
    seed_many(products=7, now=NOW, progress=lambda done, total: seen.append((done, total)))
    seed_many(products=12, now=NOW, progress=lambda done, total: seen.append((done, total)))
    seed_many(products=3, now=NOW, progress=silent)
    assert Product.objects.count() == 12 and seen == [(7, 7), (5, 5)]
    assert Product.objects.on_show("USD").count() == 12  # type: ignore[attr-defined]
    assert (tmp_path / ReleaseFile.objects.all()[0].path).is_file()


@pytest.mark.parametrize("rows", [{"customers": 1}, {"orders": 1}])
def test_other_rows_are_refused_in_plain_words(db: None, rows: dict[str, int]) -> None:
    with pytest.raises(ActRefused, match="Leave out --customers and --orders"):
        seed_many(products=1, now=NOW, progress=silent, **rows)
    assert not Product.objects.exists()
