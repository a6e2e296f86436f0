"""Plain HTTP to a practice gateway under test, and its running self."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from practice_gateway.practice import Practice

STORE = "http://127.0.0.1:8000"
SESSION = {
    "mode": "payment",
    "line_items[0][price_data][currency]": "usd",
    "line_items[0][price_data][unit_amount]": "1900",
    "line_items[0][price_data][product_data][name]": "Order <b>",
    "line_items[0][quantity]": "1",
    "client_reference_id": "ABCDE-FGHJK",
    "metadata[order]": "ABCDE-FGHJK",
    "success_url": f"{STORE}/return/?session={{CHECKOUT_SESSION_ID}}",
    "cancel_url": f"{STORE}/cart/",
}


class Caller:
    """Calls one running gateway."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice

    def ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | bytes | None = None,
        **headers: str,
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers, body."""
        parts = urlsplit(self.practice.origin)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=10)
        body = urlencode(form).encode() if isinstance(form, dict) else form
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def call(
        self, method: str, path: str, form: dict[str, str] | None = None, key: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """A call of the interface."""
        headers = {"Authorization": "Bearer sk_test_x"} | ({"Idempotency_Key": key} if key else {})
        status, _, body = self.ask(method, f"/v1/checkout/sessions{path}", form, **headers)
        return status, json.loads(body)

    def open(self, key: str = "", **changed: str) -> dict[str, Any]:
        """A session that must open."""
        status, session = self.call("POST", "", SESSION | changed, key)
        assert status == 200, session
        return session

    def control(self, **wishes: object) -> tuple[int, dict[str, Any]]:
        """POST /control."""
        status, _, body = self.ask(
            "POST", "/control", json.dumps(wishes).encode(), Content_Type="application/json"
        )
        return status, json.loads(body)
