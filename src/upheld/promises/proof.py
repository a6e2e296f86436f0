"""The outcome of trying to break a promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["kept", "late", "broken", "unproven"]
Kind = Literal["tested", "counted", "sworn"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What one proof found. `population` is how many things it looked at: a proof over nothing
    plants a canary or says `unproven`, because green over nothing is a lie."""

    promise_id: str
    state: State
    kind: Kind | None
    population: int | None
    figure: str
