"""`python -m bench`: every figure of docs/performance.md, measured anew."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import enumeration, orders, pages
from bench.figures import Figure, Report, report_of
from bench.layers import layers_of
from bench.postgresql import throwaway_server
from bench.throwaway import Throwaway

_ROWS = 2_000_000
# The gates' own cost is a matter of SQLite's authorizer; pages do not reach the database.
URLS = ("UPHELD_DATABASE_URL", "UPHELD_DATABASE_OWNER_URL")
BOTH = ("orders", "vaults")
SECTIONS = (
    "pages", "orders", "enumeration", "statements", "gates", "requests", "reads", "commands",
    "vaults",
)  # fmt: skip


def main() -> int:
    """Exit 0 whatever the figures are: a busy machine is no fault of the store's."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=_ROWS, help="sealed rows (2,000,000)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--on-postgresql", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", metavar="SECTION", action="append", choices=SECTIONS)
    arguments = parser.parse_args()
    sections = tuple(arguments.only or SECTIONS)
    if arguments.on_postgresql:  # this process, asked by the one below
        urls = {name: value for name, value in os.environ.items() if name in URLS}
        reports = [run(urls, arguments.rows, sections)]
    else:
        reports = [run({}, arguments.rows, sections), *_on_postgresql(arguments.rows, sections)]
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(_as_dict(reports), indent=1), "utf-8")
    return 0


def _on_postgresql(rows: int, sections: tuple[str, ...]) -> list[Report]:
    """In a process of its own, because settings are read once, and with a tenth of the rows.
    Without a server it says so."""
    chosen = [name for name in sections if name in BOTH]
    with throwaway_server() as urls, tempfile.NamedTemporaryFile(suffix=".json") as out:
        if urls is None:
            print("PostgreSQL: SKIPPED, no server here")
        if urls is None or not chosen:
            return []
        words = ["--on-postgresql", "--rows", str(rows // 10), "--json", out.name]
        words += [word for name in chosen for word in ("--only", name)]
        environ = dict(os.environ) | urls
        ran = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-m", "bench", *words], env=environ, check=False
        )
        if ran.returncode:
            return []
        return [report_of(each) for each in json.loads(Path(out.name).read_text())["reports"]]


def run(urls: dict[str, str], rows: int, sections: tuple[str, ...]) -> Report:
    """The servers first; then the same store in this process."""
    store = Throwaway(urls)
    try:
        store.make()
        report = Report("PostgreSQL" if urls else "SQLite")
        print(f"{report.database}, {os.cpu_count()} cores, Python {platform.python_version()}")
        _measure_servers(store, report, sections)
        _measure_here(store, report, rows, sections)
        return report
    finally:
        store.remove()


def _measure_servers(store: Throwaway, report: Report, sections: Any) -> None:
    if "pages" in sections:
        pages.measure(store, report)
    if "orders" in sections:
        for workers in (1, 2):
            orders.measure(store, report, workers)
    if "enumeration" in sections:
        enumeration.measure(store, report)


def _measure_here(store: Throwaway, report: Report, rows: int, sections: Any) -> None:
    """Settings are read once, so this process becomes the store's now, and no earlier."""
    os.environ.update(store.environ)
    importlib.import_module("django").setup()
    if any(figure.met is False and "orders a second" in figure.name for figure in report.figures):
        buy_ten = importlib.import_module("bench.statements").buy_ten
        buy_ten()  # what is compiled and imported once is no part of an order
        name = "why: ten orders and their letters in one process, by layer"
        report.add(Figure(name, "", why=layers_of(buy_ten)))
    for name in ("statements", "gates", "requests", "reads"):
        if name in sections:
            importlib.import_module(f"bench.{name}").measure(report)
    if "commands" in sections:
        importlib.import_module("bench.commands").measure(store, report)
    if "vaults" in sections:
        importlib.import_module("bench.vaults").measure(report, rows)


def _as_dict(reports: list[Report]) -> dict[str, Any]:
    return {"cores": os.cpu_count(), "reports": [report.as_dict() for report in reports]}


if __name__ == "__main__":
    sys.exit(main())
