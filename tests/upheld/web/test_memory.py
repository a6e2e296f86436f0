"""Public pages come from memory: the right bytes, for the right version, and nothing else."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from upheld.web import memory
from upheld.web.content import read_version
from upheld.web.memory import ServeFromMemory
from upheld.web.middleware import PUBLIC_SECONDS
from upheld_store.catalog.models import Category

PAGE = b"<p>the same for everyone</p>" * 40


class Behind:
    """Stands for Django: counts what reaches it."""

    def __init__(self) -> None:
        self.asked = 0
        self.status, self.body, self.seconds = "200 OK", PAGE, 60
        self.headers = [("Content-Type", "text/html"), ("ETag", 'W/"a"'), ("X-Safe", "yes"),
                        ("Content-Length", "1120")]  # fmt: skip

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        if self.seconds:
            environ[PUBLIC_SECONDS] = self.seconds
        start_response(self.status, list(self.headers), None)
        return [self.body]


class Store:
    """The memory with a clock and a version that a test turns."""

    def __init__(self) -> None:
        self.behind, self.now, self.version, self.reads = Behind(), 0.0, 1, 0
        self.memory = ServeFromMemory(self.behind, self._read, lambda: self.now)

    def _read(self) -> int:
        self.reads += 1
        if self.version < 0:
            raise DatabaseError
        return self.version

    def get(self, path: str = "/a/", method: str = "GET", **more: str) -> tuple[str, Any, bytes]:
        environ = RequestFactory().generic(method, path).environ
        environ |= {"HTTP_HOST": "127.0.0.1:8000"} | more
        answer: list[Any] = []
        body = b"".join(self.memory(environ, lambda *parts: answer.append(parts)))
        return answer[0][0], dict(answer[0][1]), body


@pytest.fixture
def store() -> Store:
    return Store()


def test_the_second_visitor_is_answered_from_memory(store: Store) -> None:
    assert store.get() == store.get()
    assert store.behind.asked == 1
    status, headers, body = store.get()
    assert status == "200 OK" and body == PAGE and headers["X-Safe"] == "yes"
    assert headers["Content-Length"] == str(len(PAGE)) and headers["ETag"] == 'W/"a"'


def test_a_change_shows_within_a_second(store: Store) -> None:
    store.get()
    store.version, store.behind.body = 2, b"new"
    store.now = 0.9
    assert store.get()[2] == PAGE
    store.now = 1.1
    assert store.get()[2] == b"new"


def test_the_version_is_read_once_a_second(store: Store) -> None:
    for _ in range(50):
        store.get()
    assert store.reads == 1


def test_a_page_ends_with_its_seconds(store: Store) -> None:
    store.get()
    store.now = 59.0
    store.get()
    assert store.behind.asked == 1
    store.now = 60.5
    store.get()
    assert store.behind.asked == 2


@pytest.mark.parametrize("change", [
    {"status": "404 Not Found"}, {"status": "304 Not Modified"}, {"seconds": 0},
    {"headers": [("ETag", "a"), ("Set-Cookie", "a=b")]}, {"headers": []},
])  # fmt: skip
def test_what_is_not_a_public_page_is_not_kept(store: Store, change: dict[str, Any]) -> None:
    vars(store.behind).update(change)
    store.get()
    store.get()
    assert store.behind.asked == 2


@pytest.mark.parametrize(("path", "method", "more"), [
    ("/a/?q=words", "GET", {}),
    ("/a/?category=b&q=", "GET", {}),
    ("/a/?" + "x" * 300, "GET", {}),
    ("/a/", "POST", {}),
    ("/a/", "GET", {"HTTP_HOST": "evil.example.com"}),
    ("/a/", "GET", {"HTTP_X_FORWARDED_PROTO": "gopher"}),
])  # fmt: skip
def test_what_always_goes_to_django(
    store: Store, path: str, method: str, more: dict[str, str]
) -> None:
    store.get(path, method, **more)
    store.get(path, method, **more)
    assert store.behind.asked == 2


def test_encrypted_and_plain_are_never_mixed(store: Store) -> None:
    store.get(HTTP_X_FORWARDED_PROTO="https")
    store.get()
    store.get(**{"wsgi.url_scheme": "https"})
    assert store.behind.asked == 3


def test_a_head_is_answered_from_the_page(store: Store) -> None:
    store.get(method="HEAD")
    store.get()
    status, headers, body = store.get(method="HEAD")
    assert (status, body) == ("200 OK", b"") and headers["Content-Length"] == str(len(PAGE))
    assert store.behind.asked == 2


@pytest.mark.parametrize(("tag", "status"), [
    ('W/"a"', "304 Not Modified"), ('"b", W/"a"', "304 Not Modified"), ("*", "304 Not Modified"),
    ('"b"', "200 OK"),
])  # fmt: skip
def test_who_has_the_page_is_told_so(store: Store, tag: str, status: str) -> None:
    store.get()
    answered, headers, body = store.get(HTTP_IF_NONE_MATCH=tag)
    assert answered == status and headers["ETag"] == 'W/"a"' and headers["X-Safe"] == "yes"
    assert (body == b"") == (status != "200 OK")


def test_a_page_leaves_compressed_to_who_takes_it(store: Store) -> None:
    _, headers, body = store.get(HTTP_ACCEPT_ENCODING="br;q=1.0, gzip;q=0.8")
    assert headers["Content-Encoding"] == "gzip" and gzip.decompress(body) == PAGE
    assert headers["Vary"] == "Accept-Encoding" and len(body) < len(PAGE)
    assert store.get(HTTP_ACCEPT_ENCODING="gzip;q=0")[2] == PAGE
    assert store.behind.asked == 1


def test_memory_is_bounded_and_the_least_used_goes_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "BYTES_MAX", 3 * (len(PAGE) + 1500))
    for path in ("/a/", "/b/", "/c/", "/a/", "/d/", "/e/"):
        store.get(path)
    asked = store.behind.asked
    store.get("/a/")
    assert store.behind.asked == asked
    store.get("/b/")
    assert store.behind.asked == asked + 1
    assert store.memory._shelf.size <= memory.BYTES_MAX


def test_a_page_larger_than_is_worth_it_is_not_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "PAGE_BYTES_MAX", 10)
    assert store.get()[2] == PAGE
    store.get()
    assert store.behind.asked == 2


def test_without_the_database_nothing_is_told_from_memory(store: Store) -> None:
    store.get()
    store.version, store.now = -1, 2.0
    store.get()
    store.get()
    assert store.behind.asked == 3


def test_many_threads_see_whole_pages_of_their_version(store: Store) -> None:
    wrong: list[bytes] = []

    def visit() -> None:
        for number in range(60):
            _, headers, body = store.get(f"/{number % 7}/")
            if body != PAGE or headers["Content-Length"] != str(len(PAGE)):
                wrong.append(body)

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for version in range(2, 30):
        store.version, store.now = version, store.now + 1.1
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.usefixtures("open_connection")
def test_a_page_from_memory_costs_no_sql_and_a_change_is_seen() -> None:
    now = [0.0]
    served = ServeFromMemory(get_wsgi_application(), read_version, lambda: now[0])

    def get() -> bytes:
        environ = RequestFactory().get("/products/").environ | {"HTTP_HOST": "127.0.0.1:8000"}
        return b"".join(served(environ, lambda *_: None))

    first = get()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert get() == first
    assert len(queries) == 0
    Category.objects.create(slug="kites", name="Kites and strings")
    assert get() == first
    now[0] = 1.5
    with CaptureQueriesContext(connection) as queries:
        changed = get()
    assert b"Kites and strings" in changed and len(queries) > 1
    now[0] = 3.0
    with CaptureQueriesContext(connection) as queries:
        assert get() == changed
    assert len(queries) == 1, "the version alone"
