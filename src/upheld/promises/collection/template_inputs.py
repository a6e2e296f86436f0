"""Inputs that stand in templates by hand, found without rendering anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from django.template import engines

_COMMENT = re.compile(r"\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|\{#.*?#\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_VARIABLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_CONTROL = re.compile(r"<(?:input|select|textarea|button)\b", re.IGNORECASE)
_CONTROLS = frozenset({"input", "select", "textarea", "button"})
# Stands where a template would write a name of its own making.
COMPUTED = "…"


@dataclass(frozen=True, slots=True)
class RawInput:
    """One named control: in which template, under which name the browser sends it."""

    template: str
    path: Path
    line: int
    name: str


class _Finder(HTMLParser):
    """Collects (line, name) of every control that a browser would send."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _CONTROLS:
            return
        name = dict(attrs).get("name")
        if name is None and any(COMPUTED in attribute for attribute, _ in attrs):
            name = COMPUTED  # `<input {{ attributes }}>` may hold any
        if name:
            self.found.append((self.getpos()[0], name))


def inputs_of(text: str) -> list[tuple[int, str]]:
    """(line, name) of each control in a template's source, Django's tags looked past."""
    if not _CONTROL.search(text):
        return []
    # Line breaks stay, so that the lines still count.
    plain = _COMMENT.sub(_only_breaks, text)
    plain = _VARIABLE.sub(COMPUTED, _TAG.sub(_only_breaks, plain))
    finder = _Finder()
    finder.feed(plain)
    finder.close()
    return finder.found


def _only_breaks(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n") or " "


def template_folders() -> list[Path]:
    """Every folder that templates are taken from, the theme's first."""
    return [Path(folder) for engine in engines.all() for folder in engine.template_dirs]


def template_inputs(folders: Iterable[Path]) -> Iterator[RawInput]:
    """Each control in each template, whatever its file is called. A template that hides another of
    its name counts too: the theme may be taken away."""
    for folder in folders:
        for path in sorted(file for file in folder.rglob("*") if file.is_file()):
            name = path.relative_to(folder).as_posix()
            text = path.read_text("utf-8", errors="replace")
            for line, control in inputs_of(text):
                yield RawInput(name, path, line, control)
