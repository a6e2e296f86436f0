"""A file of the policy, read whole or refused with a sentence: nothing is ever half read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upheld.policy.errors import Finding, PolicyInvalid
from upheld.policy.lines import LineIndex

BYTES_MAX = 256 * 1024
# tomllib's work grows with the square of a key's depth; ours are four deep.
_TOO_DEEP = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){20}""", re.ASCII)
_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file's values and where each of them stands."""

    name: str
    values: Mapping[str, Any]
    lines: LineIndex

    def finding(
        self, path: tuple[str, ...], problem: str, remedy: str, clause: str | None = None
    ) -> Finding:
        """A finding at the line of `path`; at the first line where it concerns the whole file."""
        return Finding(self.name, self.lines.line(path) or 1, clause, problem, remedy)


def read_text(path: Path) -> str:
    """The file's text. Raises `PolicyInvalid` if it is none, too large or not plain UTF-8."""
    try:
        if not path.exists():
            raise _refusal(path, "the file is missing", "Put it there, or correct the path.")
        if not path.is_file():
            raise _refusal(path, "this is not a file", "Put a plain text file in its place.")
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise _refusal(
            path,
            f"the file cannot be read ({reason})",
            "Give the store's user the right to read it.",
        ) from None
    if len(data) > BYTES_MAX:
        raise _refusal(
            path,
            f"the file is larger than {BYTES_MAX // 1024} KiB",
            "A policy is a page of text; look what fell into this file.",
        )
    return _decoded(path, data)


def _decoded(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(
            path, "the file is not UTF-8 from here on", "Save it as UTF-8.", line
        ) from None
    if text.startswith(_BOM):
        raise _refusal(
            path,
            "the file begins with a byte order mark, which TOML and Markdown do not know",
            "Save it as UTF-8 without BOM.",
            1,
        )
    return text.replace("\r\n", "\n")


def read_toml(path: Path) -> TomlFile:
    """The file's values and lines. Raises `PolicyInvalid` with the first error of syntax."""
    text = read_text(path)
    for number, line in enumerate(text.split("\n"), 1):
        if _TOO_DEEP.search(line):
            raise _refusal(path, "a key with twenty dots", "Write it as a table.", number)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, str(error), text) from None
    except RecursionError:
        raise _refusal(
            path, "the values are nested too deeply", "Close the brackets where they end."
        ) from None
    except ValueError:
        raise _refusal(
            path, "a number with thousands of digits", "Write a number a person can read."
        ) from None
    return TomlFile(str(path), values, LineIndex(text))


def _syntax_error(path: Path, message: str, text: str) -> PolicyInvalid:
    found = _WHERE.search(message)
    line = int(found[1]) if found and found[1] else text.count("\n") + 1
    said = message[: found.start()] if found else message
    column = f", column {found[2]}" if found and found[2] else ""
    if re.match(r"Cannot overwrite|Cannot declare|Duplicate|Cannot mutate|Cannot redefine", said):
        return _refusal(
            path,
            f"this key or table stands twice ({said}{column})",
            "Keep one of the two.",
            line,
        )
    return _refusal(
        path, f"this is not TOML: {said}{column}", "Correct this line; the rest is not read.", line
    )


def _refusal(path: Path, problem: str, remedy: str, line: int | None = None) -> PolicyInvalid:
    return PolicyInvalid([Finding(str(path), line, None, problem, remedy)])
