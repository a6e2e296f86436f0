"""The demo's stock as a buyer gets it: every file that stock.toml names, built once."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.house.source import ROOT
from upheld_store.catalog.stock import Stock, read_stock

STOCK = ROOT / "demo" / "stock"


@functools.cache
def stock() -> Stock:
    """What stock.toml says."""
    return read_stock(STOCK / "stock.toml")


@functools.cache
def built() -> Path:
    """A folder with every file, made by the stock's own script."""
    folder = _folder("upheld-stock-")
    build(folder)
    return folder


def _folder(prefix: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def build(folder: Path) -> None:
    """Run build.py as the seed does."""
    command = [sys.executable, str(STOCK / "build.py"), str(folder)]
    subprocess.run(command, check=True, capture_output=True)


def file_of(slug: str, name: str) -> Path:
    """One built file of a product's newest release."""
    (found,) = built().glob(f"{slug}/*/{name}")
    return found


def unpacked(slug: str) -> Path:
    """A product's zip, unpacked into a folder of its own."""
    (packed,) = built().glob(f"{slug}/*/*.zip")
    folder = _folder(f"{slug}-")
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder / slug
