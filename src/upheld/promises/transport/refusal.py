"""The page that says that a request was refused at the door, and the way out."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a person reads: what happened, and where to go from here."""

    status: int
    title: str
    sentence: str
    way_out: str
    link: str


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as a page, or as problem+json where a machine asked. What was sent with the
    request is neither read nor repeated."""
    accepts = request.headers.get("Accept", "")
    response: HttpResponse
    if "json" in accepts and "html" not in accepts:
        response = JsonResponse(
            {
                "type": "about:blank",
                "title": refusal.title,
                "status": refusal.status,
                "detail": f"{refusal.sentence} {refusal.way_out}",
            },
            status=refusal.status,
            content_type="application/problem+json",
        )
    else:
        response = _page(request, refusal)
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    try:
        return render(
            request, "transport/refused.html", {"refusal": refusal}, status=refusal.status
        )
    except Exception:  # a theme that fails must not turn a refusal into an error of ours
        text = f"{refusal.title}. {refusal.sentence} {refusal.way_out}: {refusal.link}\n"
        return HttpResponse(text, status=refusal.status, content_type="text/plain; charset=utf-8")
