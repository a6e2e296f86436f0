"""Measuring in turns, and the table that comes out of it."""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from statistics import median
from typing import Any

Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `met` is None where there is no goal; `why` are the top lines of a
    profile where a goal was missed."""

    name: str
    value: str
    goal: str = ""
    met: bool | None = None
    why: tuple[str, ...] = ()
    number: float = 0.0


@dataclass(slots=True)
class Report:
    """What was measured on one database."""

    database: str
    figures: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        """Keep it, and say it at once: the run is long. The goals are SQLite's; PostgreSQL is
        printed beside it."""
        if self.database != "SQLite":
            figure = replace(figure, goal="", met=None)
        self.figures.append(figure)
        print(line_of(figure), flush=True)
        for text in figure.why:
            print(f"      {text}")

    def as_dict(self) -> dict[str, Any]:
        """For a machine."""
        return {"database": self.database, "figures": [asdict(f) for f in self.figures]}


def report_of(table: Mapping[str, Any]) -> Report:
    """What `as_dict` wrote."""
    figures = [Figure(**(row | {"why": tuple(row["why"])})) for row in table["figures"]]
    return Report(table["database"], figures)


def line_of(figure: Figure) -> str:
    """Name, value and goal, in columns."""
    mark = {True: "met", False: "MISSED", None: ""}[figure.met]
    goal = f"goal {figure.goal}" if figure.goal else ""
    return f"  {figure.name:58} {figure.value:>22}  {goal:22} {mark}".rstrip()


def in_turns(
    acts: Mapping[str, Act], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Median seconds of each act."""
    return {name: median(values) for name, values in seconds_in_turns(acts, rounds, clock).items()}


def seconds_in_turns(
    acts: Mapping[str, Act], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """All seconds of each act. They take turns, so that whatever else the machine does meanwhile
    falls on all of them; the first round is thrown away."""
    seconds: dict[str, list[float]] = {name: [] for name in acts}
    names = list(acts)
    for number in range(rounds + 1):
        # Another one begins each time: nobody always follows the same neighbor.
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            began = clock()
            acts[name]()
            if number:
                seconds[name].append(clock() - began)
    return seconds


def at_least(
    name: str, ratio: float, goal: float, why: Act | None = None, unit: str = "x"
) -> Figure:
    """A figure that should be large."""
    return _judged(name, f"{ratio:,.2f} {unit}", f">= {goal:g} {unit}", ratio >= goal, ratio, why)


def at_most(
    name: str, ratio: float, goal: float, why: Act | None = None, unit: str = "x"
) -> Figure:
    """A figure that should be small."""
    return _judged(name, f"{ratio:,.3f} {unit}", f"<= {goal:g} {unit}", ratio <= goal, ratio, why)


def plain(name: str, value: float, unit: str) -> Figure:
    """A figure without a goal."""
    shown = f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"
    return Figure(name, f"{shown} {unit}", number=value)


def _judged(  # noqa: PLR0917 - one line of a table
    name: str, value: str, goal: str, met: bool, number: float, why: Act | None
) -> Figure:
    reasons = () if met or why is None else profile_of(why)
    return Figure(name, value, goal, met, reasons, number)


def profile_of(act: Act, lines: int = 12) -> tuple[str, ...]:
    """The functions in which `act` spends its time, longest first."""
    profile = cProfile.Profile()
    profile.runcall(act)
    out = io.StringIO()
    pstats.Stats(profile, stream=out).strip_dirs().sort_stats("tottime").print_stats(lines)
    rows = out.getvalue().splitlines()
    first = next((n for n, row in enumerate(rows) if "ncalls" in row), 0)
    return tuple(row.strip() for row in rows[first : first + lines + 1] if row.strip())
