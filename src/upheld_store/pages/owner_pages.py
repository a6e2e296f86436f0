"""The owner's own pages: `pages/*.md` in the owner's folder.

A page begins with lines such as `Title: About us`, ends them with a blank line, and goes on in
Markdown. No such line is needed: a page without a title is called after its file."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from django.utils.safestring import SafeString

from upheld.web import markdown

TERMS = "terms"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FACT = re.compile(r"(Title|Summary|Version|Effective): +(.+)")


@dataclass(frozen=True, slots=True)
class OwnerPage:
    """One page. `facts` are its first lines by name, in small letters."""

    slug: str
    title: str
    markdown: str
    facts: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def html(self) -> SafeString:
        """The page's text as it is shown, below the title."""
        return markdown.render(self.markdown, top=2)


def pages_of(store: Path) -> tuple[OwnerPage, ...]:
    """Every page of the owner's folder, by title. The terms have an address of their own and
    are not among them."""
    found = [read_page(store, path.stem) for path in (store / "pages").glob("*.md")]
    pages = [page for page in found if page is not None and page.slug != TERMS]
    return tuple(sorted(pages, key=lambda page: page.title.lower()))


def read_page(store: Path, slug: str) -> OwnerPage | None:
    """One page, or None where there is no file of that name. A slug cannot leave the folder."""
    path = store / "pages" / f"{slug}.md"
    if not _SLUG.fullmatch(slug):
        return None
    try:
        return _parse(slug, path, path.stat().st_mtime_ns)
    except OSError:
        return None


@functools.lru_cache(maxsize=64)
def _parse(slug: str, path: Path, modified_ns: int) -> OwnerPage:
    # Read again only when the file was changed: every page of the store lists these in its foot.
    lines = path.read_text("utf-8-sig", errors="replace").splitlines()
    facts: dict[str, str] = {}
    for line in lines:
        fact = _FACT.fullmatch(line.strip())
        if fact is None:
            break
        facts[fact[1].lower()] = fact[2]
    title = facts.get("title") or slug.replace("-", " ").capitalize()
    body = "\n".join(lines[len(facts) :]).strip()
    return OwnerPage(slug, title, body, MappingProxyType(facts))
