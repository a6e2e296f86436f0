"""How long a person waits for the command line, and what a start checks."""

from __future__ import annotations

from bench.figures import Report, at_most, in_turns, plain
from bench.throwaway import Throwaway
from upheld_store.site.checks import findings_at_start


def measure(store: Throwaway, report: Report) -> None:
    """Help and check as processes; what check does itself, without the start of Python."""
    words = ("-m", "upheld_store.site")
    seconds = in_turns(
        {
            "python": lambda: store.run("-c", ""),
            "help": lambda: store.run(*words, "--help"),
            "check": lambda: store.run(*words, "check"),
            "own": findings_at_start,
        },
        3,
    )
    report.add(at_most("upheld --help", seconds["help"], 0.5, unit="s"))
    report.add(plain("  of which Python's own start", seconds["python"], "s"))
    report.add(plain("upheld check, as a process", seconds["check"], "s"))
    report.add(plain("  of which its own work", seconds["own"], "s"))
