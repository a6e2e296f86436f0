"""Bought files: whole, resumed, counted, for a day, and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import signing

from tests.upheld_store.buyer import Buyer
from tests.upheld_store.conftest import CONTENT
from upheld_store.catalog.models import Plan, ReleaseFile
from upheld_store.delivery import links
from upheld_store.delivery.byte_range import RangeNotSatisfiable, parse_range
from upheld_store.delivery.models import Download
from upheld_store.orders.models import Order, OrderLine, OrderState

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(buyer: Buyer, stock: dict[str, Plan]) -> str:
    """A bought file's fresh link."""
    return str(buyer.facts(buyer.buy(stock["plain"]))["downloads"][0]["url"])


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_whole(buyer: Buyer, url: str) -> None:
    answer = buyer.client.get(url)
    assert body(answer) == CONTENT
    assert answer["Content-Length"] == str(len(CONTENT))
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Accept-Ranges"] == "bytes"
    assert Download.objects.get().count == 1


def test_broken_off_and_resumed(buyer: Buyer, url: str) -> None:
    etag = buyer.client.get(url)["ETag"]
    rest = buyer.client.get(url, headers={"Range": "bytes=100-", "If-Range": etag})
    assert (rest.status_code, body(rest)) == (206, CONTENT[100:])
    assert rest["Content-Range"] == f"bytes 100-{len(CONTENT) - 1}/{len(CONTENT)}"
    assert Download.objects.get().count == 1  # going on is no second download


def test_a_new_version_starts_anew(buyer: Buyer, url: str) -> None:
    answer = buyer.client.get(url, headers={"Range": "bytes=100-", "If-Range": '"older"'})
    assert (answer.status_code, body(answer)) == (200, CONTENT)


def test_head_counts_nothing(buyer: Buyer, url: str) -> None:
    answer = buyer.client.head(url)
    assert answer.status_code == 200 and answer["Content-Length"] == str(len(CONTENT))
    assert not Download.objects.exists()


def test_beyond_the_end(buyer: Buyer, url: str) -> None:
    answer = buyer.client.get(url, headers={"Range": f"bytes={len(CONTENT)}-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")
    assert b"<h1>The file ends before that</h1>" in answer.content


def test_refused_alike(buyer: Buyer, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forged, of another salt, of nothing, expired and refunded look the same."""
    line, file = OrderLine.objects.get(), ReleaseFile.objects.get(name="plain.txt")
    tokens = [
        "x",
        url.removeprefix("/downloads/")[:-1] + ("B" if url[-1] == "A" else "A"),
        signing.dumps([line.pk, file.pk]),
        signing.dumps([0, file.pk], salt="upheld_store.delivery"),
        signing.dumps("x", salt="upheld_store.delivery"),
        signing.dumps({"a": 1}, salt="upheld_store.delivery"),
    ]
    pages = [buyer.client.get(f"/downloads/{token}") for token in tokens]
    Order.objects.update(state=OrderState.REFUNDED)
    pages.append(buyer.client.get(url))
    Order.objects.update(state=OrderState.PAID)
    assert buyer.client.get(url).status_code == 200
    monkeypatch.setattr(links, "LINK_SECONDS_MAX", -1)
    pages.append(buyer.client.get(url))
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1


def test_a_file_that_is_gone_is_not_found(buyer: Buyer, url: str) -> None:
    ReleaseFile.objects.update(path="test/gone.txt")
    assert buyer.client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("bytes=5-2", None),
        ("bytes=a-b", None),
        ("bytes=\u0661-2", None),
        ("bytes=0-0", (0, 0)),
        ("bytes=0-", (0, 9)),
        ("bytes=2-5", (2, 5)),
        ("bytes=2-99", (2, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=-99", (0, 9)),
    ],
)
def test_ranges(header: str | None, expected: tuple[int, int] | None) -> None:
    part = parse_range(header, 10)
    assert (part and (part.first, part.last)) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_ranges_beyond(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, 10)
