"""B2: placing, the webhook, a refund and the destruction of a key, killed at their write calls.
After each kill the store starts, the act is repeated as its caller would, and the oracle looks."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.template import run_python
from tests.weather.buyer import Buyer, Seen
from tests.weather.crash_points import Point, facts_file, kill_at, points_of
from tests.weather.old_vault import plant
from tests.weather.store import Store

pytestmark = [pytest.mark.strace, pytest.mark.own_servers]

ACTS = ("place", "webhook", "refund", "destroy")


class Scene:
    """A store in the moment before an act, which can be brought back to it."""

    def __init__(self, store: Store, act: str) -> None:
        self.store, self.act, self.seen = store, act, Seen()
        self.days: list[str] = []
        self.facts: dict[str, Any] = {
            "host": urlsplit(store.origin).netloc,
            "refund": str(uuid.uuid4()),
        }
        self.store.gateway.sender.post = lambda url, body, headers: 200  # heard by hand
        if act == "destroy":
            self.days = [plant(store, 60).isoformat()]
        else:
            self._shop()
        self.before = store.folder / "before"
        if store.database:
            store.database.keep_copy()
        shutil.copytree(store.folder / "home", self.before / "home")
        shutil.copytree(store.folder / "keys", self.before / "keys")

    def _shop(self) -> None:
        self.store.start()
        buyer = Buyer(self.store, self.seen)
        buyer.fill_cart()
        form = buyer.form("point@example.com")
        self.facts |= {"form": form, "cookies": _as_cookies(buyer.jar)}
        if self.act in {"webhook", "refund"}:
            url = buyer.until((303,), "POST", "/checkout/", **form).location
            buyer.note_placed(url)
            back = buyer.pay(url)
            self._sign()
            if self.act == "refund":
                buyer.look(back)
        self.store.kill()

    def _sign(self) -> None:
        """The event as it would be delivered now: a signature is good for five minutes."""
        sender = self.store.gateway.sender
        body, headers = sender.sealed(sender.events[-1])
        headers.pop("Content-Type")
        self.facts |= {"body": body.decode(), "headers": headers}
        facts_file(self.store, self.facts)

    def restore(self) -> None:
        """Back to the moment before; the gateway keeps its book, and the mailbox is emptied."""
        assert self.store.gateway.mailbox is not None
        self.store.gateway.mailbox._mails.clear()
        if self.act == "webhook":
            self._sign()
        for name in ("home", "keys"):
            shutil.rmtree(self.store.folder / name)
            shutil.copytree(self.before / name, self.store.folder / name)
        if self.store.database:
            self.store.database.restore()
        if self.act == "refund":
            # Another moment before another refund: what went back at the gateway is forgotten.
            self.store.gateway.book._refunds.clear()
            self.facts["refund"] = str(uuid.uuid4())
            facts_file(self.store, self.facts)

    def after(self) -> list[str]:
        """The act again, the keeper, the oracle."""
        facts = str(self.store.folder / "facts.json")
        ran = run_python(self.store.environ, "-m", "tests.weather.flow", self.act, facts)
        assert ran.returncode == 0, ran.stderr[-2000:]
        if self.act in {"webhook", "refund"}:
            self.store.settle()
        sold = [session.id for session in self.store.gateway.book.sessions()]
        return self.store.violations(
            self.seen.evidence(
                planted_days=self.days,
                mailed=self.act == "webhook",
                asked_back=sold if self.act == "refund" else [],
                carts=0 if self.act == "destroy" else 1,
            )
        )


def _as_cookies(jar: dict[str, str]) -> str:
    cookies: SimpleCookie = SimpleCookie()
    for name, value in jar.items():
        cookies[name] = value
    return cookies.output(header="", sep=";")


def sample(points: list[Point], count: int) -> list[Point]:
    """So many, evenly over the act; all where there are no more."""
    if count >= len(points):
        return points
    step = len(points) / (count + 1)
    return [points[int((number + 1) * step)] for number in range(count)]


def run_through(scene: Scene, chosen: list[Point], *sabotage: str) -> dict[str, list[str]]:
    """Point → what the oracle found after a kill there."""
    found, reached = {}, 0
    for point in chosen:
        scene.restore()
        reached += kill_at(scene.store, scene.act, scene.facts, point, *sabotage)
        found[str(point)] = scene.after()
    assert reached >= len(chosen) * 0.7
    return found


@pytest.mark.parametrize(
    ("act", "count"),
    [("webhook", 1), *(pytest.param(act, 10_000, marks=pytest.mark.deep) for act in ACTS)],
)
def test_no_point_breaks_anything(
    weather_store: Callable[..., Store], act: str, count: int
) -> None:
    scene = Scene(weather_store(), act)
    points = points_of(scene.store, act, scene.facts)
    assert len(points) >= 8, points
    found = run_through(scene, sample(points, count))
    assert {point: broken for point, broken in found.items() if broken} == {}


def test_without_transactions_it_would_show(weather_store: Callable[..., Store]) -> None:
    scene = Scene(weather_store(), "webhook")
    points = points_of(scene.store, "webhook", scene.facts, "no_transactions")
    middle = [point for point in points if point.call in {"fsync", "fdatasync", "sendto"}]
    found = run_through(scene, sample(middle, 2), "no_transactions")
    assert any(found.values()), found


def test_marks(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        '1 fsync(3</a>) = 0\n1 stat("/weather-act-begins", 0x7) = -1 ENOENT\n'
        "1 fsync(3</a>) = 0\n1 write(4<socket:[1]>, ...) = 1\n1 write(3</a>, ...) = 1\n"
        '1 stat("/weather-act-ends", 0x7) = -1 ENOENT\n1 fsync(3</a>) = 0\n'
    )
    from tests.weather.crash_points import between_the_marks

    assert between_the_marks(log) == [Point("fsync", 2), Point("write", 2)]
