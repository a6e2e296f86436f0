"""Whole purchases over HTTP: how many requests one takes, and how many go in a second."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode

from bench.figures import Figure, Report, at_least, plain
from bench.throwaway import BenchFailed, Throwaway
from bench.wire import Answer, Line

USERS, _PROCESSES, _SECONDS = 8, 2, 12.0
_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
_OWN = "Sec-Fetch-Site: same-origin\r\n"
_CARD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "Ada Example"}
_SHOWN = re.compile(rb'name="shown" value="([0-9a-f]{64})"')
_PLAN = re.compile(rb'name="plan" value="(\d+)"')


@dataclass
class Buyer:
    """One browser past the age question, with its own connections."""

    origin: str
    gateway: str
    cookies: dict[str, str] = field(default_factory=lambda: {"age": "old_enough"})
    requests: int = 0

    def __post_init__(self) -> None:
        self.store, self.till = Line(self.origin), Line(self.gateway)

    def buy(self, plan: str, email: str) -> None:
        """From the cart to the order's page, which must say that it is paid."""
        self.send("/cart/items/", plan=plan, quantity="1")
        page = self.ask("GET", "/checkout/")
        shown = _SHOWN.search(page.body)
        if shown is None:
            raise BenchFailed(f"no checkout page: {page.status} {page.body[:300]!r}")
        sent = self.send("/checkout/", email=email, name="Ada Example", shown=shown[1].decode())
        url = sent.headers.get("location", "").removeprefix(self.gateway)
        self.till.ask("GET", url)
        paid = self.till.ask("POST", url, _FORM, urlencode(_CARD).encode())
        back = paid.headers.get("location", "").removeprefix(self.origin)
        self.requests += 2
        order = self.ask("GET", back).headers.get("location", "")
        page = self.ask("GET", order)
        if page.status != 200 or b"Paid" not in page.body:
            raise BenchFailed(f"not paid: {page.status} {order} {page.body[:300]!r}")

    def send(self, path: str, **form: str) -> Answer:
        """A form of ours."""
        return self.ask("POST", path, _FORM + _OWN, urlencode(form).encode())

    def ask(self, method: str, path: str, headers: str = "", body: bytes = b"") -> Answer:
        """One request of the store, cookies kept."""
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.store.ask(method, path, f"{headers}Cookie: {jar}\r\n", body)
        for cookie in answer.cookies:
            name, _, value = cookie.partition("=")
            self.cookies[name] = value
        self.requests += 1
        return answer


def find_plan(origin: str) -> str:
    """The first plan of the demo's licensed product."""
    found = _PLAN.search(Line(origin).ask("GET", "/products/tidewatch/").body)
    if found is None:
        raise BenchFailed("the product page offers no plan")
    return found[1].decode()


def measure(store: Throwaway, report: Report, workers: int = 1) -> None:
    """Eight users for some seconds, each buying again and again."""
    with store.store(workers) as pid:
        plan = find_plan(store.origin)
        one = Buyer(store.origin, store.gateway)
        one.buy(plan, "first@example.com")
        report.add(
            Figure("a guest order's requests, the gateway's two included", str(one.requests))
        )
        before = _cpu_seconds(pid)
        done, spent = _all_at_once(store, plan)
        per_order = (_cpu_seconds(pid) - before) / done * 1000
    name = f"orders a second, {USERS} users, {workers} worker(s), gateway included"
    report.add(at_least(name, done / spent, 100, unit="/s"))
    report.add(plain("the store's processor time for an order", per_order, "ms"))


def _all_at_once(store: Throwaway, plan: str) -> tuple[int, float]:
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        share = USERS // _PROCESSES
        jobs = [
            pool.submit(users, (store.origin, store.gateway), plan, share, number)
            for number in range(_PROCESSES)
        ]
        counts = [job.result() for job in jobs]
    return sum(done for done, _ in counts), max(spent for _, spent in counts)


def users(where: tuple[str, str], plan: str, count: int, process: int) -> tuple[int, float]:
    """In a process of its own: so many buyers in threads. Orders done, and seconds."""
    done = [0] * count
    ends = time.perf_counter() + _SECONDS

    def keep_buying(number: int) -> None:
        while time.perf_counter() < ends:
            buyer = Buyer(*where)
            buyer.buy(plan, f"user{process}.{number}.{done[number]}@example.com")
            buyer.store.close()
            done[number] += 1

    began = time.perf_counter()
    threads = [threading.Thread(target=keep_buying, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done), time.perf_counter() - began


def _cpu_seconds(pid: int) -> float:
    """Of a process and its children, as far as they live."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(entry.parent.name) == pid or int(fields[1]) == pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / 100
