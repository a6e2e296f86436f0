"""The purpose in force: which one, since which entry point, and how to switch.

One context variable holds one frozen value. A new thread starts with none. Code never chooses a
purpose freely: it can switch only to one whose callers name the entry point it runs in."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Literal, ParamSpec, TypeVar

from upheld.db.doom import doom
from upheld.db.frames import calling_line, nearest_inventory
from upheld.policy import Policy, current
from upheld.policy.errors import UndeclaredPurpose
from upheld.policy.model import EntryKind

# "test" is the entry point of a test: it may hold every declared purpose.
_Kind = EntryKind | Literal["none", "test"]
_P = ParamSpec("_P")
_R = TypeVar("_R")
_Row = TypeVar("_Row")

_log = logging.getLogger("upheld.db")
_CLAUSE = "P44"
# Before a policy is in force nothing is readable, but a schema must be able to come into being.
_SCHEMA_COMMANDS_BEFORE_POLICY = frozenset({"migrate", "upgrade"})


@dataclass(frozen=True, slots=True)
class InForce:
    """What the database decides by. `revealed` opens every declared column for reading."""

    purpose: str | None = None
    kind: _Kind = "none"
    name: str = ""
    revealed: bool = False

    def __str__(self) -> str:
        where = f"{self.kind} {self.name!r}" if self.kind != "none" else "no entry point"
        return f"{self.purpose or 'none'} ({where})"


_NOTHING = InForce()
_value: ContextVar[InForce] = ContextVar("upheld_purpose_in_force", default=_NOTHING)
_held: tuple[Policy | None, dict[tuple[str, str], frozenset[str]]] = (None, {})


def now_in_force() -> InForce:
    """The whole value, for the monitor."""
    return _value.get()


def in_force() -> str | None:
    """The name of the purpose in force, or None."""
    return _value.get().purpose


def schema_change_allowed() -> bool:
    """Whether the entry point is a command that may change the schema, such as `upgrade`."""
    value = _value.get()
    if value.kind != "command":
        return False
    policy = _policy()
    if policy is None:
        return value.name in _SCHEMA_COMMANDS_BEFORE_POLICY
    return value.name in policy.inventory.schema_commands


@contextmanager
def entry_point(kind: EntryKind, name: str) -> Iterator[None]:
    """Run the body as this route, job or command. It starts with no purpose, or, where exactly
    one purpose lists this entry point, with that one; those that are entered only inside others
    do not count. Nothing of an outer entry point stays."""
    purposes = _purposes_of(kind, name) - _inner_purposes()
    only = next(iter(purposes)) if len(purposes) == 1 else None
    with _set(InForce(only, kind, name)):
        yield


@contextmanager
def purpose(name: str) -> Iterator[None]:
    """Run the body under `name` in place of the purpose in force. Raises `UndeclaredPurpose`
    where `name` does not list the entry point, and dooms an open transaction."""
    value = _value.get()
    if not _may_hold(value, name):
        doom()
        raise _refusal(value, name)
    with _set(replace(value, purpose=name, revealed=False)):
        yield


def for_purpose(name: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Decorator: every call runs under purpose `name`, refused as `purpose()` refuses."""

    def decorate(act: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(act)
        def under_purpose(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            with purpose(name):
                return act(*args, **kwargs)

        return under_purpose

    return decorate


def stream(purpose_name: str, rows: Iterable[_Row]) -> Iterator[_Row]:
    """`rows` one by one, each step taken under `purpose_name` and handed out without it, so the
    consumer of a stream never runs in the stream's purpose."""
    with purpose(purpose_name):
        steps = iter(rows)
    while True:
        with purpose(purpose_name):
            try:
                row = next(steps)
            except StopIteration:
                return
        yield row


@contextmanager
def reveal_without_purpose(*, reason: str, reviewed_by: str) -> Iterator[None]:
    """The one back door: the body may read every declared column. Each use is in a snapshot and
    in the log. Raises `ValueError` where the reason or the reviewer is missing."""
    if not reason.strip() or not reviewed_by.strip():
        raise ValueError("Say why personal data is read without a purpose, and who reviewed it.")
    _log.warning(
        "personal data revealed without a purpose: %s (reviewed by %s, at %s)",
        reason,
        reviewed_by,
        calling_line(),
    )
    with _set(replace(_value.get(), purpose=None, revealed=True)):
        yield


@contextmanager
def no_purpose() -> Iterator[None]:
    """Run the body at the same entry point with no purpose."""
    with _set(replace(_value.get(), purpose=None, revealed=False)):
        yield


@contextmanager
def probing(name: str | None) -> Iterator[None]:
    """For `upheld.db.probe` alone: stand under `name` to see a read refused."""
    with _set(InForce(name, "command", "prove")):
        yield


@contextmanager
def purpose_for_test(name: str) -> Iterator[None]:
    """Tests only: any declared purpose, whatever the entry point, and leave to switch to any
    other. A request made inside still starts as its own route does."""
    if name not in current().purposes:
        raise LookupError(f"The policy declares no purpose {name!r}.")
    with _set(InForce(name, "test", name)):
        yield


@contextmanager
def _set(value: InForce) -> Iterator[None]:
    token = _value.set(value)
    try:
        yield
    finally:
        _value.reset(token)


def _policy() -> Policy | None:
    try:
        return current()
    except LookupError:
        return None


def _purposes_of(kind: EntryKind, name: str) -> frozenset[str]:
    """What the inventories say, remembered for the policy in force: each request asks."""
    global _held
    policy = _policy()
    if policy is None:
        return frozenset()
    if _held[0] is not policy:
        _held = (policy, {})
    found = _held[1].get((kind, name))
    if found is None:
        found = _held[1][(kind, name)] = policy.inventory.purposes_of(kind, name)
    return found


def _inner_purposes() -> frozenset[str]:
    policy = _policy()
    return policy.inventory.inner_purposes if policy else frozenset()


def _may_hold(value: InForce, name: str) -> bool:
    if value.kind == "none":
        return False
    if value.kind == "test":
        policy = _policy()
        return policy is not None and name in policy.purposes
    return name in _purposes_of(value.kind, value.name)


def _refusal(value: InForce, name: str) -> UndeclaredPurpose:
    policy = _policy()
    declared = policy.purposes.get(name) if policy else None
    where = calling_line()
    if declared is None:
        remedy = f"Declare [purpose] {name} in policy.toml, or use a purpose that is there."
    elif value.kind in ("none", "test"):
        remedy = "Call this from a route, a job or a command: entry_point() stands around those."
    else:
        remedy = (
            f'add "{value.name}" to {value.kind}s under [purposes.{name}] in '
            f"{nearest_inventory()}, if the clause allows it."
        )
    return UndeclaredPurpose(
        clause=declared.clause if declared else _CLAUSE,
        field=f"purpose {name}",
        problem=f"may not be held here\n  In force: {value}\n  Where: {where}",
        remedy=remedy,
    )
