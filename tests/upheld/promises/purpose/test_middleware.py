"""A request begins with the purpose of its route, and its streamed body does too."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from upheld.db import in_force, purpose, stream
from upheld.db.purpose import now_in_force, purpose_for_test
from upheld.policy.errors import UndeclaredPurpose
from upheld.promises.purpose.middleware import PurposeMiddleware, route_name


def seen_at(path: str) -> str:
    """What is in force inside a request for `path`."""
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(str(now_in_force()))
        return HttpResponse()

    with purpose_for_test("support"):
        PurposeMiddleware(view)(RequestFactory().get(path))
        assert in_force() == "support"
    return seen[0]


def test_a_route_brings_its_purpose() -> None:
    assert seen_at("/orders/find/") == "deliver_order (route 'orders:find')"


def test_a_route_of_several_purposes_or_none_starts_with_none() -> None:
    assert seen_at("/checkout/") == "none (route 'checkout:checkout')"
    assert seen_at("/") == "none (route 'catalog:home')"


def test_an_address_that_nobody_answers_holds_nothing() -> None:
    assert seen_at("/nowhere/at/all/") == "none (route '')"
    assert route_name(RequestFactory().get("/nowhere/at/all/")) == ""


def body_of(view: object, path: str) -> list[bytes]:
    """A streamed body as the server reads it: after the middleware has returned."""
    response = PurposeMiddleware(view)(RequestFactory().get(path))  # type: ignore[arg-type]
    chunks = []
    for chunk in response.streaming_content:  # type: ignore[attr-defined]
        assert in_force() is None
        chunks.append(chunk)
    return chunks


def test_a_streamed_body_runs_at_its_route() -> None:
    def view(request: HttpRequest) -> StreamingHttpResponse:
        def rows() -> Iterator[str]:
            for _ in range(2):
                yield str(in_force())

        return StreamingHttpResponse(stream("take_payment", rows()))

    assert body_of(view, "/checkout/") == [b"take_payment"] * 2


def test_a_streamed_body_cannot_take_a_purpose_its_route_lacks() -> None:
    def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(stream("support", [b"x"]))

    with pytest.raises(UndeclaredPurpose):
        body_of(view, "/checkout/")


def test_a_file_is_left_to_the_server() -> None:
    def view(request: HttpRequest) -> FileResponse:
        return FileResponse(io.BytesIO(b"bytes"))

    response = PurposeMiddleware(view)(RequestFactory().get("/"))
    assert isinstance(response, FileResponse)
    assert response.file_to_stream is not None
    assert b"".join(response) == b"bytes"  # type: ignore[arg-type]  # sync, as the server reads
    response.close()


def test_an_error_leaves_nothing_in_force() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with purpose("take_payment"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        PurposeMiddleware(view)(RequestFactory().get("/checkout/"))
    assert in_force() is None
