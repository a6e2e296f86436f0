"""Whole purchases over HTTP: how many requests one takes, and how many go in a second."""

from __future__ import annotations

import os
import re
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode

from bench.figures import Figure, Report, at_least, plain
from bench.throwaway import BenchFailed, Throwaway
from bench.wire import Answer, Line

USERS, GOAL, _PROCESSES, _SECONDS = 8, 100, 2, 12.0
_QUIET_SECONDS, _QUIET_SECONDS_MAX, _RESTING_MAX = 2.0, 90.0, 0.1
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
    client: str = ""  # the address that a proxy would say

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

    def leave(self) -> None:
        """Hang up."""
        self.store.close()
        self.till.close()

    def send(self, path: str, **form: str) -> Answer:
        """A form of ours."""
        return self.ask("POST", path, _FORM + _OWN, urlencode(form).encode())

    def ask(self, method: str, path: str, headers: str = "", body: bytes = b"") -> Answer:
        """One request of the store, cookies kept."""
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.client:
            headers += f"X-Forwarded-For: {self.client}\r\n"
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
    with store.store(workers) as processes:
        plan = find_plan(store.origin)
        one = Buyer(store.origin, store.gateway)
        one.buy(plan, "first@example.com")
        report.add(
            Figure("a guest order's requests, the gateway's two included", str(one.requests))
        )
        _await_quiet(processes)
        before = [_cpu_seconds(pid) for pid in processes]
        done, spent, buyers = _all_at_once(store, plan)
        _await_quiet(processes)
        took = [_cpu_seconds(pid) - begun for pid, begun in zip(processes, before, strict=True)]
    name = f"orders a second, {USERS} users, {workers} worker(s), gateway included"
    report.add(at_least(name, done / spent, GOAL, unit="/s"))
    _say_who_works(report, done, dict(zip(("store", "gateway"), took, strict=True)), buyers)


def _say_who_works(report: Report, done: int, took: dict[str, float], buyers: float) -> None:
    """Processor time tells what the store is worth where other work leaves it little of the
    machine: it grows under a busy neighbor too, but far less than the seconds on the wall."""
    words = {
        "store": "processor time of an order: the store, its receipt sent",
        "gateway": "  the practice gateway and the mail server",
    }
    for who, seconds in took.items():
        report.add(plain(words[who], seconds / done * 1000, "ms"))
    report.add(plain("  the buyers", buyers / done * 1000, "ms"))
    whole = (sum(took.values()) + buyers) / done
    cores = os.cpu_count() or 1
    report.add(plain(f"  orders a second that {cores} cores have time for", cores / whole, "/s"))


def _await_quiet(processes: tuple[int, ...]) -> float:
    """Until store and gateway rest: after a start, and while the last receipts are sent, they do
    not. Returns the processor time that a second of rest costs."""
    deadline = time.monotonic() + _QUIET_SECONDS_MAX
    while True:
        before = sum(map(_cpu_seconds, processes))
        time.sleep(_QUIET_SECONDS)
        resting = (sum(map(_cpu_seconds, processes)) - before) / _QUIET_SECONDS
        if resting < _RESTING_MAX or time.monotonic() > deadline:
            return resting


def _all_at_once(store: Throwaway, plan: str) -> tuple[int, float, float]:
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        share = USERS // _PROCESSES
        jobs = [
            pool.submit(users, (store.origin, store.gateway), plan, share, number)
            for number in range(_PROCESSES)
        ]
        counts = [job.result() for job in jobs]
    done, spent, worked = zip(*counts, strict=True)
    return sum(done), max(spent), sum(worked)


def users(where: tuple[str, str], plan: str, count: int, process: int) -> tuple[int, float, float]:
    """In a process of its own: so many buyers in threads. Orders done, seconds on the wall, and
    seconds of processor time. Raises what a buyer met that is not a paid order."""
    done = [0] * count
    ends = time.perf_counter() + _SECONDS

    def keep_buying(number: int) -> None:
        while time.perf_counter() < ends:
            buyer = Buyer(*where)
            buyer.buy(plan, f"user{process}.{number}.{done[number]}@example.com")
            buyer.leave()
            done[number] += 1

    began, worked = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(keep_buying, range(count)))
    return sum(done), time.perf_counter() - began, time.process_time() - worked


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
