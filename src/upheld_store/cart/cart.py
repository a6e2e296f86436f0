"""What the visitor means to buy, kept in one declared cookie and nowhere else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core import signing
from django.http import HttpRequest, HttpResponse

from upheld.promises.cookies import delete_cookie, read_cookie, set_cookie

COOKIE = "cart"
QUANTITY_MAX = 20
LINES_MAX = 20
_SALT = "upheld_store.cart"


@dataclass(frozen=True, slots=True)
class Cart:
    """Lines by plan id. `id` names this very set of lines: each change draws a new one,
    so one id can become at most one order."""

    id: str = ""
    lines: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, request: HttpRequest) -> Cart:
        """The visitor's cart; an absent, forged or outdated cookie is an empty cart."""
        try:
            content = signing.loads(read_cookie(request, COOKIE) or "", salt=_SALT)
            lines = {int(plan): int(quantity) for plan, quantity in content["lines"]}
            return cls(id=str(content["id"]), lines=lines)
        except (signing.BadSignature, KeyError, TypeError, ValueError):
            return cls()

    def with_quantity(self, plan_id: int, quantity: int, new_id: str) -> Cart:
        """A new cart in which the plan stands `quantity` times (0 removes its line)."""
        lines = dict(self.lines)
        lines.pop(plan_id, None)
        if quantity:
            lines[plan_id] = quantity
        return Cart(id=new_id, lines=lines)

    def write(self, response: HttpResponse, request: HttpRequest) -> None:
        """Put this cart into the visitor's browser; an empty one removes the cookie."""
        if not self.lines:
            delete_cookie(response, request, COOKIE)
            return
        content = {"id": self.id, "lines": list(self.lines.items())}
        set_cookie(response, request, COOKIE, signing.dumps(content, salt=_SALT, compress=True))

    @property
    def digest(self) -> str:
        """What an order remembers of the cart: enough to know it again, useless otherwise."""
        return hashlib.sha256(self.id.encode()).hexdigest()

    def __bool__(self) -> bool:
        return bool(self.lines)
