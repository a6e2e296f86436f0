"""What goes back over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from practice_gateway.shapes import Shape


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer."""

    status: int
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


def json_reply(status: int, shape: Shape | list[Shape]) -> Reply:
    """JSON for a machine."""
    return Reply(status, json.dumps(shape, indent=1).encode(), "application/json")


def see_other(url: str) -> Reply:
    """303: the browser goes on with a GET, so a reload never pays again."""
    return Reply(303, headers={"Location": url})
