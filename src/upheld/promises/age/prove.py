"""Tries to hand in forms without an answer, and with one that is too young."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from upheld.policy import Policy
from upheld.promises.age.answer import COOKIE
from upheld.promises.age.birth import OLD_ENOUGH, TOO_YOUNG
from upheld.promises.age.personal_forms import personal_inputs
from upheld.promises.cookies.jar import wire_name
from upheld.promises.proof import Proof
from upheld.promises.transport.routes import Route, routes
from upheld.promises.transport.visits import Visit, Visitor, cookie_header

# What is learned later goes the way of every erasure, which has a proof of its own.
_LEARNED_LATER = "a child learned of later is erased at once, as P41 tries it"
_CHUNK_BYTES = 1024 * 1024


@dataclass(slots=True)
class AgeProbe:
    """How many guarded forms were tried, how many pages were looked at, what was wrong."""

    forms: int = 0
    pages: int = 0
    wrong: list[str] = field(default_factory=list)


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """P32 and P33, tested."""
    marker = f"canary-{now:%Y%m%d%H%M%S%f}"
    probe, visitor = AgeProbe(), Visitor()
    for route in routes():
        if route.path and route.asks_age:
            probe.forms += 1
            probe.wrong += _try_form(policy, route, marker, now)
        elif route.path and not route.takes_nothing_down:
            probe.pages += 1
            if personal_inputs(policy, visitor.get(route.path).text):
                probe.wrong.append(f"{route.name} shows a form before the question")
    return [_asked_proof(policy, probe), _nothing_kept_proof(policy, probe, marker)]


def _try_form(policy: Policy, route: Route, marker: str, now: datetime) -> Iterator[str]:
    path, visitor = str(route.path), Visitor()
    first = visitor.get(path)
    if personal_inputs(policy, first.text) or 'name="birth_year"' not in first.text:
        yield f"{route.name} does not ask first"
    typed = {name: f"{marker}@example.com" for form, name in policy.inventory.inputs}
    unasked = {name: value for name, value in typed.items() if not name.startswith("birth_")}
    if visitor.post(path, unasked).status != 403:
        yield f"{route.name} takes a form without an answer"
    minimum = policy.age_minimum_years
    young = visitor.post(path, typed | _born(now.year - minimum + 1))
    if young.status != 403 or not _remembers(young, TOO_YOUNG):
        yield f"{route.name} takes an answer that is too young"
    again = visitor.post(
        path, typed | _born(now.year - minimum - 1), cookie=cookie_header(young.set_cookies)
    )
    if again.status != 403 or again.set_cookies:
        yield f"{route.name} lets another year be tried"
    old = visitor.post(path, _born(now.year - minimum - 1))
    inside = visitor.get(path, cookie=cookie_header(old.set_cookies))
    if old.status != 303 or not _remembers(old, OLD_ENOUGH) or inside.status >= 500:
        yield f"{route.name} turns away who is old enough"
    if 'name="birth_year"' in inside.text:
        yield f"{route.name} asks twice"


def _born(year: int) -> dict[str, str]:
    return {"birth_year": str(year), "birth_month": "", "birth_day": ""}


def _remembers(visit: Visit, answer: str) -> bool:
    return cookie_header(visit.set_cookies) == f"{wire_name(COOKIE)}={answer}"


def _asked_proof(policy: Policy, probe: AgeProbe) -> Proof:
    figure = (
        f"{probe.forms} forms tried without an answer, with one under "
        f"{policy.age_minimum_years}, with one tried again, with one old enough; "
        f"{probe.pages} other pages looked at: "
    )
    if probe.wrong:
        return Proof("P32", "broken", "tested", probe.forms, figure + probe.wrong[0])
    if not probe.forms:
        return Proof("P32", "unproven", None, 0, "no form that collects anything was found")
    figure += "the question comes first, and only who is old enough got on"
    return Proof("P32", "kept", "tested", probe.forms, figure)


def _nothing_kept_proof(policy: Policy, probe: AgeProbe, marker: str) -> Proof:
    files, found = _search(Path(settings.UPHELD_HOME), marker.encode())
    figure = (
        f"{probe.forms} forms refused for an answer under {policy.age_minimum_years}; what was "
        f"typed into them stands in {found} of {files} data files"
    )
    if found:
        return Proof("P33", "broken", "tested", probe.forms, figure)
    if not probe.forms:
        return Proof("P33", "unproven", None, 0, "no form that collects anything was found")
    return Proof("P33", "kept", "tested", probe.forms, f"{figure}; {_LEARNED_LATER}")


def _search(folder: Path, marker: bytes) -> tuple[int, int]:
    """How many files there are, and how many of them hold the marker."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return len(files), sum(_holds(path, marker) for path in files)


def _holds(path: Path, marker: bytes) -> bool:
    kept = b""
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                if marker in kept + chunk:
                    return True
                kept = chunk[-len(marker) :]
    except FileNotFoundError:  # a file that the database has removed meanwhile
        return False
    return False
