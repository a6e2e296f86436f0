"""One table of a TOML file, read value by value in a closed world: what is missing, of another
type, out of range or unknown becomes a finding, and reading goes on to find the rest."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from upheld.policy.errors import Finding
from upheld.policy.reading import TomlFile

# A hundred years: longer is "for ever" in disguise.
DAYS_MAX = 36500
TEXT_MAX = 1000
_SHOWN_MAX = 10**15
_CLAUSE = re.compile(r"P(?:0[1-9]|[1-4]\d|50)", re.ASCII)
_SPOKEN: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    str: "text",
    list: "a list",
    dict: "a table",
    date: "a date",
    datetime: "a time",
}


class Section:
    """The values of one table. Every `read` marks its key as known; `close` reports the rest."""

    def __init__(
        self, file: TomlFile, path: tuple[str, ...], values: object, findings: list[Finding]
    ) -> None:
        self.file, self.path, self.findings = file, path, findings
        self._known: set[str] = set()
        self.values: Mapping[str, Any] = values if isinstance(values, dict) else {}
        clause = self.values.get("clause")
        self.clause_id = clause if isinstance(clause, str) and _CLAUSE.fullmatch(clause) else None
        if not isinstance(values, dict):
            self.wrong(None, f"{self.title} is {spoken(values)}, not a table", "Write it as one.")

    @property
    def title(self) -> str:
        """The table's name as the file writes it."""
        return ".".join(f'"{part}"' if "." in part else part for part in self.path) or "the file"

    def wrong(self, key: str | None, problem: str, remedy: str) -> None:
        """Add a finding at `key`, or at the table itself."""
        path = self.path if key is None else (*self.path, key)
        self.findings.append(self.file.finding(path, problem, remedy, self.clause_id))

    def has(self, key: str) -> bool:
        """Whether the key stands there, whatever it holds."""
        return key in self.values

    def _read(self, key: str, kind: type, default: Any, required: bool) -> Any:
        self._known.add(key)
        if key not in self.values:
            if required:
                self.wrong(None, f"{self.title} has no {key}", f"Add {key} = … here.")
            return default
        value = self.values[key]
        if type(value) is not kind:
            self.wrong(
                key,
                f"{key} is {spoken(value)}, not {_SPOKEN[kind]}",
                f"Write {key} as {_SPOKEN[kind]}.",
            )
            return default
        return value

    def text(self, key: str, *, required: bool = True, matches: str | None = None) -> str:
        """A line of text that is not blank; `matches` is its pattern."""
        value: str = self._read(key, str, "", required)
        if key in self.values and type(self.values[key]) is str:
            if not value.strip() or not value.isprintable() or len(value) > TEXT_MAX:
                self.wrong(key, f"{key} is not one line of text", f"Say {key} in one line.")
            elif matches and not re.fullmatch(matches, value, re.ASCII):
                self.wrong(
                    key, f"{key} is {value!r}, which has another form", f"Its form is {matches}"
                )
        return value

    def clause(self) -> str:
        """The id of the clause that promises this."""
        return self.text("clause", matches=_CLAUSE.pattern)

    def whole(self, key: str, low: int, high: int, *, required: bool = True) -> int | None:
        """A whole number from `low` to `high`; None if it is no such number."""
        value: int | None = self._read(key, int, None, required)
        if value is not None and not low <= value <= high:
            kind = "negative" if value < 0 else "nothing" if value == 0 else "too small"
            kind = "more than can be meant" if value > high else kind
            shown = str(value) if abs(value) < _SHOWN_MAX else "enormous"
            self.wrong(key, f"{key} is {shown}, which is {kind}", f"Write {low} to {high}.")
            return None
        return value

    def days(self, key: str, *, required: bool = True) -> int | None:
        """A period in days."""
        return self.whole(key, 1, DAYS_MAX, required=required)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        return bool(self._read(key, bool, default, False))

    def day(self, key: str) -> date:
        """A date without a time."""
        value: date = self._read(key, date, date.min, True)
        return value

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        """One of a few words."""
        value = self.text(key)
        if value and value not in allowed:
            self.wrong(key, f"{key} is {value!r}", f"Choose one of: {', '.join(sorted(allowed))}.")
        return value

    def words(
        self, key: str, *, required: bool = False, matches: str | None = None
    ) -> frozenset[str]:
        """A list of different words."""
        listed = self._read(key, list, [], required)
        found: set[str] = set()
        for item in listed:
            if not isinstance(item, str) or not 0 < len(item) <= TEXT_MAX:
                self.wrong(key, f"{key} lists {spoken(item)}", "List words in quotes.")
            elif matches and not re.fullmatch(matches, item, re.ASCII):
                self.wrong(key, f"{key} lists {item!r}, which has another form", f"It is {matches}")
            elif item in found:
                self.wrong(key, f"{key} lists {item!r} twice", "Keep one of the two.")
            else:
                found.add(item)
        return frozenset(found)

    def pairs(self, key: str, matches: str | None = None) -> dict[str, str]:
        """A table of texts, such as column → field."""
        inner = self.inner(key)
        return {name: inner.text(name, matches=matches) for name in inner.values}

    def inner(self, key: str, *, required: bool = False) -> Section:
        """A table inside this one; an empty one if it is missing."""
        self._known.add(key)
        if key not in self.values:
            if required:
                self.wrong(None, f"{self.title} has no {key}", f"Add [{key}], even if empty.")
            return Section(self.file, (*self.path, key), {}, self.findings)
        return Section(self.file, (*self.path, key), self.values[key], self.findings)

    def each(self, matches: str = r"[a-z][a-z0-9_]*") -> Iterator[tuple[str, Section]]:
        """Every table inside this one with its name."""
        for name in self.values:
            self._known.add(name)
            if not re.fullmatch(matches, name, re.ASCII):
                self.wrong(name, f"the name {name!r} has another form", f"A name here is {matches}")
                continue
            yield name, Section(self.file, (*self.path, name), self.values[name], self.findings)

    def close(self) -> None:
        """Report every key that nobody asked for."""
        for key in self.values:
            if key not in self._known:
                known = ", ".join(sorted(self._known)) or "nothing"
                self.wrong(
                    key, f"{self.title} has an unknown {key}", f"Known here: {known}. Remove it."
                )


def spoken(value: object) -> str:
    """What a value is, in words, with the value where that is short."""
    kind = _SPOKEN.get(type(value), "something else")
    short = isinstance(value, float | bool) or (isinstance(value, str) and len(value) <= 40)
    if short or (isinstance(value, int) and abs(value) < _SHOWN_MAX):
        return f"{kind} ({value!r})"
    return kind
