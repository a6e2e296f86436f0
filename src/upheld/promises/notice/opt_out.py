"""The browser's signals: a wish not to be sold or tracked, which is granted to all anyway."""

from __future__ import annotations

from django.http import HttpRequest

GLOBAL_PRIVACY_CONTROL, DO_NOT_TRACK = "Global Privacy Control", "Do Not Track"


def opt_out_signal(request: HttpRequest) -> str | None:
    """The name of the opt-out signal that this request carries, or None. Global Privacy Control
    is `Sec-GPC: 1` and nothing else; Do Not Track, the retired one, is treated alike. For pages
    that may know who asks: a public page is the same for everyone and cannot see it."""
    if request.headers.get("Sec-GPC") == "1":
        return GLOBAL_PRIVACY_CONTROL
    if request.headers.get("DNT") == "1":
        return DO_NOT_TRACK
    return None
