"""What is to go wrong, as `POST /control` says it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Forgery = Literal["", "other_secret", "stale", "no_header", "unicode_header", "v0", "body"]
Fault = Literal["", "500", "hang", "drop"]
RefundStatus = Literal["succeeded", "pending", "failed"]
Redaction = Literal["at_once", "in_a_week", "refused"]


@dataclass(frozen=True, slots=True)
class Troubles:
    """`drop` does the work and breaks the connection before it answers. `reorder` holds webhooks
    back until that many wait, then sends the newest first. `wait` answers the buyer only after
    the webhook was delivered. `misstate` overrides facts in what a session answers; `refund` is
    how a new refund stands; `redaction` what is done with a wish to erase who paid."""

    delay_seconds: float = 0.0
    copies: int = 1
    reorder: int = 0
    lose: bool = False
    wait: bool = False
    forge: Forgery = ""
    api: Fault = ""
    api_times: int = 0
    hang_seconds: float = 30.0
    refund: RefundStatus = "succeeded"
    redaction: Redaction = "at_once"
    misstate: dict[str, Any] = field(default_factory=dict)

    def changed(self, wishes: dict[str, Any]) -> Troubles:
        """These troubles with some of them changed; `{"reset": true}` begins with none. Raises
        `ValueError` for a name or a value that is not known."""
        base = Troubles() if wishes.pop("reset", False) else self
        known = {f.name: getattr(base, f.name) for f in dataclasses.fields(base)}
        for name, value in wishes.items():
            if name not in known:
                raise ValueError(f"There is no trouble {name!r}. Known: {', '.join(known)}.")
            if not isinstance(
                value, int | float if name.endswith("_seconds") else type(known[name])
            ):
                raise ValueError(f"{name} is of type {type(known[name]).__name__}.")
        wished = dataclasses.replace(base, **wishes)
        if wished.forge not in get_args(Forgery) or wished.api not in get_args(Fault):
            raise ValueError(f"forge: {get_args(Forgery)}; api: {get_args(Fault)}")
        if wished.refund not in get_args(RefundStatus):
            raise ValueError(f"refund: {get_args(RefundStatus)}")
        if wished.redaction not in get_args(Redaction):
            raise ValueError(f"redaction: {get_args(Redaction)}")
        if not (0 <= wished.delay_seconds <= 600 and 0 <= wished.hang_seconds <= 600):
            raise ValueError("Seconds are between 0 and 600.")
        if not (0 <= wished.copies <= 20 and 0 <= wished.reorder <= 20):
            raise ValueError("copies and reorder are between 0 and 20.")
        return wished
