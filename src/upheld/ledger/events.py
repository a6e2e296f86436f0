"""What the ledger may hold: past participles with numbers, days and codes, never a person.

A log that cannot forget must have nothing to forget, so its type leaves no room for a name, an
address or an identifier of someone."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from datetime import date, datetime

_CODE = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}", re.ASCII)
_IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
# A phone, a card or an account number; a digest of 64 hexadecimal digits is none.
_LONG_NUMBER = re.compile(r"\d(?:[.:_-]?\d){6,}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Code(str):
    """A word of our own making (a promise, a table, a purpose): no sentence, no identifier."""

    __slots__ = ()

    def __new__(cls, text: str) -> Code:
        """Raises `ValueError`, without repeating the text, for anything that could be personal."""
        if not _CODE.fullmatch(text):
            raise ValueError("A ledger code is 1 to 64 letters, digits or _.:-, one a letter.")
        if not _DIGEST.fullmatch(text) and (
            _IDENTIFIER.fullmatch(text) or _LONG_NUMBER.search(text)
        ):
            raise ValueError("A ledger code must not be an identifier or a long number.")
        return super().__new__(cls, text)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Each str of a subclass is checked and kept as a `Code`."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                object.__setattr__(self, field.name, Code(value))
            elif type(value) not in (int, date):  # exactly: a bool or a datetime is neither
                name = f"{type(self).__name__}.{field.name}"
                raise TypeError(f"{name} holds an int, a date or a code.")

    def facts(self) -> str:
        """The event's facts as canonical JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return canonical(
            {name: v.isoformat() if isinstance(v, date) else v for name, v in values.items()}
        )


@dataclass(frozen=True, slots=True)
class VaultDestroyed(Event):
    """The key of one day's vault is gone, and `values` sealed values with it."""

    day: date
    values: int


@dataclass(frozen=True, slots=True)
class KeyFoundAgain(Event):
    """A key lay on the disk after its vault was recorded as destroyed; it was destroyed again."""

    day: date


@dataclass(frozen=True, slots=True)
class DestructionHalted(Event):
    """The clock cannot be believed, so no key was destroyed."""

    code: str


@dataclass(frozen=True, slots=True)
class DataRemoved(Event):
    """Rows of one table reached the end of their period and were removed or emptied."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class SubjectErased(Event):
    """All that could go of one person is gone; `kept` kinds of rows stay for a while."""

    kept: int


@dataclass(frozen=True, slots=True)
class RemainderErased(Event):
    """What had stayed of an erased person is gone too."""

    kinds: int


@dataclass(frozen=True, slots=True)
class PromiseProven(Event):
    """A proof looked at `population` things and found the promise kept."""

    promise: str
    population: int


@dataclass(frozen=True, slots=True)
class PromiseBroken(Event):
    """A proof found the promise broken."""

    promise: str


@dataclass(frozen=True, slots=True)
class PurposeOpened(Event):
    """An operator opened a purpose by hand."""

    purpose: str
    command: str


@dataclass(frozen=True, slots=True)
class DataRevealed(Event):
    """A staff member was shown `fields` fields of one person, for this purpose."""

    purpose: str
    fields: int


@dataclass(frozen=True, slots=True)
class PolicyPublished(Event):
    """A version of the policy was frozen and posted; the digest is of all that it promises."""

    version: int
    digest: str
    loosened: int


@dataclass(frozen=True, slots=True)
class PolicyApproved(Event):
    """A second person approved a version that loosens promises."""

    version: int


@dataclass(frozen=True, slots=True)
class PolicyRevoked(Event):
    """A version was taken back before it took effect."""

    version: int


@dataclass(frozen=True, slots=True)
class OrderWithheld(Event):
    """An order was paid and could not be delivered; its money goes back by itself."""

    cause: str


@dataclass(frozen=True, slots=True)
class TermsPublished(Event):
    """A version of the terms of sale was frozen and posted; the digest is of its words."""

    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class PolicyInForce(Event):
    """A process first ran by a version of the policy; the digest is of all that it promises."""

    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class LogContinued(Event):
    """From here on the log has another name, because it may lack what was signed under the name
    before. `size` and `root` are those of the newest checkpoint that was known then."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class BackupMade(Event):
    """An archive of `rows` rows was written, restored to a scratch place, and found good."""

    rows: int


@dataclass(frozen=True, slots=True)
class StoreRestored(Event):
    """A backup of this day was put back; what `erased` subjects had asked to be gone and came
    back with it was erased again."""

    made: date
    erased: int


@dataclass(frozen=True, slots=True)
class ErasuresMissing(Event):
    """A backup was put back without the list of erasures made since, on the owner's word."""

    made: date


def canonical(value: dict[str, object]) -> str:
    """One spelling for one meaning: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def leaf_data(index: int, at: datetime, event: str, facts: str) -> bytes:
    """The bytes that the tree is built over."""
    leaf: dict[str, object] = {
        "at": at.isoformat(),
        "event": event,
        "facts": facts,
        "index": index,
    }
    return canonical(leaf).encode()
