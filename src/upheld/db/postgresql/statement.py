"""What kind of statement a text is, by its first word: all that may be sent begins with one of a
few. Text is read as the server reads it, so that no comment hides another word."""

from __future__ import annotations

import re
from enum import Enum

# A comment inside a comment is not understood here, so such a text has no first word.
_BLANK = r"(?:[ \t\n\r\f\v(]|--[^\n\r]*(?:[\n\r]|$)|/\*(?:(?!/\*|\*/).)*\*/)*"
_FIRST_WORD = re.compile(_BLANK + r"([A-Za-z]+)", re.DOTALL)
_NAME = r'(?:"[\w-]{1,63}"|\w{1,63})'
_BACK = re.compile(rf"ROLLBACK TO SAVEPOINT {_NAME}", re.ASCII)
_OWN = re.compile(
    rf"(?:RELEASE )?SAVEPOINT {_NAME}|SET CONSTRAINTS ALL (?:IMMEDIATE|DEFERRED)", re.ASCII
)
_DECLARE = re.compile(rf"DECLARE {_NAME} (?:NO )?(?:SCROLL )?CURSOR (?:WITH HOLD )?FOR ", re.ASCII)
_INSERT_TARGET = re.compile(r"\bINSERT\s+INTO\s+(?:\"?\w+\"?\.)?\"?(\w+)", re.IGNORECASE)
# They carry many rows in one, so a row budget could not count them.
_PACKING = re.compile(
    r"\b((?:string|array|json|jsonb|json_object|jsonb_object|xml|range)_?agg|json_objectagg"
    r"|json_arrayagg|(?:query|table|schema|database|cursor)_to_xml\w*)\b",
    re.IGNORECASE,
)


class Kind(Enum):
    """What the monitor does with a statement."""

    ROWS = "reads or writes rows"
    OWN = "is one of the back end's own"
    BACK = "goes back, and the role with it"
    OTHER = "is none of these"


_ROWS = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "VALUES"})
_READS = frozenset({"SELECT", "WITH", "VALUES"})


def first_word(text: str) -> str:
    """In capitals; '' where there is none to be sure of."""
    found = _FIRST_WORD.match(text)
    return found.group(1).upper() if found else ""


def kind_of(text: str, *, declares: bool = False) -> Kind:
    """`declares` is for a server-side cursor, whose text the driver puts DECLARE before."""
    if declares:
        declared = _DECLARE.match(text)
        reads = declared is not None and first_word(text[declared.end() :]) in _READS
        return Kind.ROWS if reads else Kind.OTHER
    if first_word(text) in _ROWS:
        return Kind.ROWS
    if _BACK.fullmatch(text):
        return Kind.BACK
    return Kind.OWN if _OWN.fullmatch(text) else Kind.OTHER


def verb(text: str) -> str:
    """The word that says what is done: the first, or that of a declared cursor's statement."""
    declared = _DECLARE.match(text)
    return first_word(text[declared.end() :] if declared else text)


def names(text: str) -> frozenset[str]:
    """Every word of the text, quoted or not, strings included: more than it names, never less."""
    return frozenset(re.findall(r"\w+", text.lower()))


def insert_target(text: str) -> str | None:
    """The table an INSERT, wherever it stands in the text, puts its rows into."""
    found = _INSERT_TARGET.search(text)
    return found.group(1).lower() if found else None


def packing(text: str) -> str | None:
    """The name of a function in the text that puts many rows into one."""
    found = _PACKING.search(text)
    return found.group(1) if found else None
